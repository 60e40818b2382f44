"""What customers write, found in one pass over their words. The words are data: see `lexicon`.

A phrase is words in order. `refund*` is any word that starts so, `cassé+` also `cassée`, `cassés`
and `cassées` (a stem would be the Italian `cassetto`, too); `~` stands for up to four words
of the same sentence, never at either end. Case, accents, apostrophes and hyphens do not matter;
`ä ö ü` also match `ae oe ue`, and `don t` matches `dont`. `refund*=2` counts double where intents
are weighed. The cost is linear in the text, whatever the text is.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from bot.assist.senses import Sense

GAP = "~"
MAX_GAP = 4
"""Words that one `~` may stand for."""
MAX_GAPS = 2
"""Gaps in one phrase: with these two numbers a phrase costs at most 25 looks at a place."""
SENTENCE_END = "."
QUESTION = "?"
_SENTENCE_ENDS = frozenset({SENTENCE_END, QUESTION})

WORDS_KEPT = 4_096
"""Words of which is remembered what they may begin."""

_HEAD = 3
"""Letters of a stem that are compared first. No stem is shorter."""
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[?¿!.;…\uff1f]|\n[ \t]*\n")
_MARKS = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_QUESTIONS = frozenset("?¿\uff1f")
_CONTRACTION = re.compile(r"n[' ]t\b")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


class Cue(StrEnum):
    """Phrases that say nothing of the topic, but of how the rest is meant."""

    QUIET = "quiet"  # nothing inside it counts: negations, false friends
    SATISFIED = "satisfied"  # it came, it works: thanks, where somebody thanks as well
    COURTESY = "courtesy"  # greetings and sign-offs
    REQUEST = "request"  # something is asked for
    CONTRAST = "contrast"  # "but": what follows is no praise
    CLOSED = "closed"  # nothing is left to answer
    PRAISE = "praise"  # the customer is pleased
    UNHAPPY = "unhappy"  # the customer is not
    FURIOUS = "furious"  # nor can they wait to say so
    PRESSING = "pressing"  # a day is named, or haste
    UNHURRIED = "unhurried"  # it may wait
    BOUGHT = "bought"  # there is an order
    BEFORE = "before"  # there is none yet


Label = Sense | Cue


class Found(NamedTuple):
    """One phrase in a text: what it means, whose language it is, which words it took.

    A hint helps to tell what is wanted; alone it makes nothing grave. A loose phrase has a gap.
    """

    # A tuple: a mail has two dozen, and a frozen dataclass takes five times as long to make.

    label: Label
    language: str
    start: int
    end: int
    weight: float = 1.0
    hint: bool = False
    loose: bool = False


def words_of(text: str) -> list[str]:
    """The words of a text as phrases are compared, with `.` and `?` where sentences end."""
    plain = text.casefold()
    if not plain.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain))
    return [
        token if token.isalnum() else QUESTION if token in _QUESTIONS else SENTENCE_END
        for token in _TOKEN.findall(plain)
    ]


def places_of(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without invisible marks, and where in it each of `words_of(text)` stands."""
    clean = _MARKS.sub("", unicodedata.normalize("NFC", text))
    return clean, [each.span() for each in _TOKEN.finditer(clean)]


