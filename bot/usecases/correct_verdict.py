"""A lead says what a line of the response ledger really was; the clocks follow from the history."""

from dataclasses import dataclass

from bot.db import queries
from bot.db.ledger_rows import ledger_of
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.ledger import CannotBe, LedgerLine, refusal
from bot.domain.roster import Verb
from bot.domain.rulings import Ruling
from bot.domain.ticket import EventType, Ticket
from bot.errors import DeskError
from bot.language import marked, tr
from bot.usecases.access import say, work_on
from bot.usecases.clocks import replan

_REFUSALS = {
    CannotBe.THEIRS: marked("It came from the customer's side, so it is no answer of ours."),
    CannotBe.NEVER_SENT: marked(
        "It was never handed over, so it stops no clock and needs no correction."
    ),
    CannotBe.SAME: marked("That was said of it already."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectVerdict:
    """`actor` knows better what line `line` was; `reason` is for whoever asks later."""

    ticket_id: int
    actor: str
    line: int
    ruling: Ruling
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedVerdict:
    """The ticket with its clocks planned anew."""

    ticket: TicketView


def correct_verdict(tx: Tx, desk: Desk, command: CorrectVerdict) -> CorrectedVerdict:
    """Keep the correction, and plan the clocks from the history with it. The next one undoes it.

    Raises NotAllowed, NoSuchTicket, DeskError for a line that is not there or cannot be that.
    """
    ticket = work_on(tx, desk, command.actor, command.ticket_id, Verb.JUDGE)
    if not command.reason.strip():
        raise DeskError(tr("Say why in a few words: the history keeps it."))
    line = _the_line(tx, ticket, command.line)
    why_not = refusal(line, command.ruling)
    if why_not is not None:
        raise DeskError(
            tr(
                "Line {line} stays as it is. {reason}",
                line=command.line,
                reason=tr(_REFUSALS[why_not]),
            )
        )
    say(
        tx,
        desk,
        ticket,
        EventType.VERDICT_CORRECTED,
        actor=command.actor,
        line=str(line.entry.id),
        number=line.number,
        ruling=command.ruling,
        reason=command.reason.strip(),
    )
    replan(tx, desk, [ticket.id])
    return CorrectedVerdict(ticket=queries.ticket_view(tx.conn, ticket.id))


def _the_line(tx: Tx, ticket: Ticket, number: int) -> LedgerLine:
    lines = ledger_of(tx.conn, ticket.id)
    if not lines:
        raise DeskError(
            tr("The ledger of #{number} is empty: nothing went out yet.", number=ticket.number)
        )
    if not 1 <= number <= len(lines):
        raise DeskError(
            tr(
                "The ledger of #{number} has no line {line}: its lines are 1 to {last}.",
                number=ticket.number,
                line=number,
                last=len(lines),
            )
        )
    return lines[number - 1]
