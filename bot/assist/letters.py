"""Which language a few words look like, by the threes of letters that are usual in each."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

MARGIN = 2.5
"""How much likelier (as a natural logarithm) the first language has to be than the second."""
LEAST = 4
"""Letters below which nothing is said."""


class LetterModel:
    """Threes of letters, counted in the words the lexicon has of each language."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        counts = {
            language: Counter(three for word in those for three in _threes(word))
            for language, those in words.items()
        }
        kinds = len({three for those in counts.values() for three in those})
        self._unseen: dict[str, float] = {}
        self._seen: dict[str, dict[str, float]] = {}
        for language, those in counts.items():
            total = sum(those.values()) + kinds
            self._unseen[language] = math.log(1 / total)
            self._seen[language] = {
                three: math.log((count + 1) / total) for three, count in those.items()
            }

    def likeliest(self, words: Iterable[str]) -> str | None:
        """The language of the words; None where two are about as likely."""
        threes = [three for word in words if word.isalpha() for three in _threes(word)]
        if len(threes) < LEAST:
            return None
        (best, likely), (_, second) = sorted(
            ((language, self._score(language, threes)) for language in self._seen),
            key=lambda one: one[1],
            reverse=True,
        )[:2]
        return best if likely - second >= MARGIN else None

    def _score(self, language: str, threes: Iterable[str]) -> float:
        seen, unseen = self._seen[language], self._unseen[language]
        return sum(seen.get(three, unseen) for three in threes)


def _threes(word: str) -> Iterator[str]:
    framed = f" {word} "
    for place in range(len(framed) - 2):
        yield framed[place : place + 3]
