"""The response ledger as the Slack side asks for it, and what a lead says of its lines."""

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db.ledger_rows import ledger_of
from bot.domain.card import TicketView
from bot.domain.roster import Verb
from bot.domain.rulings import Ruling
from bot.slack.blocks import views
from bot.slack.blocks.actions import ActionId, parted
from bot.slack.blocks.ledger import REASON_FIELD, reason_view, render_ledger
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.handlers.press import Body, Press, answer, teller
from bot.slack.handlers.refusals import telling
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.slack.verbs.fields import text_in
from bot.usecases.access import require
from bot.usecases.correct_verdict import CorrectVerdict, correct_verdict


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to what is chosen below its lines, and to its pages."""

    @app.action(str(ActionId.LEDGER_LINE))
    async def line(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            await _ask_why(wiring, press)

    @app.action(re.compile(f"^{ActionId.LEDGER_PAGE}_"))
    async def page(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            ticket_id, wanted = parted(press.value, 2)
            ticket = await ticket_with_id(wiring, press.actor, int(ticket_id))
            shown = await show_ledger(wiring, press.actor, ticket, page=int(wanted))
            await answer(wiring, press, respond, shown, replace=True)


async def show_ledger(wiring: Wiring, actor: str, ticket: TicketView, *, page: int = 0) -> Rendered:
    """A page of it; for whoever may judge, with what each line may be corrected to."""
    desk = wiring.desk()
    lines = await wiring.look(actor, lambda conn: ledger_of(conn, ticket.id))
    corrects = desk.roster.may(actor, Verb.JUDGE)
    return render_ledger(ticket, lines, desk, page=page, corrects=corrects)


async def do_correct(wiring: Wiring, ticket: TicketView, command: CorrectVerdict) -> Rendered:
    """Say what a line was; the answer is the ledger with it."""
    await wiring.decide(correct_verdict, command)
    return await show_ledger(wiring, command.actor, ticket)


async def _ask_why(wiring: Wiring, press: Press) -> None:
    require(wiring.desk(), press.actor, Verb.JUDGE)
    ticket_id, line, ruling = parted(press.value, 3)
    ticket = await ticket_with_id(wiring, press.actor, int(ticket_id))
    view = reason_view(ticket, int(line), Ruling(ruling))
    # From a window, another one opens on top of it.
    on_top = press.view.get("type") == "modal"
    show = wiring.client.views_push if on_top else wiring.client.views_open
    await show(trigger_id=press.trigger_id, view=view)


async def correct(wiring: Wiring, actor: str, view: Mapping[str, Any]) -> Block:
    """Why it was something else; the window then shows the ledger as it is now.

    Raises NotAllowed for whoever is no lead any more, DeskError for a line that cannot be that.
    """
    ticket_id, line, ruling = parted(view["private_metadata"], 3)
    ticket = await ticket_with_id(wiring, actor, int(ticket_id))
    command = CorrectVerdict(
        ticket_id=ticket.id,
        actor=actor,
        line=int(line),
        ruling=Ruling(ruling),
        reason=text_in(view, REASON_FIELD),
    )
    told = await do_correct(wiring, ticket, command)
    return views.answer_view(f"#{ticket.number}", told)
