"""The same customer saying the same again: a second click, or an impatient second try."""

from datetime import datetime, timedelta

from bot.assist.phrasebook import words_of

WITHIN = timedelta(hours=48)
"""How long after a message its words are taken for a repetition. Later it may be meant anew."""


def repeats(later: str, earlier: str, *, at: datetime, before: datetime) -> bool:
    """Whether `later`, sent `at`, has the words of `earlier`, sent `before`, and soon after.

    Case, accents, punctuation and emoji do not matter; what has no words repeats nothing.
    """
    if not timedelta(0) <= at - before <= WITHIN:
        return False
    words = _words(later)
    return bool(words) and words == _words(earlier)


def _words(text: str) -> list[str]:
    return [word for word in words_of(text) if word[0].isalnum()]
