"""A leaf of a mail decoded: transfer encoding, charset, soft line breaks."""

import binascii
import quopri
import re

from connectors.mail.charsets import clean_text, decode_text
from connectors.mail.headers import tolerant_base64
from connectors.mail.structure import Part

MAX_TEXT = 1_000_000
"""Characters of text kept per mail."""
MAX_TEXT_LINES = 50_000
MAX_TEXT_BYTES = 4 * MAX_TEXT
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,200}\r?\n", re.MULTILINE)
_UUENCODINGS = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})


def decoded(part: Part, limit: int = MAX_TEXT_BYTES) -> bytes:
    """A leaf's content with its transfer encoding undone, about `limit` bytes of it."""
    data = part.raw[part.start : min(part.end, part.start + 2 * limit)]
    encoding = part.encoding
    if encoding == "base64":
        return tolerant_base64(data)[:limit]
    if encoding == "quoted-printable":
        return quopri.decodestring(data)[:limit]
    if encoding in _UUENCODINGS:
        return _uudecoded(data)[:limit]
    return data[:limit]


def _uudecoded(data: bytes) -> bytes:
    begin = _UU_BEGIN.search(data)
    if begin is None:
        return data
    content = bytearray()
    for row in data[begin.end() :].split(b"\n"):
        if row.strip() in {b"end", b"`"}:
            break
        try:
            content += binascii.a2b_uu(row.rstrip(b"\r"))
        except binascii.Error:
            continue
    return bytes(content)


def size_of(part: Part) -> int:
    """Decoded size in bytes; for base64 counted, not decoded."""
    if part.encoding != "base64":
        return len(decoded(part, len(part.raw))) if part.encoding else part.end - part.start
    letters = len(part.body.translate(None, b"\r\n\t =")) if part.end > part.start else 0
    return letters * 3 // 4


def text_of(part: Part, defects: list[str]) -> str:
    """A text leaf decoded, cleaned, unwrapped when it is format=flowed, cut at `MAX_TEXT`."""
    data = decoded(part)
    label = part.parameters.get("charset", "")
    if not label and part.media_type == "text/html":
        meta = _META_CHARSET.search(data[:4096])
        label = meta[1].decode("ascii") if meta else ""
    text, defect = decode_text(data, label)
    if defect:
        defects.append(defect)
    text = _bounded(clean_text(text.removeprefix("\ufeff")), defects)
    if part.parameters.get("format", "").lower() == "flowed":
        return unflowed(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _bounded(text: str, defects: list[str]) -> str:
    if len(text) > MAX_TEXT:
        defects.append(f"text longer than {MAX_TEXT // 1000} kB, the rest was not read")
        text = text[:MAX_TEXT]
    if text.count("\n") > MAX_TEXT_LINES:
        defects.append(f"text longer than {MAX_TEXT_LINES} lines, the rest was not read")
        text = "\n".join(text.split("\n", MAX_TEXT_LINES)[:MAX_TEXT_LINES])
    return text


def unflowed(text: str, *, delsp: bool) -> str:
    """Undo the soft line breaks of RFC 3676. Quote depth separates paragraphs."""
    rows: list[str] = []
    open_depth: int | None = None
    for row in text.split("\n"):
        content = row.lstrip(">")
        depth = len(row) - len(content)
        content = content.removeprefix(" ")
        soft = content.endswith(" ") and content != "-- "
        piece = content[:-1] if soft and delsp else content
        if open_depth == depth and content != "-- ":
            rows[-1] += piece
        else:
            rows.append(">" * depth + (" " if depth else "") + piece)
        open_depth = depth if soft else None
    return "\n".join(rows)
