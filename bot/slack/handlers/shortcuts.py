"""Shortcuts on a message, and the one that opens a person's queue."""

import re
from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db import queries
from bot.domain.card import TicketView
from bot.domain.roster import Verb
from bot.slack.blocks import answers
from bot.slack.blocks.actions import ShortcutId
from bot.slack.blocks.rendered import Rendered
from bot.slack.handlers import acting, replying, verbs
from bot.slack.handlers.press import Body, Press, answer, teller
from bot.slack.handlers.refusals import telling
from bot.slack.handlers.wiring import Wiring
from bot.slack.request import Do
from bot.usecases.access import require

OnTicket = Callable[[Wiring, Press, TicketView], Awaitable[Rendered | None]]


async def _claim(wiring: Wiring, press: Press, ticket: TicketView) -> Rendered:
    return await verbs.do_claim(wiring, press.actor, ticket.id)


async def _reply(wiring: Wiring, press: Press, ticket: TicketView) -> None:
    await replying.open_reply(wiring, press.actor, press.trigger_id, ticket.id)


async def _no_answer(wiring: Wiring, press: Press, ticket: TicketView) -> Rendered:
    return await verbs.do_no_answer(wiring, press.actor, ticket.id)


async def _note(wiring: Wiring, press: Press, ticket: TicketView) -> None:
    require(wiring.desk(), press.actor, Verb.WORK)
    await acting.open_act(wiring, press.actor, press.trigger_id, ticket, Do.NOTE)


async def _everything(wiring: Wiring, press: Press, ticket: TicketView) -> None:
    await acting.open_act(wiring, press.actor, press.trigger_id, ticket)


_ON: Mapping[ShortcutId, OnTicket] = {
    ShortcutId.CLAIM: _claim,
    ShortcutId.REPLY: _reply,
    ShortcutId.NO_ANSWER: _no_answer,
    ShortcutId.NOTE: _note,
    ShortcutId.EVERYTHING: _everything,
}


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to every shortcut the manifest declares, and to those it once did."""
    for shortcut, on_ticket in _ON.items():
        app.shortcut(str(shortcut))(_listener(wiring, on_ticket))

    @app.shortcut(str(ShortcutId.MY_QUEUE))
    async def my_queue(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            rendered = await verbs.show_queue(wiring, press.actor, "mine")
            await answer(wiring, press, respond, rendered)

    @app.shortcut(re.compile(".*"))
    async def outdated(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        await answer(wiring, Press.of(body), respond, answers.outdated())


def _listener(wiring: Wiring, on_ticket: OnTicket) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            rendered = await _on_its_ticket(wiring, press, on_ticket)
            if rendered is not None:
                await answer(wiring, press, respond, rendered)

    return listen


async def _on_its_ticket(wiring: Wiring, press: Press, on_ticket: OnTicket) -> Rendered | None:
    root = press.thread_ts or press.message_ts
    ticket = await wiring.look(
        press.actor, lambda conn: queries.ticket_by_thread(conn, press.channel, root)
    )
    if ticket is None or not wiring.desk().roster.sees(press.actor, ticket.inbox):
        return answers.no_ticket_here(wiring.names)
    return await on_ticket(wiring, press, ticket)
