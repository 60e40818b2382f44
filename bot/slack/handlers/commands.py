"""Slash commands, and the same verbs said to the bot in a thread."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db import queries
from bot.domain.card import TicketView
from bot.errors import DeskError
from bot.slack.blocks import answers
from bot.slack.blocks.rendered import Rendered
from bot.slack.commands import Do, Mistake, Request, mentioned_text, read_sla, read_ticket
from bot.slack.handlers import next_step, overview, replying, verbs
from bot.slack.handlers.refusals import telling
from bot.slack.handlers.seen import is_first
from bot.slack.handlers.wiring import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who asked for what. `key` names this very call; `trigger_id` is empty where no window opens."""

    request: Request
    actor: str
    key: str
    trigger_id: str = ""


OnTicket = Callable[[Wiring, Call, TicketView], Awaitable[Rendered | None]]


async def perform(wiring: Wiring, call: Call) -> Rendered | None:
    """Do what was asked; the private answer, or None where a window opened instead."""
    request = call.request
    match request.do:
        case Do.HELP:
            return answers.help_text(wiring.names)
        case Do.QUEUE:
            return await verbs.show_queue(wiring, call.actor, request.which)
        case Do.SLA_STATUS:
            return await overview.show_sla_status(wiring, call.actor)
        case Do.PROMISES:
            return await overview.show_promises(wiring, call.actor)
        case Do.WHATIF:
            return await overview.show_whatif(wiring, call.actor)
        case _:
            return await _on_ticket(wiring, call)


async def _on_ticket(wiring: Wiring, call: Call) -> Rendered | None:
    if call.request.number is None:
        raise DeskError("Which ticket?")
    ticket = await verbs.ticket_of(wiring, call.actor, call.request.number)
    return await _ON_TICKET[call.request.do](wiring, call, ticket)


async def _claim(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_claim(wiring, call.actor, ticket.id)


async def _take(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_take(wiring, call.actor, ticket)


async def _release(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_release(wiring, call.actor, ticket.id)


async def _reply(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered | None:
    if call.request.text:
        return await replying.send_text(wiring, call.actor, ticket, call.request.text, call.key)
    if not call.trigger_id:
        return answers.press_reply(ticket)
    await replying.open_reply(wiring, call.actor, call.trigger_id, ticket.id)
    return None


async def _assign(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    if call.request.person is None:
        raise DeskError("To whom?")
    assignee = verbs.person_meant(wiring, call.actor, call.request.person)
    return await verbs.do_assign(wiring, call.actor, ticket.id, assignee)


async def _note(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_note(wiring, call.actor, ticket, call.request.text)


async def _snooze(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    if call.request.when is None:
        raise DeskError("Until when?")
    return await verbs.do_snooze(wiring, call.actor, ticket, call.request.when)


async def _resolve(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_resolve(wiring, call.actor, ticket.id)


async def _reopen(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_reopen(wiring, call.actor, ticket.id)


async def _no_answer(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_no_answer(wiring, call.actor, ticket.id)


async def _answered(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_answered(wiring, call.actor, ticket.id)


async def _status(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.show_status(wiring, call.actor, ticket)


async def _why(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.show_why(wiring, call.actor, ticket)


async def _wait(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    waiting, when = call.request.waiting, call.request.when
    if waiting is None:
        raise DeskError("For whom?")
    return await next_step.do_wait(wiring, call.actor, ticket, waiting, when)


async def _go_on(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await next_step.do_go_on(wiring, call.actor, ticket)


async def _class(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    if call.request.change is None:
        raise DeskError("What is it?")
    return await next_step.do_reclassify(wiring, call.actor, ticket, call.request.change)


_ON_TICKET: Mapping[Do, OnTicket] = {
    Do.CLAIM: _claim,
    Do.TAKE: _take,
    Do.RELEASE: _release,
    Do.REPLY: _reply,
    Do.ASSIGN: _assign,
    Do.NOTE: _note,
    Do.SNOOZE: _snooze,
    Do.RESOLVE: _resolve,
    Do.REOPEN: _reopen,
    Do.NO_ANSWER: _no_answer,
    Do.ANSWERED: _answered,
    Do.STATUS: _status,
    Do.WHY: _why,
    Do.WAIT: _wait,
    Do.CONTINUE: _go_on,
    Do.CLASS: _class,
}


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to the slash commands and to the bot's name."""

    @app.command(wiring.names.ticket)
    async def ticket(ack: AsyncAck, command: Mapping[str, Any], respond: AsyncRespond) -> None:
        await ack()
        read = read_ticket(str(command.get("text") or ""), command=wiring.names.ticket)
        await _answer_command(wiring, command, respond, read)

    @app.command(wiring.names.sla)
    async def sla(ack: AsyncAck, command: Mapping[str, Any], respond: AsyncRespond) -> None:
        await ack()
        read = read_sla(str(command.get("text") or ""), command=wiring.names.sla)
        await _answer_command(wiring, command, respond, read)

    @app.event("app_mention")
    async def mentioned(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        await _on_mention(wiring, event, str(body.get("event_id", "")))

    @app.event("message")
    async def said_among_colleagues() -> None:
        """What is written in a thread stays in the company: nothing happens to it."""


async def _answer_command(
    wiring: Wiring, command: Mapping[str, Any], respond: AsyncRespond, read: Request | Mistake
) -> None:
    async def tell(rendered: Rendered) -> None:
        await respond(text=rendered.text, blocks=rendered.blocks, response_type="ephemeral")

    if isinstance(read, Mistake):
        await tell(answers.mistaken(read))
        return
    trigger = str(command.get("trigger_id", ""))
    call = Call(request=read, actor=str(command["user_id"]), key=trigger, trigger_id=trigger)
    async with telling(tell):
        rendered = await perform(wiring, call)
        if rendered is not None:
            await tell(rendered)


async def _on_mention(wiring: Wiring, event: Mapping[str, Any], event_id: str) -> None:
    if event.get("bot_id") or not await is_first(wiring, event_id):
        return
    channel, actor = str(event["channel"]), str(event["user"])
    thread = str(event.get("thread_ts") or "")

    async def tell(rendered: Rendered) -> None:
        await wiring.client.chat_postEphemeral(
            channel=channel,
            user=actor,
            thread_ts=thread or None,
            text=rendered.text,
            blocks=rendered.blocks,
        )

    async with telling(tell):
        await tell(await _said(wiring, event, channel, thread, event_id))


async def _said(
    wiring: Wiring, event: Mapping[str, Any], channel: str, thread: str, event_id: str
) -> Rendered:
    ticket = None
    if thread:
        ticket = await wiring.db.read(lambda conn: queries.ticket_by_thread(conn, channel, thread))
    number = ticket.number if ticket else None
    read = read_ticket(
        mentioned_text(str(event.get("text", ""))), number=number, command="@threadline"
    )
    if isinstance(read, Mistake):
        return answers.mistaken(read)
    call = Call(request=read, actor=str(event["user"]), key=event_id)
    return await perform(wiring, call) or answers.say("Done.")
