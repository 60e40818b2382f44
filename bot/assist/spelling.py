"""Words typed in haste, taken for the word that was meant: one slip of the finger, no more.

A slip is a letter too many, too few, two swapped, or (in a very long word) a wrong one. Short words
and words that are known as they stand are left alone, and so are first and last letters: a
`cracker` is not `cracked`.
"""

from collections.abc import Iterable, Iterator

SHORTEST = 7
"""Letters of a word that may be mistyped. Shorter ones turn into other words too easily."""
SHORTEST_WRONG = 9
"""Letters of a word that may have a wrong letter: `explored` is not `exploded`."""


class Spelling:
    """The words and stems of one language, by all the slips that lead to them."""

    def __init__(self, parts: Iterable[str], known: Iterable[str]) -> None:
        """`parts` as phrases have them, stems with their `*`; `known` are never corrected."""
        named = frozenset(parts)
        self._stems = frozenset(each[:-1] for each in named if each.endswith("*"))
        self._words = frozenset(each for each in named if not each.endswith("*"))
        self._known = self._words | frozenset(known)
        self._lengths = sorted({len(each) for each in self._stems})
        self._meant = _by_slips(each for each in self._words if len(each) >= SHORTEST)
        self._meant_stems = _by_slips(each for each in self._stems if len(each) >= SHORTEST)
        self._stem_lengths = sorted(
            {len(each) + by for each in self._stems if len(each) >= SHORTEST for by in (-1, 0, 1)}
        )

    def meant(self, word: str) -> str:
        """The word as it was meant; itself where nothing is near enough."""
        if len(word) < SHORTEST - 1 or word in self._known or self._has_stem(word):
            return word
        for known in _candidates(self._meant, word):
            if _is_slip(word, known) and word[-1] == known[-1]:
                return known
        return self._with_stem(word)

    def _has_stem(self, word: str) -> bool:
        return any(word[:length] in self._stems for length in self._lengths if length <= len(word))

    def _with_stem(self, word: str) -> str:
        for length in self._stem_lengths:
            if length > len(word):
                break
            head = word[:length]
            for stem in _candidates(self._meant_stems, head):
                if _is_slip(head, stem) and head[-1] == stem[-1]:
                    return stem + word[length:]
        return word


def _by_slips(words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in sorted(words):
        for slip in {word, *_without_one(word)}:
            found.setdefault(slip, []).append(word)
    return found


def _without_one(word: str) -> Iterator[str]:
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]


def _candidates(meant: dict[str, list[str]], word: str) -> Iterator[str]:
    yield from meant.get(word, ())
    for slip in _without_one(word):
        yield from meant.get(slip, ())


def _is_slip(typed: str, meant: str) -> bool:
    """Whether one slip leads from `meant` to `typed`, which share a shorter form."""
    if typed[0] != meant[0]:
        return False
    if len(typed) != len(meant):
        longer, shorter = sorted((typed, meant), key=len, reverse=True)
        return len(longer) == len(shorter) + 1 and shorter in _without_one(longer)
    wrong = [place for place, letter in enumerate(meant) if typed[place] != letter]
    if len(wrong) == 1:
        return len(meant) >= SHORTEST_WRONG
    first, last = wrong[0], wrong[-1]
    swapped = typed[first] + typed[last] == meant[last] + meant[first]
    return len(wrong) == 2 and last == first + 1 and swapped  # noqa: PLR2004
