"""Who is there: `away`, `back` and `shift`, which are about people and not about a ticket."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.language import tr
from bot.slack.request import Do, Mistake, Person, Request
from bot.slack.typed_words import INVISIBLE, QUOTES, first_word, person_named
from bot.slack.verbs.spec import example_of
from bot.slack.when import read_when

PRESENCE_EXAMPLES: Final[Mapping[Do, str]] = {
    Do.AWAY: "away until tomorrow 9:00",
    Do.BACK: "back",
    Do.SHIFT: "shift",
}


def _read_away(rest: str, command: str) -> Request | Mistake:
    person, time = _whose(rest)
    if not time:
        return Request(do=Do.AWAY, person=person)
    when = read_when(time)
    if when is None:
        return Mistake(
            # For translators: times as they are typed; the words may be those of your language.
            wrong=tr(
                "I cannot read “{typed}” as a time. Say 2h, tomorrow or until mon 9:00.",
                typed=time[:40],
            ),
            example=example_of(command, PRESENCE_EXAMPLES[Do.AWAY]),
        )
    return Request(do=Do.AWAY, person=person, when=when)


def _read_back(rest: str, command: str) -> Request | Mistake:
    person, more = _whose(rest)
    if more:
        return Mistake(
            # For translators: back is typed in English.
            wrong=tr("Say back alone; or name a person with @, if you lead."),
            example=example_of(command, PRESENCE_EXAMPLES[Do.BACK]),
        )
    return Request(do=Do.BACK, person=person)


def _whose(rest: str) -> tuple[Person | None, str]:
    """Somebody who is named with @, and what follows."""
    words = rest.strip(QUOTES + INVISIBLE + " ")
    word, after = first_word(words)
    if not word.startswith(("@", "<@")):
        return None, words
    return person_named(word), after.strip(QUOTES + INVISIBLE + " ")


PRESENCE_READERS: Final[Mapping[Do, Callable[[str, str], Request | Mistake]]] = {
    Do.AWAY: _read_away,
    Do.BACK: _read_back,
    Do.SHIFT: lambda _rest, _command: Request(do=Do.SHIFT),
}
