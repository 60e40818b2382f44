"""A customer's words without what reaches or finds a person: phones, mail addresses, streets.

It knows shapes, not meanings: a name in a sentence stays, an address written in an unusual way may
stay. Order numbers are told from phones and stay.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from connectors.traces import Span, addresses, cards, phones

PHONE: Final = "[phone]"
EMAIL: Final = "[e-mail]"
ADDRESS: Final = "[address]"
CARD: Final = "[card]"

MOST: Final = 6000
"""Characters looked at. Nothing in Slack shows more, so the rest is left out."""

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


def redacted(text: str, order_numbers: Sequence[str] = ()) -> str:
    """The text with a word in brackets for each thing taken out."""
    text = text[:MOST]
    for start, end, word in reversed(_apart(sorted(_found(text, order_numbers)))):
        text = f"{text[:start]}{word}{text[end:]}"
    return text


def short_handle(handle: str) -> str:
    """The first four characters of an address or alias, enough to tell two apart."""
    return f"{handle[:4]}\u2026" if handle else ""


def _found(text: str, order_numbers: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    yield from _as(EMAIL, addresses(text))
    yield from _as(CARD, cards(text, order_numbers))
    yield from _as(PHONE, phones(text, order_numbers))
    yield from _as(PHONE, _grouped(text))
    for pattern in (_STREET_FIRST, _GERMAN, _NUMBER_FIRST, _TOWN, _POSTCODE):
        yield from _as(ADDRESS, (match.span() for match in pattern.finditer(text)))


def _grouped(text: str) -> Iterator[Span]:
    for match in _GROUPED.finditer(text):
        if sum(char.isdigit() for char in match.group()) in _GROUPED_DIGITS:
            yield match.span()


def _as(word: str, spans: Iterator[Span]) -> Iterator[tuple[int, int, str]]:
    return ((start, end, word) for start, end in spans)


def _apart(found: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Without what begins inside another; the first keeps its word and takes the longer end."""
    kept: list[tuple[int, int, str]] = []
    for start, end, word in found:
        if kept and start < kept[-1][1]:
            first = kept[-1]
            kept[-1] = (first[0], max(first[1], end), first[2])
        else:
            kept.append((start, end, word))
    return kept
