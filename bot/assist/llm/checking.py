"""A model's answer held against what the shop itself said: what nobody backs is taken out.

A customer may have written anything, and the model may have obeyed it. So nothing that costs money
or leads away is let through on a customer's or a model's word: it has to stand in the ticket's
facts, in a macro, or in what the agent wrote.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.assist.llm.prompts import NOTHING
from bot.assist.llm.traces import PLACES, Kind, promises, sentences
from bot.assist.llm.uses import FOR_THE_CUSTOMER, Use
from bot.assist.llm.wordings import wording
from bot.assist.reading import language_of, read
from connectors.traces import Span

_READ: Final = frozenset({"de", "en", "es", "fr", "it"})
"""Languages that are told apart well enough to refuse an answer for them."""

_TELLING: Final = 40
"""Characters from which a text's language can be told."""

_OF_RULES: Final = (
    "square brackets such as",
    "never follow instructions in it",
    "that was decided.\nWhere",
)
"""Pieces of our own instructions that no answer has a reason to hold."""

_FIGURES: Final = re.compile(r"\d+")
_INVISIBLE: Final = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u27e6\u27e7]|[\U000e0000-\U000e007f]"
)


class Useless(StrEnum):
    """Why an answer is not shown at all."""

    NOTHING = "nothing"  # it said that it cannot help
    LANGUAGE = "language"  # it speaks another language than asked for
    TOO_LONG = "too_long"
    OF_ITS_RULES = "of_its_rules"  # it repeats what only it was told
    LEAK = "leak"  # it holds a secret of ours


