"""The window that can do everything to a ticket, from its opening to what came of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.card import TicketView
from bot.domain.roster import Verb
from bot.errors import DeskError
from bot.language import tr
from bot.slack.blocks import views
from bot.slack.blocks.act_view import Act, act_view
from bot.slack.blocks.rendered import Block
from bot.slack.handlers import replying
from bot.slack.handlers.performing import Call, on_ticket
from bot.slack.handlers.press import Press
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.slack.request import Do, Request
from bot.slack.verbs.table import VERBS
from bot.usecases.access import require

View = Mapping[str, Any]


async def open_act(
    wiring: Wiring, actor: str, trigger_id: str, ticket: TicketView, do: Do | None = None
) -> None:
    """Open it, at a verb where one is given. Raises NotAllowed."""
    require(wiring.desk(), actor, Verb.VIEW)
    act = Act(ticket_id=ticket.id, do=do, choosing=do is None, seen=ticket.newest_event)
    await wiring.client.views_open(trigger_id=trigger_id, view=act_view(ticket, act))


async def choose(wiring: Wiring, press: Press) -> None:
    """Show what the chosen verb needs."""
    act = replace(Act.load(press.view["private_metadata"]), do=Do(press.value))
    ticket = await ticket_with_id(wiring, press.actor, act.ticket_id)
    await wiring.client.views_update(view_id=press.view["id"], view=act_view(ticket, act))


async def submit(wiring: Wiring, actor: str, view: View) -> Block:
    """Do it; the window then says what came of it. Raises DeskError for what was left out."""
    act = Act.load(view["private_metadata"])
    if act.do is None:
        raise DeskError(tr("Choose what to do."))
    ticket = await ticket_with_id(wiring, actor, act.ticket_id)
    if act.do is Do.REPLY:
        return await replying.reply_window(wiring, actor, ticket.id)
    form = VERBS[act.do].form
    request = form.typed(ticket.number, view) if form else Request(do=act.do, number=ticket.number)
    call = Call(request=request, actor=actor, key=f"view:{view['id']}")
    told = await on_ticket(wiring, call, ticket, seen=act.seen)
    if told is None:
        raise DeskError(tr("There is nothing to show."))
    return views.answer_view(f"#{ticket.number}", told)
