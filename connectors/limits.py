"""A reply held against its channel's limits before it leaves: split or refused, never cut."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from connectors.contract import File
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.manifest import AttachmentLimits, ReplyLimits

_MAGIC: Final[tuple[tuple[str, bytes], ...]] = (
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF8"),
    ("application/pdf", b"%PDF-"),
    ("application/zip", b"PK\x03\x04"),
)
"""First bytes of the usual formats, from their own specifications."""

_ZIPPED: Final = ("application/vnd.openxmlformats", "application/vnd.oasis", "application/zip")
_BREAKS: Final = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s"))
_BLANK: Final = re.compile(r"\s")


def measure(text: str, limits: ReplyLimits) -> int:
    """How long `text` is to the platform."""
    match limits.counts:
        case "bytes":
            return len(text.encode("utf-8", "surrogatepass"))
        case "utf16":
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        case _:
            return len(text)


def parts_of(text: str, limits: ReplyLimits) -> tuple[str, ...]:
    """The messages `text` goes out as: one, or several where the platform's manifest splits.

    A split falls at the end of a paragraph, else of a line, a sentence, a word.

    Raises:
        Rejected: too long, even in parts, or one word is longer than a message.
    """
    if limits.length is None or measure(text, limits) <= limits.length:
        return (text,)
    if limits.too_long == "refuse":
        raise Rejected(
            f"the answer is too long: {measure(text, limits)} of at most {limits.length} {_unit(limits)}"
        )
    parts: list[str] = []
    rest = text.strip()
    while rest:
        end = _end_of_part(rest, limits, limits.length)
        parts.append(rest[:end].strip())
        rest = rest[end:].strip()
        if len(parts) > limits.parts:
            raise Rejected(f"the answer is too long, even in {limits.parts} messages")
    return tuple(parts)


async def send_parts(parts: Sequence[str], send: Callable[[str], Awaitable[str]]) -> list[str]:
    """Send each part once, in order. Returns their ids.

    Raises:
        OutcomeUnknown: some parts are out and one is not: a person has to look.
        ConnectorError: whatever `send` raises for the first.
    """
    ids: list[str] = []
    for part in parts:
        try:
            ids.append(await send(part))
        except ConnectorError as error:
            if not ids:
                raise
            said = f"{len(ids)} of {len(parts)} messages went out, then: {error}"
            raise OutcomeUnknown(said) from error
    return ids


def check_files(files: Sequence[File], limits: ReplyLimits) -> None:
    """Raises Rejected for what the channel does not take, or what is not what it says it is."""
    if not files:
        return
    allowed = limits.attachments
    if allowed is None:
        raise Rejected("this channel takes no attachments")
    if len(files) > allowed.count:
        raise Rejected(f"{len(files)} attachments, at most {allowed.count}")
    for file in files:
        _check_file(file, allowed)
    if allowed.bytes_all is not None and sum(len(f.content) for f in files) > allowed.bytes_all:
        raise Rejected(f"the attachments are larger than {allowed.bytes_all:,} bytes together")


def _check_file(file: File, allowed: AttachmentLimits) -> None:
    if not any(_fits(file.media_type, kind) for kind in allowed.types):
        raise Rejected(f"{file.name}: {file.media_type} is not taken; {', '.join(allowed.types)}")
    if not file.content:
        raise Rejected(f"{file.name} is empty")
    if len(file.content) > allowed.bytes_each:
        raise Rejected(f"{file.name} is larger than {allowed.bytes_each:,} bytes")
    if not is_what_it_says(file):
        raise Rejected(f"{file.name} is no {file.media_type}: its first bytes are another format's")


def is_what_it_says(file: File) -> bool:
    """Whether the first bytes go with the media type, as far as the format is a known one."""
    said = file.media_type
    seen = next((kind for kind, magic in _MAGIC if file.content.startswith(magic)), None)
    if seen == "application/zip":
        return said.startswith(_ZIPPED)
    return seen == said or (seen is None and said not in dict(_MAGIC))


def _fits(media_type: str, kind: str) -> bool:
    return media_type == kind or (kind.endswith("/*") and media_type.startswith(kind[:-1]))


def _end_of_part(text: str, limits: ReplyLimits, most: int) -> int:
    if measure(text, limits) <= most:
        return len(text)
    fits = _longest_prefix(text, limits, most)
    for breaks in (*_BREAKS, _BLANK):
        ends = [match.start() for match in breaks.finditer(text, 0, fits + 1)]
        if ends and ends[-1] > 0:
            return ends[-1]
    raise Rejected("one word of the answer is longer than a whole message may be")


def _longest_prefix(text: str, limits: ReplyLimits, most: int) -> int:
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle], limits) <= most:
            low = middle
        else:
            high = middle - 1
    return low


def _unit(limits: ReplyLimits) -> str:
    return "bytes" if limits.counts == "bytes" else "characters"
