"""Ask a language model for help with a ticket: whether it may be asked, what it cost, who asked.

The call itself happens between the two, outside of any transaction. No text is kept of it.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.assist.llm.budget import DailyLimits, SpentUp, reached
from bot.assist.llm.uses import HELP_OF, Use
from bot.db import llm_rows
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.ticket import EventType
from bot.errors import DeskError
from bot.language import marked, tr
from bot.usecases.access import work_on


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginAsking:
    """`actor` wants help. `patience` is after how long the question counts as given up."""

    ticket_id: int
    actor: str
    use: Use
    limits: DailyLimits
    patience: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAsking:
    """What came of it: `outcome` is "answered", or why there was nothing to show."""

    ticket_id: int
    actor: str
    use: Use
    model: str
    outcome: str
    tokens: int
    ms: int


_SPENT = {
    SpentUp.REQUESTS: marked(
        "The machine was asked as often today as the settings allow. Write the answer yourself; "
        "it can be asked again tomorrow."
    ),
    SpentUp.TOKENS: marked(
        "What the settings allow the machine to cost today is spent. Write the answer yourself; "
        "it can be asked again tomorrow."
    ),
}


def begin_asking(tx: Tx, desk: Desk, command: BeginAsking) -> None:
    """Count the request before it is made, so that nothing that fails is free.

    Raises:
        NotAllowed, NoSuchTicket: as ever.
        DeskError: not switched on for this inbox, the day is spent, or another question is open.
    """
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    inbox = desk.inboxes.get(ticket.inbox)
    if inbox is None or HELP_OF[command.use] not in inbox.llm:
        raise DeskError(tr("No machine helps with this inbox. Write the answer yourself."))
    # Counted first: two who ask at once wait for each other here, and see each other's request.
    llm_rows.note_spent(tx, requests=1)
    spent = llm_rows.spent_on(tx.conn, tx.now)
    full = reached(replace(spent, requests=spent.requests - 1), command.limits)
    if full is not None:
        raise DeskError(tr(_SPENT[full]))
    if not llm_rows.take_turn(tx, command.actor, tx.now + command.patience):
        raise DeskError(tr("The machine is still writing for you. Wait for that answer first."))


def end_asking(tx: Tx, _desk: Desk, command: EndAsking) -> None:
    """Let the person ask again, count what it cost, and note who asked for what."""
    llm_rows.end_turn(tx, command.actor)
    llm_rows.note_spent(tx, tokens=command.tokens)
    tx.record(
        command.ticket_id,
        EventType.MACHINE_ASKED,
        actor=command.actor,
        use=command.use,
        model=command.model,
        outcome=command.outcome,
        tokens=command.tokens,
        ms=command.ms,
    )
