"""What a message without any known phrase leans to, by the single words phrases are made of.

A guess, and only ever used where no phrase was found.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.assist.senses import Intent

STEM = 5
"""Letters of a word that are compared: endings say little of what is wanted."""
UNSEEN = 0.3
"""What a word counts for an intent none of whose phrases has it."""
LEAST_KNOWN = 2
"""Known words without which nothing is guessed."""
MARGIN = 0.4
"""How much likelier (as a natural logarithm) the first intent has to be than the second."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An intent and the places of the words that speak most for it."""

    intent: Intent
    places: tuple[int, ...]


class Leaning:
    """The words of one language's phrases, counted for each intent."""

    def __init__(self, phrases: Iterable[tuple[Intent, Sequence[str], float]]) -> None:
        """`phrases` are (intent, words, weight)."""
        counts: dict[Intent, defaultdict[str, float]] = {}
        for intent, words, weight in phrases:
            counted = counts.setdefault(intent, defaultdict(float))
            for word in words:
                counted[word[:STEM]] += weight
        self._known = frozenset(stem for counted in counts.values() for stem in counted)
        self._logs: Mapping[Intent, tuple[Mapping[str, float], float]] = {
            intent: _logs(counted, len(self._known)) for intent, counted in counts.items()
        }

    def guess(self, words: Sequence[str]) -> Guess | None:
        """The likeliest intent of some words; None where too little speaks for one."""
        places = {word[:STEM]: place for place, word in enumerate(words) if word}
        stems = [stem for stem in places if stem in self._known]
        if len(stems) < LEAST_KNOWN or len(self._logs) < 2:  # noqa: PLR2004
            return None
        (best, likely), (_, second) = sorted(
            ((intent, self._score(intent, stems)) for intent in self._logs),
            key=lambda one: one[1],
            reverse=True,
        )[:2]
        if likely - second < MARGIN:
            return None
        seen, unseen = self._logs[best]
        telling = sorted(stems, key=lambda stem: -seen.get(stem, unseen))[:LEAST_KNOWN]
        return Guess(best, tuple(sorted(places[stem] for stem in telling)))

    def _score(self, intent: Intent, stems: Iterable[str]) -> float:
        seen, unseen = self._logs[intent]
        return sum(seen.get(stem, unseen) for stem in stems)


def _logs(counted: Mapping[str, float], kinds: int) -> tuple[dict[str, float], float]:
    total = sum(counted.values()) + UNSEEN * kinds
    seen = {stem: math.log((count + UNSEEN) / total) for stem, count in counted.items()}
    return seen, math.log(UNSEEN / total)
