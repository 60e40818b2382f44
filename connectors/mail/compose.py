"""A reply as mail bytes. Written so that no header can be smuggled in and no id gets folded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime

from typing_extensions import override

from connectors.contract import File
from connectors.errors import Rejected
from connectors.formats import UNTOLD, plain_name

REFERENCES_BYTES = 900
"""Longer chains are cut in the middle: the first id and the newest are what threads hang on."""

_LONGEST_LINE = 998  # RFC 5322 2.1.1
_SUBJECT_LINE = 76  # leaves encoded words at the 75 characters of RFC 2047
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ADDRESS = re.compile(r"[^\s<>@\",;:()\x00-\x1f]{1,64}@[^\s<>@\",;:()\x00-\x1f]{1,253}")
_MESSAGE_ID = re.compile(r"[^<>\s\x00-\x1f]{1,900}")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,80}")
_COMPOSITE = frozenset({"message", "multipart"})
_RE = re.compile(r"^(?:\s*(?:re|aw|r|rif|sv|antw|ref)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)


class _WirePolicy(EmailPolicy):
    """Ids on one line whatever their length; only the subject is folded, at the usual width."""

    @override
    def fold_binary(self, name: str, value: str) -> bytes:
        width = _SUBJECT_LINE if name.lower() == "subject" else _LONGEST_LINE
        return SMTP.clone(max_line_length=width).fold_binary(name, value)


_WIRE = _WirePolicy(linesep="\r\n", max_line_length=_LONGEST_LINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One mail to one recipient. Ids are without angle brackets."""

    message_id: str
    from_address: str
    from_name: str
    to: str
    subject: str
    body: str
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    files: Sequence[File] = ()


def compose(mail: Outgoing, *, at: datetime) -> bytes:
    """The mail as it goes over the wire. Raises Rejected for what cannot be a mail."""
    message = EmailMessage(policy=_WIRE)
    local, _, domain = check_address(mail.from_address).rpartition("@")
    try:
        message["From"] = HeaderAddress(one_line(mail.from_name), local, domain)
        to_local, _, to_domain = check_address(mail.to).rpartition("@")
        message["To"] = HeaderAddress("", to_local, to_domain)
        message["Subject"] = one_line(mail.subject)
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{mail.message_id}>"
        if mail.in_reply_to and _MESSAGE_ID.fullmatch(mail.in_reply_to):
            message["In-Reply-To"] = f"<{mail.in_reply_to}>"
        chain = trim_references(mail.references)
        if chain:
            message["References"] = " ".join(f"<{one}>" for one in chain)
        body = clean_body(mail.body)
        plain = body.isascii() and all(len(line) < _LONGEST_LINE for line in body.split("\n"))
        message.set_content(body, charset="utf-8", cte="7bit" if plain else "quoted-printable")
        for file in mail.files:
            _attach(message, file)
    except ValueError as error:
        raise Rejected(f"this cannot be sent as mail: {type(error).__name__}") from None
    return message.as_bytes()


def _attach(message: EmailMessage, file: File) -> None:
    """Add a file as bytes of its own type, under a name that can be no path and no header."""
    major, _, minor = file.media_type.partition("/")
    if not _TOKEN.fullmatch(major) or not _TOKEN.fullmatch(minor) or major in _COMPOSITE:
        major, _, minor = UNTOLD.partition("/")
    name = one_line(plain_name(file.name))
    message.add_attachment(file.content, maintype=major, subtype=minor, filename=name)


def check_address(address: str) -> str:
    """`address`, if it is one bare address and nothing else. Raises Rejected."""
    if not _ADDRESS.fullmatch(address):
        raise Rejected("the recipient is not one plain e-mail address")
    return address


def one_line(text: str) -> str:
    """`text` with every line break and control character made a space: fit for a header."""
    return _BREAKS.sub(" ", text.encode("utf-8", "replace").decode()).strip()


def clean_body(text: str) -> str:
    """`text` with plain line breaks, without NUL and lone surrogates, ending in one line break."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return lines.encode("utf-8", "replace").decode().rstrip("\n") + "\n"


def reply_subject(subject: str) -> str:
    """`Re: ` and the subject, however often it was answered before and in which language."""
    bare = _RE.sub("", one_line(subject)).strip()
    return f"Re: {bare}"[:900] if bare else "Re:"


def trim_references(ids: Sequence[str], limit: int = REFERENCES_BYTES) -> tuple[str, ...]:
    """The first id and as many of the newest as fit in `limit` bytes of header."""
    chain = [
        one for one in dict.fromkeys(ids) if _MESSAGE_ID.fullmatch(one) and _width(one) < limit
    ]
    while sum(map(_width, chain)) > limit:
        del chain[1 if len(chain) > 2 else 0]  # noqa: PLR2004 - the first goes last of all
    return tuple(chain)


def _width(message_id: str) -> int:
    return len(message_id.encode()) + len("<> ")
