"""What time does to a ticket: snooze, wait, go on, and nobody to answer any more."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.card import TicketView
from bot.errors import DeskError
from bot.slack.blocks.rendered import Block
from bot.slack.class_words import read_waiting
from bot.slack.request import Do, Mistake, Request
from bot.slack.typed_words import INVISIBLE, QUOTES
from bot.slack.verbs.fields import chosen_in, select
from bot.slack.verbs.spec import Form, Group, VerbSpec, View, bare, example_of, is_open
from bot.slack.when import When, read_when
from sla_rules.vocabulary import Waiting

ON_FIELD: Final = "on"
UNTIL_FIELD: Final = "until"

SNOOZE: Final = "snooze"
"""What waits for nobody: only the warnings are silent."""

FOREVER: Final = "-"

_ON: Final[Mapping[str, str]] = {
    Waiting.CUSTOMER: "The customer has to answer us",
    Waiting.THIRD_PARTY: "A carrier, supplier or other third party",
    SNOOZE: "Nobody: only silence the warnings",
}
_LENGTHS: Final[Mapping[str, str]] = {
    "1h": "For 1 hour",
    "4h": "For 4 hours",
    "tomorrow 9:00": "Until tomorrow 9:00",
    "3d": "For 3 days",
    "7d": "For 7 days",
}
_HINT: Final = (
    "Clocks whose rule allows it stand still. A platform's limit never does. "
    "What the customer writes ends a wait for them."
)


def _read_snooze(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    when = read_when(rest.strip(QUOTES + INVISIBLE))
    if when is None:
        shown = f"I cannot read “{rest.strip()[:40]}” as a time." if rest.strip() else "Until when?"
        return Mistake(
            wrong=f"{shown} Say 30m, 2h, tomorrow or until 18:00.",
            example=example_of(command, CLOCK[do].example),
        )
    return Request(do=do, number=number, when=when)


def _read_wait(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    found = read_waiting(rest.strip(QUOTES + INVISIBLE))
    example = example_of(command, CLOCK[do].example)
    if isinstance(found, str):
        return Mistake(wrong=found, example=example)
    on, time = found
    if not time:
        return Request(do=do, number=number, waiting=on)
    when = read_when(time)
    if when is None:
        return Mistake(
            wrong=f"I cannot read “{time[:40]}” as a time. Say 2h, 3d or until tomorrow 9:00.",
            example=example,
        )
    return Request(do=do, number=number, waiting=on, when=when)


def _wait_fields(_: TicketView) -> Sequence[Block]:
    lengths = {FOREVER: "Until somebody continues it", **_LENGTHS}
    return [
        select(ON_FIELD, "Who has the next step?", _ON, Waiting.CUSTOMER, hint=_HINT),
        select(UNTIL_FIELD, "For how long?", lengths, FOREVER),
    ]


def _wait_typed(number: int, view: View) -> Request:
    on, when = chosen_in(view, ON_FIELD), _chosen_time(view)
    if on != SNOOZE:
        return Request(do=Do.WAIT, number=number, waiting=Waiting(on), when=when)
    if when is None:
        raise DeskError("Warnings are silenced for a while: choose how long below.")
    return Request(do=Do.SNOOZE, number=number, when=when)


def _snooze_fields(_: TicketView) -> Sequence[Block]:
    return [select(UNTIL_FIELD, "Silence the warnings for how long?", _LENGTHS, "1h")]


def _snooze_typed(number: int, view: View) -> Request:
    return Request(do=Do.SNOOZE, number=number, when=_chosen_time(view))


def _chosen_time(view: View) -> When | None:
    until = chosen_in(view, UNTIL_FIELD)
    return None if until == FOREVER else read_when(until)


def _is_awaited(ticket: TicketView) -> bool:
    return ticket.waiting_since is not None


CLOCK: Final[Mapping[Do, VerbSpec]] = {
    Do.NO_ANSWER: VerbSpec(
        example="noanswer 17",
        title="No answer needed",
        group=Group.ANSWER,
        press="Stop the clock",
        aliases=("no-answer", "nar"),
        read=bare,
        offered=_is_awaited,
    ),
    Do.ANSWERED: VerbSpec(
        example="answered 17",
        title="Answered in the marketplace",
        group=Group.ANSWER,
        press="It is answered",
        read=bare,
        offered=_is_awaited,
    ),
    Do.SNOOZE: VerbSpec(
        example="snooze 17 2h",
        title="Snooze the warnings…",
        group=Group.CLOCK,
        press="Snooze",
        read=_read_snooze,
        form=Form(fields=_snooze_fields, typed=_snooze_typed),
        offered=is_open,
    ),
    Do.WAIT: VerbSpec(
        example="wait 17 customer until tomorrow 9:00",
        title="Wait for somebody…",
        group=Group.CLOCK,
        press="Wait",
        read=_read_wait,
        form=Form(fields=_wait_fields, typed=_wait_typed),
        offered=is_open,
    ),
    Do.CONTINUE: VerbSpec(
        example="continue 17",
        title="Continue: the wait is over",
        group=Group.CLOCK,
        press="Continue",
        aliases=("resume", "goon"),
        read=bare,
        offered=lambda ticket: ticket.wait is not None,
    ),
}
