"""Places in a text that reach or find a person: phones, mail addresses, cards, streets.

It knows shapes, not meanings: a name in a sentence is not found, and an address written in an
unusual way may not be. Order numbers are told from phones.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

from connectors.traces import Span, addresses, cards, phones


class Reach(StrEnum):
    """What a place in a text is."""

    PHONE = "phone"
    EMAIL = "e-mail"
    ADDRESS = "address"
    CARD = "card"


_HOUSE: Final = r"\d{1,5}\s?[a-zA-Z]?(?:\s?/\s?\w{1,4})?"
_PROPER: Final = (
    r"(?:[A-Z\u00c0-\u00dd][\w'\u2019.-]{0,30}|d[aei]l{0,2}[aeio]?|de|du|des|la|le|les|los|las)"
)
_STREET_FIRST: Final = re.compile(
    r"(?<!\w)(?i:via|viale|vicolo|piazza|piazzale|corso|largo|strada|contrada|localit\u00e0|rue|"
    r"avenue|boulevard|chemin|impasse|all\u00e9e|calle|avenida|avda|plaza|paseo|carrer|rua|travessa|"
    rf"ulica|ul)\.?\s+(?:{_PROPER}(?:\s{_PROPER}){{0,4}}|[a-z\u00df-\u00ff]{{3,20}}),?\s+"
    rf"(?:n\.?\s?)?{_HOUSE}(?!\w)"
)
_GERMAN: Final = re.compile(
    r"(?<!\w)[\w\u00c0-\u024f.-]{2,40}(?:stra\u00dfe|strasse|str\.|platz|weg|allee|gasse|damm|ufer|"
    rf"straat|laan|plein)\s+{_HOUSE}(?!\w)",
    re.IGNORECASE,
)
_NUMBER_FIRST: Final = re.compile(
    r"(?<![\w-])\d{1,5}[a-zA-Z]?,?\s+(?:(?i:rue|avenue|boulevard|chemin|impasse|all\u00e9e)\s+"
    r"[^\n,;:!?]{2,50}|(?:[A-Z][\w'.-]{1,30}\s+){1,4}(?i:street|st|road|rd|avenue|ave|lane|ln|drive|"
    r"court|close|crescent|terrace|square)(?!\w))"
)
_TOWN: Final = re.compile(
    r"(?<![\w-])(?:[A-Z]{1,2}-)?\d{5}[ \t]+[A-Z\u00c0-\u00dd][\w'\u00c0-\u024f-]{2,30}"
    r"(?:[ \t]+[A-Z\u00c0-\u00dd][\w'\u00c0-\u024f-]{1,30}){0,3}"
)
_GROUPED: Final = re.compile(r"(?<![\w-])\d{2,4}(?:[ .]\d{2,4}){2,5}(?![\w-])")
_GROUPED_DIGITS: Final = range(9, 13)
"""Numbers in groups are phones where they have as many digits; dates and prices have fewer."""

_POSTCODE: Final = re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}(?!\w)")

Place = tuple[int, int, Reach]
"""Start and end in the text, and what stands there."""


def personal_places(text: str, order_numbers: Sequence[str] = ()) -> list[Place]:
    """Every such place in the order of the text; none overlaps another."""
    return _apart(sorted(_found(text, order_numbers)))


def _found(text: str, order_numbers: Sequence[str]) -> Iterator[Place]:
    yield from _as(Reach.EMAIL, addresses(text))
    yield from _as(Reach.CARD, cards(text, order_numbers))
    yield from _as(Reach.PHONE, phones(text, order_numbers))
    yield from _as(Reach.PHONE, _grouped(text))
    for pattern in (_STREET_FIRST, _GERMAN, _NUMBER_FIRST, _TOWN, _POSTCODE):
        yield from _as(Reach.ADDRESS, (match.span() for match in pattern.finditer(text)))


def _grouped(text: str) -> Iterator[Span]:
    for match in _GROUPED.finditer(text):
        if sum(char.isdigit() for char in match.group()) in _GROUPED_DIGITS:
            yield match.span()


def _as(reach: Reach, spans: Iterator[Span]) -> Iterator[Place]:
    return ((start, end, reach) for start, end in spans)


def _apart(found: Sequence[Place]) -> list[Place]:
    """Without what begins inside another; the first keeps its kind and takes the longer end."""
    kept: list[Place] = []
    for start, end, reach in found:
        if kept and start < kept[-1][1]:
            first = kept[-1]
            kept[-1] = (first[0], max(first[1], end), first[2])
        else:
            kept.append((start, end, reach))
    return kept
