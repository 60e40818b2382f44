"""One grammar for `/ticket`, `/sla` and `@threadline …`: words in, a typed request or a mistake out.

Pure. A mistake says what was wrong and shows an example that would work.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bot.db.queries import Which
from bot.domain.surge import Mode
from bot.language import tr
from bot.slack.preference_words import ME_EXAMPLE, read_me
from bot.slack.request import COMMANDS, Do, Mistake, Request
from bot.slack.typed_words import INVISIBLE, QUOTES, as_typed, first_word, ticket_number
from bot.slack.verbs.presence import PRESENCE_EXAMPLES, PRESENCE_READERS
from bot.slack.verbs.spec import example_of
from bot.slack.verbs.table import ALIASES, VERBS

_OVERVIEWS: Final[Mapping[Do, str]] = {
    Do.QUEUE: "queue unclaimed",
    Do.FIND: "find 304-1234567-7654321",
    Do.MACRO: "macro thanks",
    **PRESENCE_EXAMPLES,
    Do.ME: ME_EXAMPLE,
    Do.HELP: "help",
}

EXAMPLES: Final[Mapping[Do, str]] = {
    **{do: verb.example for do, verb in VERBS.items()},
    **_OVERVIEWS,
}

_WORDS: Final[Mapping[str, Do]] = {
    **ALIASES,
    **{str(do): do for do in _OVERVIEWS},
    "list": Do.QUEUE,
    "mine": Do.QUEUE,
    "search": Do.FIND,
    "macros": Do.MACRO,
    "shifts": Do.SHIFT,
    "?": Do.HELP,
}

_SLA_EXAMPLES = {
    "status": "status",
    "why": "why 17",
    "promises": "promises",
    "whatif": "whatif",
    "surge": "surge auto",
    "forecast": "forecast",
    "report": "report 7d by channel",
    "help": "help",
}

_SLA: Mapping[str, Do] = {
    "": Do.SLA_STATUS,
    "status": Do.SLA_STATUS,
    "why": Do.WHY,
    "promises": Do.PROMISES,
    "whatif": Do.WHATIF,
    "what-if": Do.WHATIF,
    "surge": Do.SURGE,
    "forecast": Do.FORECAST,
    "report": Do.REPORT,
    "reports": Do.REPORT,
    "help": Do.HELP,
    "?": Do.HELP,
}

_TWO_WORDS = re.compile(r"\A(no|take|go)[\s-]+(answer|over|on)(?=\s|$)", re.IGNORECASE)

QUEUES: Mapping[str, Which] = {"mine": "mine", "unclaimed": "unclaimed", "all": "all"}


def read_ticket(
    text: str, *, number: int | None = None, command: str = COMMANDS.ticket
) -> Request | Mistake:
    """Understand what follows `/ticket`, or the bot's name in a thread whose ticket is `number`."""
    word, rest = first_word(_TWO_WORDS.sub(r"\1\2", text.lstrip(), count=1))
    if not word:
        return Request(do=Do.HELP)
    do = _WORDS.get(word.casefold())
    if do is None:
        return _unknown(word, {alias: EXAMPLES[one] for alias, one in _WORDS.items()}, command)
    if do in _OVERVIEW_READERS:
        return _OVERVIEW_READERS[do](rest, command)
    found, rest = ticket_number(rest, number)
    if found is None:
        return _no_number(do, rest, command)
    if VERBS[do].pairs and number is not None and not rest.strip():
        # In a thread, the one number that is given is the other ticket's.
        found, rest = number, str(found)
    return VERBS[do].read(do, found, rest, command)


def read_alias(
    do: Do, text: str, *, alias: str, command: str = COMMANDS.ticket
) -> Request | Mistake:
    """Understand `/claim 17` or `/reply 17 text` as `/ticket claim 17` is; examples are in its own words."""
    read = read_ticket(f"{do} {text}", command=command)
    if isinstance(read, Request):
        return read
    return replace(read, example=read.example.replace(f"{command} {do}", alias, 1))


def read_sla(text: str, *, command: str = COMMANDS.sla) -> Request | Mistake:
    """Understand what follows `/sla`: `status`, `why 17`, `promises`, `report 7d`, … or `help`."""
    word, rest = first_word(text)
    do = _SLA.get(word.casefold())
    if do is None:
        return _unknown(word, _SLA_EXAMPLES, command)
    if do is Do.SURGE:
        return _surge(rest, command)
    if do is Do.REPORT:
        return Request(do=do, text=as_typed(rest.strip(INVISIBLE)))
    if do is not Do.WHY:
        return Request(do=do)
    found, _ = ticket_number(rest, None)
    if found is None:
        return Mistake(wrong=tr("Which ticket?"), example=f"{command} why 17")
    return Request(do=Do.WHY, number=found)


def _surge(rest: str, command: str) -> Request | Mistake:
    word, _ = first_word(rest)
    if word.casefold() in {"", *Mode}:
        return Request(do=Do.SURGE, text=word.casefold())
    # For translators: on, off and auto are typed in English.
    wrong = tr("Surge mode is on, off or auto, not “{typed}”.", typed=word[:40])
    return Mistake(wrong=wrong, example=f"{command} surge auto")


def _find(rest: str, command: str) -> Request | Mistake:
    words = as_typed(rest.strip(QUOTES + INVISIBLE))
    if not words:
        wrong = tr("What? Give an order number, a customer's name or a word they wrote.")
        return Mistake(wrong=wrong, example=example_of(command, EXAMPLES[Do.FIND]))
    return Request(do=Do.FIND, text=words)


def _no_number(do: Do, rest: str, command: str) -> Mistake:
    word, _ = first_word(rest)
    wrong = tr("The ticket number is missing.")
    if word:
        wrong = tr("“{typed}” is not a ticket number.", typed=word[:40])
    return Mistake(wrong=wrong, example=example_of(command, EXAMPLES[do]))


def _unknown(word: str, known: Mapping[str, str], command: str) -> Mistake:
    shown = word[:40]
    close = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    if not close:
        return Mistake(wrong=tr("I do not know “{typed}”.", typed=shown), example=f"{command} help")
    return Mistake(
        wrong=tr("I do not know “{typed}”. Did you mean {meant}?", typed=shown, meant=close[0]),
        example=f"{command} {known[close[0]]}",
    )


def _queue(rest: str, command: str) -> Request | Mistake:
    word, _ = first_word(rest)
    which = word.casefold() or "mine"
    if which in QUEUES:
        return Request(do=Do.QUEUE, which=QUEUES[which])
    close = difflib.get_close_matches(which, QUEUES, n=1)
    meant = close[0] if close else "unclaimed"
    return Mistake(
        # For translators: mine, unclaimed and all are typed in English.
        wrong=tr("There is no queue “{typed}”: it is mine, unclaimed or all.", typed=word[:40]),
        example=f"{command} queue {meant}",
    )


_OVERVIEW_READERS: Final[Mapping[Do, Callable[[str, str], Request | Mistake]]] = {
    **PRESENCE_READERS,
    Do.ME: read_me,
    Do.HELP: lambda _rest, _command: Request(do=Do.HELP),
    Do.QUEUE: _queue,
    Do.FIND: _find,
    Do.MACRO: lambda rest, _command: Request(
        do=Do.MACRO, text=as_typed(rest.strip(QUOTES + INVISIBLE))
    ),
}