class _Node:
    """What may come next after the words so far."""

    __slots__ = ("gap", "heads", "lengths", "meanings", "stems", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.stems: dict[str, _Node] = {}
        self.lengths: tuple[int, ...] = ()
        self.heads: set[str] = set()
        self.gap: _Node | None = None
        self.meanings: list[tuple[Label, str, float, bool, bool]] = []

    def grown(self, part: str) -> "_Node":
        """The node after `part`, made if there is none."""
        if part == GAP:
            self.gap = self.gap or _Node()
            return self.gap
        if not part.endswith("*"):
            return self.words.setdefault(part, _Node())
        stem = part[:-1]
        self.lengths = tuple(sorted({*self.lengths, len(stem)}))
        self.heads.add(stem[:_HEAD])
        return self.stems.setdefault(stem, _Node())

    def after(self, word: str) -> Sequence["_Node"]:
        """The nodes that `word` leads to."""
        exact = self.words.get(word)
        # Few words begin as any stem does, so most are spared the search.
        if word[:_HEAD] not in self.heads:
            return () if exact is None else (exact,)
        found = [] if exact is None else [exact]
        for length in self.lengths:
            if length > len(word):
                break
            node = self.stems.get(word[:length])
            if node is not None:
                found.append(node)
        return found


class Phrasebook:
    """Every phrase of every language in one tree, and the words that tell a language."""

    def __init__(
        self,
        phrases: Iterable[tuple[Label, str, str]],
        common: Mapping[str, Iterable[str]],
        letters: Mapping[str, str],
        hints: Iterable[tuple[Label, str, str]] = (),
    ) -> None:
        """`phrases` and `hints` are (meaning, language, phrase).

        Raises ValueError for one that is none.
        """
        self._root = _Node()
        # Every word of every text is looked up here, and most are the same few.
        self._first = lru_cache(maxsize=WORDS_KEPT)(self._root.after)
        self._parts: dict[str, set[str]] = {}
        for one in phrases:
            self._grow(*one, hint=False)
        for one in hints:
            self._grow(*one, hint=True)
        self._languages: dict[str, list[str]] = {}
        for language, words in common.items():
            for word in {each for one in words for each in words_of(one)}:
                self._languages.setdefault(word, []).append(language)
        self._letters = {language: frozenset(few) for language, few in letters.items() if few}

    def _grow(self, label: Label, language: str, entry: str, *, hint: bool) -> None:
        phrase, weight = weighed(entry)
        parts_of = self._parts.setdefault(language, set())
        for parts in _spellings(phrase):
            parts_of.update(parts)
            node = self._root
            for part in parts:
                node = node.grown(part)
            node.meanings.append((label, language, weight, hint, GAP in parts))
        self._first.cache_clear()

    def parts(self, language: str) -> frozenset[str]:
        """The words and stems (these with their `*`) of the phrases of a language."""
        return frozenset(self._parts.get(language, ())) - {GAP}

    def common(self) -> Iterator[tuple[str, Sequence[str]]]:
        """The words that tell languages, each with those it speaks for."""
        yield from self._languages.items()

    def find(self, words: Sequence[str]) -> list[Found]:
        """Every phrase in `words`, shorter ones inside longer ones too."""
        found: list[Found] = []
        for start, nodes in enumerate(map(self._first, words)):
            for node in nodes:
                ends: _Ends = []
                _walk(node, words, start + 1, ends)
                for reached, end in ends:
                    found += [
                        Found(label, language, start, end, weight, hint, loose)
                        for label, language, weight, hint, loose in reached.meanings
                    ]
        return found

    def votes(self, text: str, words: Iterable[str]) -> Counter[str]:
        """How many common words, and kinds of telling letters, speak for each language."""
        found = Counter(chain.from_iterable(filter(None, map(self._languages.get, words))))
        if not text.isascii():
            present = frozenset(text.casefold())
            found.update(each for each, few in self._letters.items() if few & present)
        return found


_Ends = list[tuple[_Node, int]]
"""Where phrases end: the node, and the place after its last word."""


def _walk(node: _Node, words: Sequence[str], at: int, ends: _Ends) -> None:
    """Add the ends of phrases from `node` on."""
    if node.meanings:
        ends.append((node, at))
    if at == len(words):
        return
    word = words[at]
    if word in node.words or word[:_HEAD] in node.heads:
        for following in node.after(word):
            _walk(following, words, at + 1, ends)
    if node.gap is not None:
        _leap(node.gap, words, at, ends)


def _leap(gap: _Node, words: Sequence[str], at: int, ends: _Ends) -> None:
    """Add the ends of phrases that go on after a gap. A gap itself ends none."""
    for skipped in range(at, min(at + MAX_GAP + 1, len(words))):
        word = words[skipped]
        if word in gap.words or word[:_HEAD] in gap.heads:
            for following in gap.after(word):
                _walk(following, words, skipped + 1, ends)
        if word in _SENTENCE_ENDS:
            return


def weighed(entry: str) -> tuple[str, float]:
    """A phrase and its weight, 1 unless it is written: `refund*=2`. Raises ValueError."""
    phrase, _, weight = entry.partition("=")
    return phrase, float(weight or 1)


def _spellings(phrase: str) -> set[tuple[str, ...]]:
    plain = phrase.casefold()
    written = (plain, plain.translate(_UMLAUTS), _CONTRACTION.sub("nt", plain))
    return {_parts(one.replace("+", ending)) for one in written for ending in _endings(plain)}


def _endings(phrase: str) -> tuple[str, ...]:
    """What agrees: two words of one phrase take the same ending."""
    return ("", "e", "s", "es") if "+" in phrase else ("",)


def _parts(phrase: str) -> tuple[str, ...]:
    parts: list[str] = []
    for piece in phrase.split():
        if piece == GAP:
            parts.append(GAP)
            continue
        words = words_of(piece.removesuffix("*"))
        if piece.endswith("*") and words:
            words[-1] += "*"
        parts += words
    inner = parts[1:-1].count(GAP)
    short = any(part.endswith("*") and len(part) <= _HEAD for part in parts)
    if not parts or short or inner > MAX_GAPS or inner != parts.count(GAP) or SENTENCE_END in parts:
        message = f"no phrase: {phrase!r}"
        raise ValueError(message)
    return tuple(parts)
