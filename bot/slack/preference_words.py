"""How somebody says how they want to be called: `/ticket me quiet 20:00-08:00`."""

from collections.abc import Mapping
from typing import Final

from bot.slack.request import Do, Mistake, Request
from bot.slack.typed_words import INVISIBLE, QUOTES, first_word
from bot.slack.verbs.spec import example_of

_CHOICES: Final[Mapping[str, str]] = {"quiet": "me quiet 20:00-08:00", "pings": "me pings dm"}
ME_EXAMPLE: Final = _CHOICES["quiet"]


def read_me(rest: str, command: str) -> Request | Mistake:
    """Understand what follows `me`: nothing, `quiet` with hours, or `pings` with a way."""
    word, value = first_word(rest)
    if not word:
        return Request(do=Do.ME)
    choice = word.casefold()
    if choice not in _CHOICES:
        wrong = f"“{word[:40]}” is no choice of yours: it is quiet or pings."
        return Mistake(wrong=wrong, example=example_of(command, ME_EXAMPLE))
    value = value.strip(QUOTES + INVISIBLE).casefold()
    if not value:
        wrong = "From when to when?" if choice == "quiet" else "Where: thread, dm or both?"
        return Mistake(wrong=wrong, example=example_of(command, _CHOICES[choice]))
    return Request(do=Do.ME, text=f"{choice} {value[:40]}")
