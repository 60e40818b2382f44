"""How somebody says how they want to be called and spoken to: `/ticket me quiet 20:00-08:00`."""

from collections.abc import Mapping
from typing import Final

from bot.language import marked, tr
from bot.slack.request import Do, Mistake, Request
from bot.slack.typed_words import INVISIBLE, QUOTES, first_word
from bot.slack.verbs.spec import example_of

_CHOICES: Final[Mapping[str, str]] = {
    "quiet": "me quiet 20:00-08:00",
    "pings": "me pings dm",
    "language": "me language it",
}
ME_EXAMPLE: Final = _CHOICES["quiet"]

_ASKED: Final[Mapping[str, str]] = {
    "quiet": marked("From when to when?"),
    # For translators: thread, dm and both are typed in English.
    "pings": marked("Where: thread, dm or both?"),
    # For translators: the codes are typed as they are.
    "language": marked("Which one: en, it, fr, de or es?"),
}


def read_me(rest: str, command: str) -> Request | Mistake:
    """Understand what follows `me`: nothing, or a choice with what is chosen."""
    word, value = first_word(rest)
    if not word:
        return Request(do=Do.ME)
    choice = word.casefold()
    if choice not in _CHOICES:
        # For translators: quiet, pings and language are typed in English.
        wrong = tr(
            "“{typed}” is no choice of yours: it is quiet, pings or language.", typed=word[:40]
        )
        return Mistake(wrong=wrong, example=example_of(command, ME_EXAMPLE))
    value = value.strip(QUOTES + INVISIBLE).casefold()
    if not value:
        return Mistake(wrong=tr(_ASKED[choice]), example=example_of(command, _CHOICES[choice]))
    return Request(do=Do.ME, text=f"{choice} {value[:40]}")
