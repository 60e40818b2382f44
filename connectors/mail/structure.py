"""The tree of parts of a mail, found without recursion and in time linear in its size.

The standard library's parser is not used: before any limit of ours could apply, its own reading
of one `Content-Type` field with 200,000 semicolons takes more than 8 s, and a few hundred nested
parts exhaust its stack. Limits: `MAX_RAW`, `MAX_HEADER_BLOCK`, `MAX_PARTS`, `MAX_DEPTH`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from connectors.mail.charsets import clean_line, decode_text
from connectors.mail.headers import MAX_HEADER_BYTES, RawHeaders, decode_words, unfold

MAX_RAW = 35 * 1024 * 1024
MAX_HEADER_BLOCK = 256 * 1024
MAX_PARTS = 1000
MAX_DEPTH = 30
MAX_SCANNED = 256 * 1024 * 1024
"""Bytes searched for boundaries; each level of nesting searches its content once more."""

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_MEDIA_TYPE = re.compile(r"\s*([\w!#$&^.+-]{1,80})\s*/\s*([\w!#$&^.+-]{1,120})")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_SNIFFED = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,69}?)[ \t]*\r?\n(?=[Cc]ontent-)")
_DELIMITER_REST = re.compile(rb"(--)?[ \t]{0,1000}(?:\r?\n|\r?\Z)")
_MAX_PARAMETERS = 200
_MAX_TYPE_FIELD = 8 * 1024
_MESSAGE_TYPES = frozenset({"message/rfc822", "message/global", "message/news"})


@dataclass(slots=True, eq=False)
class Part:
    """One node of the tree. Its bytes are `raw[start:end]`, headers excluded."""

    raw: bytes
    start: int
    end: int
    depth: int = 0
    headers: RawHeaders = field(default_factory=RawHeaders)
    media_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    children: list["Part"] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        """The undecoded body."""
        return self.raw[self.start : self.end]

    @property
    def major(self) -> str:
        """The media type's first half."""
        return self.media_type.partition("/")[0]

    @property
    def disposition(self) -> str:
        """`attachment`, `inline`, another token, or nothing."""
        return self.headers.text("content-disposition").partition(";")[0].strip().lower()

    @property
    def encoding(self) -> str:
        """The Content-Transfer-Encoding token in lower case."""
        value = self.headers.text("content-transfer-encoding")
        return value.partition(";")[0].strip(" \"'").lower()

    @property
    def file_name(self) -> str:
        """The name the sender gave the file, as sent; empty when none."""
        disposition = parameters(unfold(next(self.headers.raw("content-disposition"), b"")))
        return disposition.get("filename") or self.parameters.get("name", "")

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in the order of the mail."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.children))


def parse_tree(raw: bytes, defects: list[str]) -> Part:
    """Split a whole mail into its parts. Never raises; says in `defects` what was wrong."""
    if len(raw) > MAX_RAW:
        defects.append(f"larger than {MAX_RAW // 2**20} MB, the rest was not read")
        raw = raw[:MAX_RAW]
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    start = len(raw) - len(raw.lstrip(b"\r\n"))
    root = Part(raw, start, len(raw))
    waiting, count, scanned = [root], 1, 0
    while waiting:
        part = waiting.pop()
        _read_headers(part, defects)
        scanned += part.end - part.start if part.major == "multipart" else 0
        deep = part.depth >= MAX_DEPTH or scanned > MAX_SCANNED
        children = [] if deep else _children(part, MAX_PARTS - count, defects)
        if deep and part.major in {"multipart", "message"}:
            defects.append(f"nested deeper than {MAX_DEPTH} parts, or too deep for its size")
        part.children = children
        count += len(children)
        waiting.extend(reversed(children))
    return root


def _read_headers(part: Part, defects: list[str]) -> None:
    fields, part.start, problems = _scan_fields(part)
    defects.extend(problems)
    part.headers = RawHeaders(tuple(fields))
    default = part.media_type
    value = unfold(next(part.headers.raw("content-type"), b"")[:_MAX_TYPE_FIELD])
    match = _MEDIA_TYPE.match(value)
    if match:
        part.media_type = f"{match[1]}/{match[2]}".lower()
        part.parameters = parameters(value)
    elif value.strip():
        defects.append("Content-Type cannot be read")
        part.media_type = default
        part.parameters = parameters(value)


