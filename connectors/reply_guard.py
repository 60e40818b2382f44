"""A reply checked against the channel's messaging policy. The rules are data in its manifest."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from connectors.manifest import Manifest, ReplyRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the channel's policy says about a reply. `block` means: do not send."""

    level: Literal["block", "warn"]
    text: str
    rule: str
    excerpt: str = ""


_ADDRESS = re.compile(
    r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.IGNORECASE
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
_ORDER_ID = re.compile(r"(?<![\d-])\d{3}-\d{7}-\d{7}(?![\d-])")
_PHONE = re.compile(r"(?<![\w-])(?:\+|00|0)[\d(][\d\s()./-]{6,17}\d(?![\w-])")
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
# First digits and lengths of the big card networks; parcel numbers begin otherwise.
_CARD_SHAPES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}"
)
_SPACES = re.compile(r"\s+")
_EMOJI_RANGES = ((0x1F300, 0x1FAFF), (0x2600, 0x27BF), (0x1F1E6, 0x1F1FF))
_FEWEST_PHONE_DIGITS = 9
_EXCERPT = 80


def check_reply(text: str, manifest: Manifest) -> tuple[Finding, ...]:
    """Everything the channel's rules have against `text`, gravest first. Pure."""
    folded = unicodedata.normalize("NFKC", text)
    found = [
        Finding(level=rule.level, text=rule.text, rule=rule.id, excerpt=hit[:_EXCERPT])
        for rule in manifest.reply_rules
        for hit in _first(_CHECKS[rule.check](folded, rule))
    ]
    return tuple(sorted(found, key=lambda one: one.level != "block"))


def _first(hits: Iterator[str]) -> Iterator[str]:
    for hit in hits:
        yield hit
        return


def _links(text: str, rule: ReplyRule) -> Iterator[str]:
    for match in _LINK.finditer(text):
        link = match.group().rstrip(".,;:!?)")
        if not _allowed(link, rule.allow):
            yield link


def _allowed(link: str, hosts: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    if parts.scheme != "https" and "://" in link:
        return False
    return any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts)


def _addresses(text: str, _rule: ReplyRule) -> Iterator[str]:
    return (match.group() for match in _ADDRESS.finditer(text))


def _without_numbers_that_belong(text: str) -> str:
    """Without order ids and without links, whose digits are nobody's phone or card."""
    return _LINK.sub(" ", _ORDER_ID.sub(" ", text))


def _phones(text: str, _rule: ReplyRule) -> Iterator[str]:
    for match in _PHONE.finditer(_without_numbers_that_belong(text)):
        if sum(char.isdigit() for char in match.group()) >= _FEWEST_PHONE_DIGITS:
            yield match.group()


def _emoji(text: str, _rule: ReplyRule) -> Iterator[str]:
    for char in text:
        if any(low <= ord(char) <= high for low, high in _EMOJI_RANGES):
            yield char


def _cards(text: str, _rule: ReplyRule) -> Iterator[str]:
    for match in _CARD.finditer(_without_numbers_that_belong(text)):
        digits = "".join(char for char in match.group() if char.isdigit())
        if _CARD_SHAPES.fullmatch(digits) and _luhn(digits):
            yield f"…{digits[-4:]}"


def _luhn(digits: str) -> bool:
    doubled = (
        digit if index % 2 == 0 else digit * 2 - (9 if digit * 2 > 9 else 0)  # noqa: PLR2004
        for index, digit in enumerate(map(int, reversed(digits)))
    )
    return sum(doubled) % 10 == 0


def _too_long(text: str, rule: ReplyRule) -> Iterator[str]:
    if rule.limit is not None and len(text) > rule.limit:
        yield f"{len(text)} characters, at most {rule.limit}"


def _phrases(text: str, rule: ReplyRule) -> Iterator[str]:
    plain = _SPACES.sub(" ", text).casefold()
    for phrase in rule.phrases:
        if re.search(rf"(?<!\w){re.escape(phrase.casefold())}(?!\w)", plain):
            yield phrase


_CHECKS: Mapping[str, Callable[[str, ReplyRule], Iterator[str]]] = {
    "link": _links,
    "email": _addresses,
    "phone": _phones,
    "emoji": _emoji,
    "card_number": _cards,
    "length": _too_long,
    "phrase": _phrases,
}
