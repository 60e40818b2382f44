"""Which parts of a mail are its text and which are attached files."""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from connectors.mail.charsets import clean_line
from connectors.mail.html import html_lines
from connectors.mail.lines import Line, plain_lines
from connectors.mail.structure import Part
from connectors.mail.transfer import size_of, text_of

MAX_NAME = 150
"""Characters of a file name that are shown."""
MAX_ATTACHMENTS = 200

_STUB_CHARS, _STUB_HTML = 20, 200
_NAME_JUNK = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff/\\\\]")
_STUB = re.compile(
    r"(?:view|read|display|visuali[sz]|ver |voir|anzeigen).{0,80}html|html.{0,60}(?:viewer|client|e-?mail)",
    re.IGNORECASE,
)
_ENCRYPTED = frozenset(
    {"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"}
)
_SIGNATURES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
# Text for programs, not for readers.
_MACHINE_TEXT = frozenset(
    {
        "text/calendar", "text/x-vcard", "text/vcard", "text/directory", "text/css", "text/csv", "text/xml",
        "text/javascript", "text/x-amp-html", "text/rfc822-headers",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAttachment:
    """What is known of an attached file: display name, media type, decoded size in bytes."""

    name: str
    media_type: str
    size: int
    part: Part | None = field(default=None, compare=False, repr=False)  # where its bytes are


class Dress(Enum):
    """How a text part was written."""

    PLAIN = auto()
    HTML = auto()


@dataclass(slots=True)
class Body:
    """The texts of one mail in order, and the files beside them.

    `html` is all HTML of the mail; `twins` is the HTML that a plain text made needless to read.
    """

    pieces: list[tuple[Dress, str]] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    twins: list[str] = field(default_factory=list)
    attachments: list[MailAttachment] = field(default_factory=list)

    def lines(self, defects: list[str]) -> list[Line]:
        """All texts, one below the other."""
        rows: list[Line] = []
        for dress, text in self.pieces:
            piece = plain_lines(text) if dress is Dress.PLAIN else html_lines(text, defects)
            if rows and piece:
                rows.append(Line(""))
            rows.extend(piece)
        return rows

    def words(self) -> str:
        """The beginning of the plain texts, for a look at whether they say anything."""
        return " ".join(
            text[:2000].strip() for dress, text in self.pieces if dress is Dress.PLAIN
        ).strip()


def read_body(root: Part, defects: list[str]) -> Body:
    """Sort the parts of a mail. A mail that only holds another mail has that one's text."""
    body = Body()
    _read(root, body, defects)
    if not any(text.strip() for _, text in body.pieces):
        inner = next(
            (part for part in root.walk() if part.major == "message" and part.children), None
        )
        if inner is not None:
            _read(inner.children[0], body, defects)
    return body


def _read(part: Part, body: Body, defects: list[str]) -> None:
    if part.media_type in _ENCRYPTED:
        defects.append("encrypted content, open it in the mailbox")
    if part.major == "multipart" and part.children:
        _read_multipart(part, body, defects)
    elif not _is_text(part):
        if len(body.attachments) < MAX_ATTACHMENTS:
            body.attachments.append(_attachment(part, len(body.attachments) + 1))
    elif part.media_type == "text/html":
        html = text_of(part, defects)
        body.html.append(html)
        body.pieces.append((Dress.HTML, html))
    else:
        body.pieces.append((Dress.PLAIN, text_of(part, defects)))


def _read_multipart(part: Part, body: Body, defects: list[str]) -> None:
    first, rest = part.children[0], part.children[1:]
    if part.media_type == "multipart/alternative":
        _read_alternative(part, body, defects)
    elif part.media_type == "multipart/report":
        _read(first, body, defects)
        body.attachments.extend(
            _attachment(child, n) for n, child in enumerate(rest[:MAX_ATTACHMENTS], 1)
        )
    else:
        for child in part.children:
            if child.media_type not in _SIGNATURES:
                _read(child, body, defects)


def _read_alternative(part: Part, body: Body, defects: list[str]) -> None:
    """One text in several dresses: the plain one, unless it is blank or says nothing."""
    plain, rich = Body(), Body()
    for child in part.children:
        if any(leaf.media_type == "text/html" for leaf in child.walk()):
            _read(child, rich, defects)
        elif not (_is_text(child) and plain.words()):
            _read(child, plain, defects)
    chosen = rich if rich.html and _says_nothing(plain.words(), rich) else plain
    body.pieces.extend(chosen.pieces)
    body.html.extend(rich.html)
    if chosen is plain:
        body.twins.extend(rich.html)
    body.attachments.extend([*plain.attachments, *rich.attachments])


def _says_nothing(words: str, rich: Body) -> bool:
    if len(words) < _STUB_CHARS:
        return not words or sum(len(line.bare) for line in rich.lines([])) > _STUB_HTML
    return len(words) < 2 * _STUB_HTML and _STUB.search(words) is not None


def _is_text(part: Part) -> bool:
    if part.disposition == "attachment" or part.media_type in _MACHINE_TEXT:
        return False
    if part.major == "multipart":
        return True  # without parts: its bytes may still be somebody's words
    return part.major == "text" and (part.depth == 0 or not part.file_name)


def _attachment(part: Part, number: int) -> MailAttachment:
    name = part.file_name
    if not name and part.children:
        name = f"{part.children[0].headers.text('subject') or 'message'}.eml"
    name = _NAME_JUNK.sub("", clean_line(name))[:MAX_NAME].strip(" .")
    return MailAttachment(
        name=name or f"attachment-{number}",
        media_type=part.media_type,
        size=size_of(part),
        part=part,
    )
