"""Solved tickets like this one: found by the customers' own words, in memory, without a network.

Scores are BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, with the
usual k1 = 1.2 and b = 0.75). Words that most tickets share tell nothing and are left out.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_K1: Final = 1.2
_B: Final = 0.75
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_WORDS_KEPT: Final = 120
"""Different words kept of one ticket; a question has fewer, and a chain of quotes tells no more."""

_ASKED: Final = 40
"""The rarest words of the question that are looked up."""

_COMMON: Final = 0.4
"""A word in a larger part of the tickets than this is no sign of likeness."""

_FEW: Final = 10
"""Among fewer tickets nothing can be called common."""

_ALIKE: Final = 0.4
"""Part of the score that a ticket of average length with the very same words would get."""

_SHARED: Final = 2
"""Words two tickets have in common at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A solved ticket: what the customer asked, and the `refs` of the macros it was answered with."""

    ticket_id: int
    number: int
    words: str
    macros: Sequence[str] = ()
    permalink: str | None = None
    inbox: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A macro that answered tickets like this one."""

    ref: str
    tickets: Sequence[Past]


class PastTickets:
    """Solved tickets, compiled once and asked often. Immutable after that."""

    def __init__(self, past: Sequence[Past]) -> None:
        self._past = past
        self._postings: dict[str, list[tuple[int, int]]] = {}
        lengths = []
        for index, each in enumerate(past):
            counts = _counted(each.words)
            lengths.append(sum(counts.values()))
            for word, count in counts.items():
                self._postings.setdefault(word, []).append((index, count))
        mean = sum(lengths) / len(lengths) if lengths else 1.0
        self._weight = [_K1 * (1 - _B + _B * length / (mean or 1.0)) for length in lengths]

    def like(self, words: str, *, but: int | None = None, limit: int = 10) -> list[Past]:
        """The tickets most like these words, the likest first; `but` is the ticket that asks."""
        asked = self._asked(words)
        if len(asked) < _SHARED:
            return []
        scores: defaultdict[int, float] = defaultdict(float)
        shared: Counter[int] = Counter()
        for word, idf in asked:
            for index, count in self._postings[word]:
                scores[index] += idf * count * (_K1 + 1) / (count + self._weight[index])
                shared[index] += 1
        enough = _ALIKE * sum(idf for _, idf in asked)
        found = [
            (score, self._past[index])
            for index, score in scores.items()
            if score >= enough and shared[index] >= _SHARED and self._past[index].ticket_id != but
        ]
        found.sort(key=lambda one: (-one[0], -one[1].ticket_id))
        return [past for _, past in found[:limit]]

    def _asked(self, words: str) -> list[tuple[str, float]]:
        """The rarest words that are known, each with what it weighs."""
        total = len(self._past)
        known = [
            (word, len(self._postings[word])) for word in _counted(words) if word in self._postings
        ]
        telling = [
            (word, math.log(1 + (total - df + 0.5) / (df + 0.5)))
            for word, df in known
            if total < _FEW or df <= _COMMON * total
        ]
        return sorted(telling, key=lambda one: (-one[1], one[0]))[:_ASKED]


def suggestions(
    alike: Iterable[Past], usable: Collection[str], first: Sequence[str] = ()
) -> list[Suggestion]:
    """The macros that answered these tickets, by how many; of those that may be used here.

    Those of `first` come before all others, also where they answered none of them.
    """
    found: dict[str, list[Past]] = {ref: [] for ref in first if ref in usable}
    for past in alike:
        for ref in dict.fromkeys(past.macros):
            if ref in usable:
                found.setdefault(ref, []).append(past)
    counted = [Suggestion(ref=ref, tickets=tickets) for ref, tickets in found.items()]
    return sorted(counted, key=lambda one: (one.ref not in first, -len(one.tickets)))


def _counted(words: str) -> Counter[str]:
    counts = Counter(_WORD.findall(words.casefold()))
    return Counter(dict(counts.most_common(_WORDS_KEPT)))
