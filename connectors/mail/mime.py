"""Any bytes to a `ParsedMail`. Never raises; what was wrong is said in `defects`.

    parse_mail(raw).sender.address

Limits, all enforced before the work they bound: 35 MB of mail, 256 kB of header block, 64 kB of
one field, 1,000 parts, 30 levels, 1 MB of text, 1 MB of HTML.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import TypeVar

from connectors.mail.bodies import Body, MailAttachment, read_body
from connectors.mail.charsets import clean_line, clean_text
from connectors.mail.headers import (
    MailAddress,
    RawHeaders,
    addresses,
    decode_header,
    instant,
    message_id,
    message_ids,
)
from connectors.mail.html import html_lines
from connectors.mail.lines import Line, joined
from connectors.mail.quoting import new_text, subject_prefix
from connectors.mail.reports import Report, original_ids, read_report
from connectors.mail.structure import Part, parse_tree
from connectors.mail.tags import shows_history

__all__ = ["MailAddress", "MailAttachment", "ParsedMail", "Report", "parse_mail"]

MAX_DEFECTS = 50
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class ParsedMail:
    """One mail, understood as far as it can be. All text is storable and untrusted.

    Text holds no NUL, no control characters beside line feed and tab, and no lone surrogates;
    it may hold bidirectional and zero-width characters, which renderers neutralise.
    Ids are given without their angle brackets. `sent_at` is the sender's own claim, aware and
    UTC; it may lie in the future. `text` is all of the body.
    `html` is the HTML body as received, never to be shown.
    `original_ids` names the mail a bounce returns. `auto_submitted` is that header's value in
    lower case, None when it is missing.
    """

    message_id: str | None = None
    sender: MailAddress | None = None
    reply_to: MailAddress | None = None
    recipients: tuple[MailAddress, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    text: str = ""
    html: str | None = None
    auto_submitted: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    attachments: tuple[MailAttachment, ...] = ()
    original_ids: tuple[str, ...] = ()
    media_type: str = "text/plain"
    report: Report = field(default_factory=Report)
    defects: tuple[str, ...] = ()
    headers: RawHeaders = field(default_factory=RawHeaders, repr=False)
    cut: Callable[[], str] = field(default=str, repr=False, compare=False)

    @cached_property
    def new_text(self) -> str:
        """What the author wrote this time, without history and signature.

        Found when it is first asked for: telling history apart is the dearest part of reading a
        mail, and a channel whose mails frame the words does without it. All of the text, should
        it fail.
        """
        try:
            return self.cut()
        except Exception:  # noqa: BLE001 — as in `parse_mail`
            return self.text

    def header(self, name: str) -> str | None:
        """The first field of that name (any case) as display text, None when there is none."""
        return next(iter(self.header_all(name)), None)

    def header_all(self, name: str) -> tuple[str, ...]:
        """All fields of that name (any case) as display text, in the mail's order."""
        return tuple(decode_header(value) for value in self.headers.raw(name.lower()))


def parse_mail(raw: bytes) -> ParsedMail:
    """Read a mail as a client would, whatever its bytes are. Never raises."""
    data = bytes(raw)
    defects: list[str] = []
    root = _guarded("structure", lambda: parse_tree(data, defects), _opaque(data), defects)
    body = _guarded("body", lambda: read_body(root, defects), Body(), defects)
    subject = root.headers.text("subject")
    replied = message_ids(root.headers.raw("in-reply-to"))
    references = message_ids(root.headers.raw("references"))
    threaded = bool(replied or references or subject_prefix(subject) == "reply")
    lines = _guarded("text", lambda: body.lines(defects), list[Line](), defects)
    text = _guarded("text", lambda: clean_text(joined(lines)), "", defects)
    cut = partial(new_text, subject=subject, threaded=threaded)
    report = _guarded("report", lambda: read_report(root), Report(), defects)
    own_id = message_id(root.headers.raw("message-id"))
    auto = next(root.headers.raw("auto-submitted"), None)
    return ParsedMail(
        message_id=own_id,
        sender=_guarded("From", lambda: _sender(root.headers), None, defects),
        reply_to=_guarded("Reply-To", lambda: _reply_to(root.headers), None, defects),
        recipients=_guarded("To", lambda: _recipients(root.headers), (), defects),
        subject=subject,
        sent_at=_sent_at(root.headers, defects),
        text=text,
        html="\n".join(body.html) if body.html else None,
        auto_submitted=None if auto is None else decode_header(auto).lower(),
        in_reply_to=replied[0] if replied else None,
        references=references,
        attachments=tuple(body.attachments),
        original_ids=_guarded("report", lambda: original_ids(root, text, own_id), (), defects),
        media_type=root.media_type,
        report=report,
        defects=_named(defects, own_id),
        headers=root.headers,
        cut=partial(_own_words, cut, lines, text, body.twins),
    )


def _guarded(stage: str, work: Callable[[], _T], otherwise: _T, defects: list[str]) -> _T:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 — the promise of this module, for what nobody foresaw
        defects.append(f"{stage} cannot be read ({type(error).__name__})")
        return otherwise


def _opaque(data: bytes) -> Part:
    return Part(data, 0, min(len(data), 65536))


def _own_words(
    cut: Callable[[list[Line]], str], lines: list[Line], whole: str, twins: list[str]
) -> str:
    """The author's own part of the text.

    Plain twins of some clients carry the history without any sign; then the markup is asked.
    """
    own = clean_text(cut(lines))
    if own == whole and any(shows_history(html) for html in twins):
        rich = [line for html in twins for line in html_lines(html, [])]
        own = clean_text(cut(rich))
        return own if len(own) < len(whole) else whole
    return own


def _sender(headers: RawHeaders) -> MailAddress | None:
    """From, else Sender, else a From that is no address (`MAILER-DAEMON`)."""
    for name in ("from", "sender"):
        found = addresses(headers.raw(name))
        if found:
            return found[0]
    word = clean_line(headers.text("from")).strip("<>\"' ")
    return MailAddress(word[:200]) if word else None


def _reply_to(headers: RawHeaders) -> MailAddress | None:
    return next(iter(addresses(headers.raw("reply-to"))), None)


def _recipients(headers: RawHeaders) -> tuple[MailAddress, ...]:
    return addresses([*headers.raw("to"), *headers.raw("cc")])


def _sent_at(headers: RawHeaders, defects: list[str]) -> datetime | None:
    value = next(headers.raw("date"), None)
    if value is None:
        defects.append("no Date")
        return None
    moment = instant(value)
    if moment is None:
        defects.append("Date cannot be read")
    return moment


def _named(defects: list[str], own_id: str | None) -> tuple[str, ...]:
    if own_id is None:
        defects.append("no Message-ID")
    return tuple(dict.fromkeys(clean_line(defect) for defect in defects))[:MAX_DEFECTS]
