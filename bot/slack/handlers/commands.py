"""Slash commands, and the same verbs said to the bot in a thread."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db import queries
from bot.language import tr
from bot.slack.blocks import answers
from bot.slack.blocks.rendered import Rendered
from bot.slack.commands import read_alias, read_sla, read_ticket
from bot.slack.handlers.performing import Call, perform
from bot.slack.handlers.refusals import telling
from bot.slack.handlers.seen import is_first
from bot.slack.handlers.wiring import Wiring
from bot.slack.request import Do, Mistake, Request
from bot.slack.typed_words import mentioned_text


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

    for alias, do in ((wiring.names.claim, Do.CLAIM), (wiring.names.reply, Do.REPLY)):
        app.command(alias)(_alias(wiring, alias, do))

    @app.event("app_mention")
    async def mentioned(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        await _on_mention(wiring, event, str(body.get("event_id", "")))

    @app.event("message")
    async def said_among_colleagues() -> None:
        """What is written in a thread stays in the company: nothing happens to it."""


def _alias(wiring: Wiring, alias: str, do: Do) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, command: Mapping[str, Any], respond: AsyncRespond) -> None:
        await ack()
        typed = str(command.get("text") or "")
        read = read_alias(do, typed, alias=alias, command=wiring.names.ticket)
        await _answer_command(wiring, command, respond, read)

    return listen


async def _answer_command(
    wiring: Wiring, command: Mapping[str, Any], respond: AsyncRespond, read: Request | Mistake
) -> None:
    async def tell(rendered: Rendered) -> None:
        await respond(text=rendered.text, blocks=rendered.blocks, response_type="ephemeral")

    if isinstance(read, Mistake):
        await tell(answers.mistaken(read))
        return
    trigger = str(command.get("trigger_id", ""))
    call = Call(
        request=read,
        actor=str(command["user_id"]),
        key=trigger,
        trigger_id=trigger,
        channel=str(command.get("channel_id", "")),
    )
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
    return await perform(wiring, call) or answers.say(tr("Done."))