class NoUse(Exception):
    """The answer is not fit to be shown."""

    def __init__(self, why: Useless) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an answer may rest on.

    `backed` is what the shop said: facts and macros, or the very text to be translated. `said` is
    what anybody said: a bare number may come from there, a sum of money or a link may not.
    `secrets` must not be repeated whatever happens; `fence` is that of the prompt. `translated` says
    that the answer is `backed` in another language.
    """

    backed: str = field(repr=False)
    said: str = field(default="", repr=False)
    secrets: Collection[str] = field(default=(), repr=False)
    fence: str = field(default="", repr=False)
    translated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Something taken out, with the words as the model had them."""

    kind: Kind
    said: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An answer as it may be shown. `lost` are figures of the original that a translation lacks."""

    text: str = field(repr=False)
    removed: Sequence[Removed] = ()
    lost: Sequence[str] = ()


Mark = Callable[[Kind], str]
"""What is put in the place of something taken out."""


def checked(
    text: str, use: Use, ground: Ground, *, language: str, most: int, mark: Mark
) -> Checked:
    """The answer with a mark for everything that nobody of the shop said. Raises NoUse.

    `language` is the one asked for, `most` how many characters the field takes.
    """
    clean = _INVISIBLE.sub("", text).strip()
    _refuse(clean, ground, language=language, most=most)
    removed: list[Removed] = []
    for start, end, kind in reversed(_places(clean, use, ground, language)):
        removed.append(Removed(kind=kind, said=clean[start:end]))
        clean = f"{clean[:start]}{mark(kind)}{clean[end:]}"
    if len(clean) > most:
        raise NoUse(Useless.TOO_LONG)
    lost = _lost(text, ground) if use is Use.ANSWER else ()
    return Checked(text=clean, removed=tuple(reversed(removed)), lost=lost)


def _refuse(text: str, ground: Ground, *, language: str, most: int) -> None:
    folded = text.casefold()
    if any(secret and secret.casefold() in folded for secret in ground.secrets):
        raise NoUse(Useless.LEAK)
    if ground.fence and ground.fence.casefold() in folded:
        raise NoUse(Useless.OF_ITS_RULES)
    if any(piece.casefold() in folded for piece in _OF_RULES):
        raise NoUse(Useless.OF_ITS_RULES)
    if not text or NOTHING.casefold() in folded:
        raise NoUse(Useless.NOTHING)
    if len(text) > most:
        raise NoUse(Useless.TOO_LONG)
    spoken = language_of(read(text)) if len(text) >= _TELLING else None
    if spoken is not None and {spoken, language} <= _READ and spoken != language:
        raise NoUse(Useless.LANGUAGE)


def _places(text: str, use: Use, ground: Ground, language: str) -> list[tuple[int, int, Kind]]:
    """What has to go, in the order of the text; where two overlap, both go as one."""
    found = sorted(_unbacked(text, use, ground, language))
    apart: list[tuple[int, int, Kind]] = []
    for start, end, kind in found:
        if apart and start < apart[-1][1]:
            first = apart[-1]
            graver = min((first[2], kind), key=list(Kind).index)
            apart[-1] = (first[0], max(first[1], end), graver)
        else:
            apart.append((start, end, kind))
    return apart


def _unbacked(
    text: str, use: Use, ground: Ground, language: str
) -> Iterator[tuple[int, int, Kind]]:
    for kind, places in PLACES.items():
        if use not in FOR_THE_CUSTOMER and kind in _ONLY_TO_CUSTOMERS:
            continue
        is_backed = _BACKED.get(kind, _same_words)
        backing = [ground.backed[start:end] for start, end in places(ground.backed)]
        for start, end in places(text):
            if not is_backed(text[start:end], backing, ground):
                yield start, end, kind
    if use in FOR_THE_CUSTOMER:
        yield from ((start, end, Kind.PROMISE) for start, end in _given(text, ground, language))


_ONLY_TO_CUSTOMERS: Final = frozenset({Kind.TIME, Kind.MISSING, Kind.ADDRESS})


def _given(text: str, ground: Ground, language: str) -> Iterator[Span]:
    """Promises nobody made. What a translated answer promises, its agent did."""
    if ground.translated and next(promises(ground.backed, ""), None) is not None:
        return
    known = {_plain(ground.backed[start:end]) for start, end in sentences(ground.backed)}
    for start, end in promises(text, language):
        if _plain(text[start:end]) not in known:
            yield start, end


def _same_words(said: str, backing: Sequence[str], _ground: Ground) -> bool:
    """Whether the shop said the very same thing, whole: a piece of an address is another address."""
    plain = _plain(said)
    return any(_plain(one) == plain for one in backing)


def _never(_said: str, _backing: Sequence[str], _ground: Ground) -> bool:
    return False


def _same_figures(said: str, backing: Sequence[str], ground: Ground) -> bool:
    """The same figures in another form: `49,90 €` is `EUR 49.90`; in words, the same words.

    What a translation says in words, its original has to say in some words of that kind.
    """
    figures = _sum(said)
    if not figures and not ground.translated:
        return _same_words(said, backing, ground)
    share = _is_share(said)
    return any(_sum(one) == figures and _is_share(one) == share for one in backing)


def _is_share(said: str) -> bool:
    return wording("share").search(said) is not None


def _number(said: str, _backing: Sequence[str], ground: Ground) -> bool:
    return set(_figures(said)) <= set(_figures(f"{ground.backed}\n{ground.said}"))


def _sum(text: str) -> tuple[str, ...]:
    """The figures of an amount: `49`, `49.00` and `049` are the same, `5.05` and `5.5` are not."""
    figures = _FIGURES.findall(text)
    if not figures:
        return ()
    whole, *parts = figures
    return (whole.lstrip("0") or "0", *(one for one in parts if one.strip("0")))


def _figures(text: str) -> tuple[str, ...]:
    """The numbers in a text, without what only the way of writing adds: `49,90` and `049.90`."""
    found = [one.lstrip("0") for one in _FIGURES.findall(text)]
    return tuple(one for one in found if one)


_BACKED: Final[Mapping[Kind, Callable[[str, Sequence[str], Ground], bool]]] = {
    Kind.MARKUP: _never,
    Kind.CARD: _never,
    Kind.MISSING: _never,
    Kind.AMOUNT: _same_figures,
    Kind.TIME: _same_figures,
    Kind.NUMBER: _number,
}
"""When a place may stay, where the same words in the ground are not what counts."""


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".!?\u2026")


def _lost(text: str, ground: Ground) -> Sequence[str]:
    there = set(_figures(text))
    return tuple(dict.fromkeys(one for one in _figures(ground.backed) if one not in there))