def _scan_fields(part: Part) -> tuple[list[tuple[str, bytes]], int, list[str]]:
    """Fields up to the blank line, the body's first offset, and what was wrong."""
    raw, position = part.raw, part.start
    limit = min(part.end, position + MAX_HEADER_BLOCK)
    fields: list[tuple[str, bytearray]] = []
    problems: list[str] = []
    while position < limit:
        cut = raw.find(b"\n", position, limit)
        after = limit if cut < 0 else cut + 1
        line = raw[position:after]
        if not _took_field(line, fields):
            if not line.strip():
                return _finished(fields), after, problems
            problems.append("a header line without a name")
            # In the head of a mail one broken line may stand between good ones.
            if part.depth or not fields or not _FIELD.match(raw, after, limit):
                return _finished(fields), position, problems
        position = after
    if limit == part.end:
        return _finished(fields), position, problems
    problems.append(f"header block longer than {MAX_HEADER_BLOCK // 1024} kB")
    blank = _BLANK_LINE.search(raw, limit - 1, part.end)
    return _finished(fields), blank.end() if blank else part.end, problems


def _took_field(line: bytes, fields: list[tuple[str, bytearray]]) -> bool:
    match = _FIELD.match(line)
    if match:
        fields.append((match[1].decode("ascii").lower(), bytearray(line[match.end() :])))
        return True
    if line[:1] in {b" ", b"\t"} and fields:
        if len(fields[-1][1]) < MAX_HEADER_BYTES:
            fields[-1][1].extend(line)
        return True
    return line.startswith((b"From ", b">From "))


def _finished(fields: list[tuple[str, bytearray]]) -> list[tuple[str, bytes]]:
    return [(name, bytes(value[:MAX_HEADER_BYTES]).strip()) for name, value in fields]


def _children(part: Part, room: int, defects: list[str]) -> list[Part]:
    if part.media_type in _MESSAGE_TYPES and part.encoding in {"", "7bit", "8bit", "binary"}:
        return [Part(part.raw, part.start, part.end, part.depth + 1)] if room > 0 else []
    if part.major != "multipart":
        return []
    spans = list(_spans(part, part.parameters.get("boundary", "").encode("utf-8", "replace"), room))
    if not spans:
        sniffed = _SNIFFED.search(part.raw, part.start, min(part.end, part.start + 65536))
        defects.append("multipart without a boundary that occurs in it")
        spans = list(_spans(part, sniffed[1], room)) if sniffed else []
    if len(spans) >= room:
        defects.append(f"more than {MAX_PARTS} parts, the rest was not read")
    default = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
    return [
        Part(part.raw, start, end, part.depth + 1, media_type=default)
        for start, end in spans[: max(room, 0)]
    ]


def _spans(part: Part, boundary: bytes, room: int) -> Iterator[tuple[int, int]]:
    """Offsets of each child of a multipart, headers included; an unclosed last one counts."""
    opened: int | None = None
    for start, end, closing in _delimiters(part, boundary.rstrip()):
        if opened is not None:
            yield opened, _before_line_end(part.raw, opened, start)
            room -= 1
        opened = None if closing else end
        if closing or room <= 0:
            break
    if opened is not None and room > 0:
        yield opened, part.end


def _delimiters(part: Part, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where a delimiter line starts and ends, and whether it is the closing one."""
    mark = b"--" + boundary
    position = part.raw.find(mark, part.start, part.end) if boundary else -1
    while position >= 0:
        after = position + len(mark)
        if position == part.start or part.raw[position - 1 : position] == b"\n":
            rest = _DELIMITER_REST.match(part.raw, after, part.end)
            if rest:
                yield position, rest.end(), rest[1] is not None
                after = rest.end() - 1
        position = part.raw.find(mark, after, part.end)


def _before_line_end(raw: bytes, start: int, end: int) -> int:
    """The line break before a delimiter belongs to the delimiter (RFC 2046 §5.1.1)."""
    if end > start and raw[end - 1 : end] == b"\n":
        end -= 1
        if end > start and raw[end - 1 : end] == b"\r":
            end -= 1
    return end


def parameters(value: str) -> dict[str, str]:
    """Parameters of a structured field, RFC 2231 sections joined, RFC 2047 words decoded."""
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(value[:_MAX_TYPE_FIELD])):
        if count >= _MAX_PARAMETERS:
            break
        text = _unquoted(match[2])
        name = _SECTION.fullmatch(match[1].lower())
        if name is None or (name[2] is None and name[3] is None):
            plain.setdefault(match[1].lower(), clean_line(decode_words(text)))
        else:
            sections.setdefault(name[1], []).append((int(name[2] or 0), bool(name[3]), text))
    for key, parts in sections.items():
        plain[key] = _joined(sorted(parts, key=lambda part: part[0]))
    return plain


def _unquoted(text: str) -> str:
    text = text.strip()
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))
    return text


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    charset, data = "", bytearray()
    for _, encoded, text in parts:
        if encoded and not data and text.count("'") >= 2:  # noqa: PLR2004 — charset'language'text
            charset, _, text = text.split("'", 2)  # noqa: PLW2901
        data += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return clean_line(decode_text(bytes(data), charset)[0])
