"""The response ledger as the Slack side asks for it."""

from bot.db.ledger_rows import ledger_of
from bot.domain.card import TicketView
from bot.slack.blocks.ledger import render_ledger
from bot.slack.blocks.rendered import Rendered
from bot.slack.handlers.wiring import Wiring
from bot.usecases.correct_verdict import CorrectVerdict, correct_verdict


async def show_ledger(wiring: Wiring, actor: str, ticket: TicketView) -> Rendered:
    """Every line of it."""
    lines = await wiring.look(actor, lambda conn: ledger_of(conn, ticket.id))
    return render_ledger(ticket, lines, wiring.desk())


async def do_correct(wiring: Wiring, ticket: TicketView, command: CorrectVerdict) -> Rendered:
    """Say what a line was; the answer is the ledger with it."""
    await wiring.decide(correct_verdict, command)
    return await show_ledger(wiring, command.actor, ticket)
