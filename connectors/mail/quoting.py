"""What the author of a mail wrote this time, without the history below, above or between.

Losing a customer's words is worse than showing a quote, so each rule that cuts has a way back:
a forward is kept whole, answers between quotes keep their quotes, and when nothing would be
left everything is shown.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby

from connectors.mail import phrases
from connectors.mail.attribution import Role, roles
from connectors.mail.lines import Line, joined

MAX_LINES = 5000
"""Lines looked at; what comes later is history if anything before it was."""
MAX_SIGNATURE_LINES = 12
"""More lines than this below `-- ` are no signature."""

_PREFIX = re.compile(
    r"\s*(?:\[[^\]]{0,40}\]\s*)?([^\s:\uff1a\[\]]{1,8})\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:\uff1a]"
)
_FRAME = frozenset({Role.BLANK, Role.TEXT, Role.SIGNATURE, Role.SENT_FROM, Role.RULE})
_WRAP_WIDTH = 65
_WRAP_REST = 40


def new_text(lines: Sequence[Line], subject: str = "", *, threaded: bool = True) -> str:
    """The author's own words. Everything, when there is no history or nothing but history.

    `threaded` says that the mail answers another one, by its headers or its subject.
    """
    whole = joined(list(lines))
    seen = list(lines[:MAX_LINES])
    found = roles(seen, threaded=threaded)
    if _is_forward(seen, found, subject):
        return whole
    kept = _without_history(seen, found)
    if len(kept) == len(seen):
        kept += [(line, Role.TEXT) for line in lines[MAX_LINES:]]
    own = joined([line for line, _ in _without_quotes(_without_ending(_rejoined(kept)))])
    return own if _has_substance(own) else whole


def subject_prefix(subject: str) -> str:
    """`forward`, `reply` or nothing, by the first prefix of a subject in any language known."""
    match = _PREFIX.match(subject)
    prefix = match[1].lower() if match else ""
    if prefix in phrases.FORWARD_SUBJECTS:
        return "forward"
    return "reply" if prefix in phrases.REPLY_SUBJECTS else ""


def _is_forward(lines: Sequence[Line], found: Sequence[Role], subject: str) -> bool:
    index = next((n for n, role in enumerate(found) if role not in _FRAME), None)
    if index is None:
        return False
    if found[index] is Role.FORWARD:
        return True
    if found[index] is not Role.BLOCK:
        return False
    alone = not _has_substance(joined(list(lines[:index])))
    return alone or subject_prefix(subject) == "forward"


def _without_history(lines: Sequence[Line], found: Sequence[Role]) -> list[tuple[Line, Role]]:
    """Everything before the first sign that only history follows."""
    kept: list[tuple[Line, Role]] = []
    for index, (line, role) in enumerate(zip(lines, found, strict=True)):
        if role in {Role.DELIMITER, Role.BLOCK, Role.FORWARD}:
            break
        if role is Role.INTRO and not _quote_next(found, index):
            break
        kept.append((line, role))
    return kept


def _quote_next(found: Sequence[Role], index: int) -> bool:
    for role in found[index:]:
        if role not in {Role.INTRO, Role.BLANK}:
            return role is Role.QUOTE
    return False


def _without_ending(rows: list[tuple[Line, Role]]) -> list[tuple[Line, Role]]:
    """Drop, from the end, quotes with their introduction, signatures and phones' lines."""
    ending = {Role.BLANK, Role.QUOTE, Role.INTRO, Role.SENT_FROM, Role.RULE}
    while True:
        end = len(rows)
        while end and rows[end - 1][1] in ending:
            end -= 1
        signature = _signature_start(rows[:end])
        if signature == len(rows):
            return rows
        rows = rows[:signature]


def _signature_start(rows: Sequence[tuple[Line, Role]]) -> int:
    below = 0
    for index in range(len(rows) - 1, -1, -1):
        role = rows[index][1]
        if role is Role.SIGNATURE:
            return index
        below += role is not Role.BLANK
        if role is Role.QUOTE or below > MAX_SIGNATURE_LINES:
            break
    return len(rows)


def _rejoined(rows: list[tuple[Line, Role]]) -> list[tuple[Line, Role]]:
    """Give back to a quote the ends of its lines that a client wrapped out of it."""
    mended = list(rows)
    for index in range(1, len(rows) - 1):
        before, (line, role), after = rows[index - 1], rows[index], rows[index + 1]
        if (
            role is Role.TEXT
            and before[1] is after[1] is Role.QUOTE
            and _is_wrapped(before[0], line)
        ):
            mended[index] = (line, Role.QUOTE)
    return mended


def _is_wrapped(before: Line, line: Line) -> bool:
    start, words = str(before), line.bare
    return (
        len(start) >= _WRAP_WIDTH
        and start[-1:] not in ".?!:;"
        and len(words) <= _WRAP_REST
        and words[:1].islower()
    )


def _without_quotes(rows: list[tuple[Line, Role]]) -> list[tuple[Line, Role]]:
    """Drop the quote above an answer; keep the quotes that answers stand between."""
    runs = [
        (role, list(run))
        for role, run in groupby(
            (row for row in rows if row[1] is not Role.BLANK),
            key=lambda row: row[1] if row[1] in {Role.QUOTE, Role.INTRO} else Role.TEXT,
        )
    ]
    quotes = [index for index, (role, _) in enumerate(runs) if role is Role.QUOTE]
    cited = bool(quotes) and quotes[0] > 0 and runs[quotes[0] - 1][0] is Role.TEXT
    keep = len(quotes) > 1 or cited
    return [row for row in rows if row[1] is not Role.INTRO and (keep or row[1] is not Role.QUOTE)]


def _has_substance(text: str) -> bool:
    """Whether anything but spaces and punctuation is left; an emoji is an answer."""
    return any(unicodedata.category(character)[0] not in "PZC" for character in text)
