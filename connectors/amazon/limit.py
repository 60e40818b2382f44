"""The time to answer that a claim's mail states ("you have 3 calendar days to respond")."""

import re
from datetime import timedelta

from connectors.amazon.formats import LimitWords

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_MOST = timedelta(days=60)


def stated_limit(text: str, words: LimitWords) -> timedelta | None:
    """The shortest time to answer that a sentence about answering states; None if none does.

    Business days are counted as calendar days: a deadline shown is never later than the true one.
    """
    amount = _amount_pattern(words)
    found = [
        limit
        for sentence in _SENTENCE_END.split(text)
        if any(cue in sentence.casefold() for cue in words.cues)
        for match in amount.finditer(" ".join(sentence.casefold().split()))
        if timedelta() < (limit := _limit(match, words)) <= _MOST
    ]
    return min(found, default=None)


def _amount_pattern(words: LimitWords) -> re.Pattern[str]:
    numbers = "|".join([r"\d{1,3}", *map(re.escape, words.words)])
    units = "|".join(map(re.escape, (*words.days, *words.hours)))
    fillers = "|".join(map(re.escape, words.fillers))
    return re.compile(
        rf"(?<![\w,.-])(?P<count>{numbers})(?:\s*\(\s*\d{{1,3}}\s*\))?[\s-]*"
        rf"(?:(?:{fillers})[\s-]*){{0,2}}(?P<unit>{units})\b"
    )


def _limit(match: re.Match[str], words: LimitWords) -> timedelta:
    count = match["count"]
    number = int(count) if count.isdigit() else words.words[count]
    return timedelta(days=number) if match["unit"] in words.days else timedelta(hours=number)
