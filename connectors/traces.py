"""What can be found in a text that leads out of a platform: links, addresses, phones, cards.

Every finder gives the places (start, end) in the text it was given. A number that belongs to an
order or a parcel is nobody's phone.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from urllib.parse import urlsplit

from connectors.policy_words import pattern_of, word_set

Span = tuple[int, int]

_DOT = r"(?:\.|\s?\(dot\)\s?|\s?\[dot\]\s?|\s?\(punto\)\s?)"
_ADDRESS = re.compile(
    r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\]|\(a\)|\(chiocciola\))\s?[\w-]{1,63}"
    rf"(?:{_DOT}[\w-]{{1,63}}){{1,5}}",
    re.IGNORECASE,
)
# The ending of a bare host name counts only in one case throughout: "grazie.Se vuole" lacks a
# space, it names no site.
_ENDINGS = "com net org info biz shop store online eu it de fr es nl be pl se ch at uk example"
_LINK = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]{1,12}://|www\.)[^\s<>\"']+"
    r"|(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,5}(?-i:"
    + "|".join([*_ENDINGS.split(), *_ENDINGS.upper().split()])
    + r")\b(?:/[^\s<>\"']*)?"
    r"|(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,12}/[^\s<>\"']+",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w.@/])@[A-Za-z_][\w.]{2,40}")
_PHONE = re.compile(r"(?<![\w-])(?:\+|00|0)[\d(][\d\s()./-]{6,22}\d(?![\w-])")
_LOCAL_PHONE = re.compile(r"(?<![\w-])\(?\d[\d\s()./-]{7,20}\d(?![\w-])")
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
# First digits and lengths of the big card networks; parcel numbers begin otherwise.
_CARD_SHAPES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}"
)
_ORDER_SHAPES = ("###-#######-#######",)
"""Amazon's, told apart everywhere because sellers quote it everywhere."""

_REFERENCE = re.compile(
    r"(?<![\w-])(?!\d{4}-\d\d-\d\d(?!\d)|\d{1,2}[/-]\d{1,2}[/-]\d{2,4}(?!\d))"
    r"(?:#\s?(?=(?:[A-Za-z/-]{0,8}\d){3})|(?=(?:[A-Za-z/-]{0,8}\d){4}))[A-Za-z\d][\w/-]{2,40}"
)
_LEAST_REFERENCE = 5
"""Characters of an order's number that has no # before it: four digits are a year."""

_EMOJI_RANGES = ((0x1F300, 0x1FAFF), (0x2600, 0x27BF), (0x1F1E6, 0x1F1FF))
_PHONE_DIGITS = range(9, 16)
"""An international number has at most 15 digits (E.164); below nine, too much else is meant."""

_CUE_DISTANCE = 28
"""Characters before a number in which a word says what the number is."""


def links(text: str) -> Iterator[Span]:
    """Addresses of web pages, with or without a scheme."""
    for match in _LINK.finditer(text):
        yield match.start(), match.start() + len(match.group().rstrip(".,;:!?)"))


def leads_to(link: str, hosts: Sequence[str]) -> bool:
    """Whether a link is https and leads to one of `hosts` or below."""
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    if parts.scheme != "https" and "://" in link:
        return False
    return any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts)


def addresses(text: str) -> Iterator[Span]:
    """Mail addresses, also those in disguise."""
    return (match.span() for match in _ADDRESS.finditer(text))


def handles(text: str) -> Iterator[Span]:
    """Names of social accounts (@name)."""
    return (match.span() for match in _HANDLE.finditer(text))


def phones(text: str, order_numbers: Sequence[str] = ()) -> Iterator[Span]:
    """Phone numbers: international or with a leading zero, or any where a word says so."""
    bare = _blanked(text, order_numbers)
    found = [match.span() for match in _PHONE.finditer(bare) if not _named(bare, match, _PARCEL)]
    found += [match.span() for match in _LOCAL_PHONE.finditer(bare) if _named(bare, match, _CALL)]
    for start, end in sorted(set(found)):
        if sum(char.isdigit() for char in bare[start:end]) in _PHONE_DIGITS:
            yield start, end


def emoji(text: str) -> Iterator[Span]:
    """Pictures among the letters."""
    for at, char in enumerate(text):
        if any(low <= ord(char) <= high for low, high in _EMOJI_RANGES):
            yield at, at + 1


def cards(text: str, order_numbers: Sequence[str] = ()) -> Iterator[Span]:
    """Numbers of payment cards, by shape and check digit."""
    for match in _CARD.finditer(_blanked(text, order_numbers)):
        digits = "".join(char for char in match.group() if char.isdigit())
        if _CARD_SHAPES.fullmatch(digits) and _luhn(digits):
            yield match.span()


def references(text: str, order_numbers: Sequence[str] = ()) -> Iterator[Span]:
    """Numbers of orders, parcels and invoices: of a known shape, or where a word or a # says so."""
    shapes = (_shape(one) for one in (*_ORDER_SHAPES, *order_numbers))
    found = {match.span() for shape in shapes for match in shape.finditer(text)}
    for match in _REFERENCE.finditer(text):
        told = match.group().startswith("#")
        if told or (len(match.group()) >= _LEAST_REFERENCE and _named(text, match, _ORDER)):
            found.add(match.span())
    yield from sorted(found)


def wordings(text: str, phrases: tuple[str, ...]) -> Iterator[Span]:
    """Any of `phrases`, whole words."""
    return (match.span() for match in pattern_of(phrases).finditer(text)) if phrases else iter(())


_CALL = "phone_words"
_PARCEL = "parcel_words"
_ORDER = "order_words"


def _named(text: str, match: re.Match[str], words: str) -> bool:
    """Whether one of `words` stands right before a number, with no other number between."""
    before = text[max(0, match.start() - _CUE_DISTANCE) : match.start()]
    last = max((found.end() for found in pattern_of(word_set(words)).finditer(before)), default=-1)
    return last >= 0 and not any(char.isdigit() for char in before[last:])


def _blanked(text: str, order_numbers: Sequence[str]) -> str:
    """With blanks in place of order numbers and links, whose digits are nobody's phone or card."""
    for pattern in (_LINK, *(_shape(one) for one in (*_ORDER_SHAPES, *order_numbers))):
        text = pattern.sub(lambda match: " " * len(match.group()), text)
    return text


@cache
def _shape(mask: str) -> re.Pattern[str]:
    parts = {"#": r"\d", "@": "[A-Za-z]"}
    body = "".join(parts.get(char, re.escape(char)) for char in mask)
    return re.compile(rf"(?<![\w-]){body}(?![\w-])")


def _luhn(digits: str) -> bool:
    doubled = (
        digit if index % 2 == 0 else digit * 2 - (9 if digit * 2 > 9 else 0)  # noqa: PLR2004
        for index, digit in enumerate(map(int, reversed(digits)))
    )
    return sum(doubled) % 10 == 0
