"""What time does to a ticket: snooze, wait, go on, and nobody to answer any more."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.card import TicketView
from bot.errors import DeskError
from bot.language import marked, tr
from bot.slack.blocks.rendered import Block
from bot.slack.class_words import read_waiting
from bot.slack.request import Do, Mistake, Request
from bot.slack.typed_words import INVISIBLE, QUOTES
from bot.slack.verbs.fields import chosen_in, in_words, select
from bot.slack.verbs.spec import Form, Group, VerbSpec, View, bare, example_of, is_open
from bot.slack.when import When, read_when
from sla_rules.vocabulary import Waiting

ON_FIELD: Final = "on"
UNTIL_FIELD: Final = "until"

SNOOZE: Final = "snooze"
"""What waits for nobody: only the warnings are silent."""

FOREVER: Final = "-"

_ON: Final[Mapping[str, str]] = {
    Waiting.CUSTOMER: marked("The customer has to answer us"),
    Waiting.THIRD_PARTY: marked("A carrier, supplier or other third party"),
    SNOOZE: marked("Nobody: only silence the warnings"),
}
_LENGTHS: Final[Mapping[str, str]] = {
    # For translators: a choice of how long to wait, or to silence warnings.
    "1h": marked("For 1 hour"),
    "4h": marked("For 4 hours"),
    "tomorrow 9:00": marked("Until tomorrow 9:00"),
    "3d": marked("For 3 days"),
    "7d": marked("For 7 days"),
}
_HINT: Final = marked(
    "Clocks whose rule allows it stand still. A platform's limit never does. "
    "What the customer writes ends a wait for them."
)


def _read_snooze(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    when = read_when(rest.strip(QUOTES + INVISIBLE))
    if when is None:
        return Mistake(
            wrong=_no_time(rest.strip()[:40]), example=example_of(command, CLOCK[do].example)
        )
    return Request(do=do, number=number, when=when)


def _no_time(typed: str) -> str:
    if not typed:
        # For translators: times as they are typed; “tomorrow” and “until” may be your language's.
        return tr("Until when? Say 30m, 2h, tomorrow or until 18:00.")
    # For translators: times as they are typed; “tomorrow” and “until” may be your language's.
    return tr(
        "I cannot read “{typed}” as a time. Say 30m, 2h, tomorrow or until 18:00.", typed=typed
    )


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
            # For translators: times as they are typed; “until tomorrow” may be your language's.
            wrong=tr(
                "I cannot read “{typed}” as a time. Say 2h, 3d or until tomorrow 9:00.",
                typed=time[:40],
            ),
            example=example,
        )
    return Request(do=do, number=number, waiting=on, when=when)


def _wait_fields(_: TicketView) -> Sequence[Block]:
    lengths = {FOREVER: tr("Until somebody continues it"), **in_words(_LENGTHS)}
    return [
        select(
            ON_FIELD,
            tr("Who has the next step?"),
            in_words(_ON),
            Waiting.CUSTOMER,
            hint=tr(_HINT),
        ),
        select(UNTIL_FIELD, tr("For how long?"), lengths, FOREVER),
    ]


def _wait_typed(number: int, view: View) -> Request:
    on, when = chosen_in(view, ON_FIELD), _chosen_time(view)
    if on != SNOOZE:
        return Request(do=Do.WAIT, number=number, waiting=Waiting(on), when=when)
    if when is None:
        raise DeskError(tr("Warnings are silenced for a while: choose how long below."))
    return Request(do=Do.SNOOZE, number=number, when=when)


def _snooze_fields(_: TicketView) -> Sequence[Block]:
    label = tr("Silence the warnings for how long?")
    return [select(UNTIL_FIELD, label, in_words(_LENGTHS), "1h")]


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
        title=marked("No answer needed"),
        group=Group.ANSWER,
        # For translators: a button of at most 24 characters.
        press=marked("Stop the clock"),
        aliases=("no-answer", "nar"),
        read=bare,
        offered=_is_awaited,
    ),
    Do.ANSWERED: VerbSpec(
        example="answered 17",
        title=marked("Answered in the marketplace"),
        group=Group.ANSWER,
        # For translators: a button of at most 24 characters.
        press=marked("It is answered"),
        read=bare,
        offered=_is_awaited,
    ),
    Do.SNOOZE: VerbSpec(
        example="snooze 17 2h",
        title=marked("Snooze the warnings…"),
        group=Group.CLOCK,
        press=marked("Snooze"),
        read=_read_snooze,
        form=Form(fields=_snooze_fields, typed=_snooze_typed),
        offered=is_open,
    ),
    Do.WAIT: VerbSpec(
        example="wait 17 customer until tomorrow 9:00",
        title=marked("Wait for somebody…"),
        group=Group.CLOCK,
        # For translators: a button: have the ticket wait for somebody.
        press=marked("Wait"),
        read=_read_wait,
        form=Form(fields=_wait_fields, typed=_wait_typed),
        offered=is_open,
    ),
    Do.CONTINUE: VerbSpec(
        example="continue 17",
        title=marked("Continue: the wait is over"),
        group=Group.CLOCK,
        press=marked("Continue"),
        aliases=("resume", "goon"),
        read=bare,
        offered=lambda ticket: ticket.wait is not None,
    ),
}
