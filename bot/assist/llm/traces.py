"""Places in a model's text that have to be backed by something a person of the shop wrote."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Final

from bot.assist.llm.veil import stand_ins_in
from bot.assist.llm.wordings import alternatives, wording
from bot.assist.personal import Reach, personal_places
from connectors.traces import Span, handles, links


class Kind(StrEnum):
    """What stands there. The order is that in which places are looked for: the first one keeps it."""

    MARKUP = "markup"
    LINK = "link"
    EMAIL = "e-mail"
    PHONE = "phone"
    ADDRESS = "address"
    CARD = "card"
    HANDLE = "account"
    PROMISE = "promise"
    AMOUNT = "amount"
    TIME = "time"
    NUMBER = "number"
    MISSING = "missing"


_MARKUP: Final = re.compile(
    r"!?\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)|<[/!@#a-zA-Z][^<>\n]{0,300}>|&(?:#\d{1,6}|[a-z]{2,8});"
)
_ASKED_FOR: Final = re.compile(r"\[\s?\?{1,3}\s?\]")
_FIGURE: Final = r"\d(?:[\d.,'\u2019\u00a0\u202f ]{0,18}\d)?"
_DIGITS: Final = re.compile(r"\d+(?:[-/]\d+){0,9}")
_CODE: Final = re.compile(
    r"(?<!\w)(?=[A-Z\d]{2})(?=[A-Z-]{0,40}\d)(?=[\d-]{0,40}[A-Z])[A-Z\d]{2,}[A-Z\d-]{2,30}(?!\w)"
)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?\u2026])\s+|\n+")


def markup(text: str) -> Iterator[Span]:
    """Links with a text of their own, tags, mentions and entities."""
    return (found.span() for found in _MARKUP.finditer(text))


def reaching(kind: Reach) -> Callable[[str], Iterator[Span]]:
    """Places that reach or find a person, of one kind."""
    return lambda text: ((start, end) for start, end, what in personal_places(text) if what is kind)


def amounts(text: str) -> Iterator[Span]:
    """Sums of money and percentages, in figures and in words."""
    return (found.span() for found in _amount().finditer(text))


def times(text: str) -> Iterator[Span]:
    """Lengths of time, and words for when something will be done."""
    for pattern in (_length(), wording("deadline")):
        yield from (found.span() for found in pattern.finditer(text))


def numbers(text: str) -> Iterator[Span]:
    """Codes of letters and figures, and numbers of two figures or more: one only counts things."""
    yield from (found.span() for found in _CODE.finditer(text))
    for found in _DIGITS.finditer(text):
        if len(found[0]) > 1:
            yield found.span()


def missing(text: str) -> Iterator[Span]:
    """What the model left to a person, and stand-ins that stand for nothing."""
    yield from (found.span() for found in _ASKED_FOR.finditer(text))
    yield from (found.span() for found in stand_ins_in(text))


def sentences(text: str) -> Iterator[Span]:
    """Sentences and lines, without the blanks around them."""
    start = 0
    for end, following in [(one.start(), one.end()) for one in _SENTENCE_END.finditer(text)] + [
        (len(text), len(text))
    ]:
        said = text[start:end]
        if said.strip():
            yield start + len(said) - len(said.lstrip()), end
        start = following


def promises(text: str, language: str) -> Iterator[Span]:
    """Sentences that give something away, or pledge something; none that only asks or depends.

    Without a language, every sentence that speaks of giving something away is one.
    """
    for start, end in sentences(text):
        said = text[start:end]
        gives = names_remedy(said) and not _leaves_open(said, language)
        if gives or wording("pledge").search(said):
            yield start, end


def names_remedy(text: str) -> bool:
    """Whether a text speaks of money back, a replacement, a present or the like."""
    return wording("remedy").search(text) is not None


def _leaves_open(said: str, language: str) -> bool:
    if not language or wording("commitment", language, "en").search(said):
        return False
    return said.endswith("?") or wording("condition", language).search(said) is not None


@cache
def _amount() -> re.Pattern[str]:
    money = alternatives("currency")
    worded = alternatives("number")
    return re.compile(
        rf"(?<!\w)(?:(?:{_FIGURE}|(?:{worded}))\s?(?:{money})|(?:{money})\s?{_FIGURE})(?!\w)",
        re.IGNORECASE,
    )


@cache
def _length() -> re.Pattern[str]:
    worded, units = alternatives("number"), alternatives("unit")
    span = rf"(?:\d{{1,4}}|{worded})(?:\s?(?:-|\u2013|to|a|bis|à)\s?\d{{1,4}})?"
    return re.compile(rf"(?<!\w){span}[\s-]?(?:\w{{3,12}}\s)?(?:{units})(?!\w)", re.IGNORECASE)


PLACES: Final[Mapping[Kind, Callable[[str], Iterable[Span]]]] = {
    Kind.MARKUP: markup,
    Kind.LINK: links,
    Kind.EMAIL: reaching(Reach.EMAIL),
    Kind.PHONE: reaching(Reach.PHONE),
    Kind.ADDRESS: reaching(Reach.ADDRESS),
    Kind.CARD: reaching(Reach.CARD),
    Kind.HANDLE: handles,
    Kind.AMOUNT: amounts,
    Kind.TIME: times,
    Kind.NUMBER: numbers,
    Kind.MISSING: missing,
}
"""How each kind is found, except promises, which depend on the language."""
