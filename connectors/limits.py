"""A reply held against its channel's limits before it leaves: split or refused, never cut."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from connectors.contract import Attachment, File
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.formats import agrees, covers
from connectors.manifest import AttachmentLimits, ReplyLimits
from sla_rules.worded import marked, worded

_BREAKS: Final = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s"))
_BLANK: Final = re.compile(r"\s")
_TOO_LONG: Final = {
    "bytes": marked("the answer is too long: {length} of at most {limit} bytes"),
    "characters": marked("the answer is too long: {length} of at most {limit} characters"),
}


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
            worded(
                _TOO_LONG[_unit(limits)],
                length=measure(text, limits),
                limit=limits.length,
            )
        )
    parts: list[str] = []
    rest = text.strip()
    while rest:
        end = _end_of_part(rest, limits, limits.length)
        parts.append(rest[:end].strip())
        rest = rest[end:].strip()
        if len(parts) > limits.parts:
            raise Rejected(
                worded("the answer is too long, even in {parts} messages", parts=limits.parts)
            )
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
    announced = [
        Attachment(name=file.name, media_type=file.media_type, size=len(file.content))
        for file in files
    ]
    check_announced(announced, limits)
    for file in files:
        check_bytes(file)


def check_announced(files: Sequence[Attachment], limits: ReplyLimits) -> None:
    """The same by names, types and sizes alone, before anybody has their bytes. Raises Rejected."""
    if not files:
        return
    allowed = limits.attachments
    if allowed is None:
        raise Rejected(worded("this channel takes no attachments"))
    if len(files) > allowed.count:
        raise Rejected(
            worded("{count} attachments, at most {limit}", count=len(files), limit=allowed.count)
        )
    for file in files:
        _check_file(file, allowed)
    if allowed.bytes_all is not None and sum(file.size for file in files) > allowed.bytes_all:
        most = f"{allowed.bytes_all:,}"
        raise Rejected(worded("the attachments are larger than {limit} bytes together", limit=most))


def _check_file(file: Attachment, allowed: AttachmentLimits) -> None:
    if not any(covers(kind, file.media_type) for kind in allowed.types):
        raise Rejected(
            worded(
                "{file}: {type} is not taken; {types}",
                file=file.name,
                type=file.media_type,
                types=", ".join(allowed.types),
            )
        )
    if not file.size:
        raise Rejected(worded("{file} is empty", file=file.name))
    if file.size > allowed.bytes_each:
        most = f"{allowed.bytes_each:,}"
        raise Rejected(worded("{file} is larger than {limit} bytes", file=file.name, limit=most))


def check_bytes(file: File) -> None:
    """Raises Rejected for a file whose first bytes are of another format than it says."""
    if not agrees(file.media_type, file.content):
        raise Rejected(
            worded(
                "{file} is no {type}: its first bytes are another format's",
                file=file.name,
                type=file.media_type,
            )
        )


def _end_of_part(text: str, limits: ReplyLimits, most: int) -> int:
    if measure(text, limits) <= most:
        return len(text)
    fits = _longest_prefix(text, limits, most)
    for breaks in (*_BREAKS, _BLANK):
        ends = [match.start() for match in breaks.finditer(text, 0, fits + 1)]
        if ends and ends[-1] > 0:
            return ends[-1]
    raise Rejected(worded("one word of the answer is longer than a whole message may be"))


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
