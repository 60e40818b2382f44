"""What the Slack side knows of a verb: how it is typed, and how a window asks for the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.domain.card import TicketView
from bot.language import marked
from bot.slack.blocks.rendered import Block
from bot.slack.request import Do, Mistake, Request

View = Mapping[str, Any]

Reader = Callable[[Do, int, str, str], Request | Mistake]
"""(verb, ticket number, what follows it, the command) → what is asked."""


class Group(StrEnum):
    """How a window sorts the verbs: the headings above them, said by `tr`."""

    # For translators: headings in the list of all that can be done with a ticket. Here: its owner.
    OWNER = marked("Whose it is")
    # For translators: heading above what concerns the customer: answer, no answer needed.
    ANSWER = marked("The customer")
    # For translators: heading above what moves clocks: snooze, wait, continue.
    CLOCK = marked("Time")
    # For translators: heading above what changes the ticket itself: note, class, tags, resolve.
    TICKET = marked("The ticket")
    # For translators: heading above what only shows something: status, why, ledger.
    LOOK = marked("Look")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A verb's fields in a window, and the same request read back from them.

    `typed` raises DeskError for what was left out.
    """

    fields: Callable[[TicketView], Sequence[Block]]
    typed: Callable[[int, View], Request]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbSpec:
    """One verb on a ticket. Every one works as a command, to the bot's name, and in a window.

    `example` is what follows the command; `title` names it in a list, `press` on the button, both
    marked and said by `tr`.
    A verb without a `form` needs nothing but the ticket. `offered` says whether it makes sense now,
    `pairs` whether it takes the number of a second ticket.
    """

    example: str
    title: str
    group: Group
    press: str
    aliases: Sequence[str] = ()
    read: Reader
    form: Form | None = None
    offered: Callable[[TicketView], bool] = lambda _: True
    pairs: bool = False


def bare(do: Do, number: int, _rest: str, _command: str) -> Request | Mistake:
    """A verb that needs nothing but the ticket."""
    return Request(do=do, number=number)


def is_open(ticket: TicketView) -> bool:
    """Whether the ticket is not resolved."""
    return ticket.state != "resolved"


def example_of(command: str, example: str) -> str:
    """A command that works, to show beside a mistake."""
    return f"{command} {example}"
