"""Submitted windows. The window itself answers: the next step, or what is wrong with a field."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.errors import DeskError
from bot.slack.blocks import views
from bot.slack.blocks.actions import ViewId
from bot.slack.blocks.rendered import Block
from bot.slack.handlers import replying, verbs
from bot.slack.handlers.press import Body
from bot.slack.handlers.refusals import sentence_for
from bot.slack.handlers.seen import is_first
from bot.slack.handlers.wiring import Wiring

View = Mapping[str, Any]
Next = Callable[[Wiring, str, View], Awaitable[Block | None]]


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to every window there is, and to those there were."""
    for view_id, step in _STEPS.items():
        app.view(str(view_id))(_listener(wiring, step))

    @app.view(re.compile(".*"))
    async def outdated(ack: AsyncAck) -> None:
        said = "This window is outdated. Close it and open it again from the ticket's card."
        await ack(response_action="update", view=views.message_view("Outdated", said))


def _listener(wiring: Wiring, step: Next) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, body: Body, view: View) -> None:
        try:
            following = await step(wiring, str(body["user"]["id"]), view)
        except Exception as error:  # noqa: BLE001 - the border to people: told at the field
            said = sentence_for(error)[:1000]
            await ack(response_action="errors", errors={_field(view): said})
            return
        if following is None:
            await ack()
        else:
            await ack(response_action="update", view=following)

    return listen


def _field(view: View) -> str:
    return next(str(block["block_id"]) for block in view["blocks"] if block["type"] == "input")


def _typed(view: View) -> str:
    """The text of the window's field; empty where nothing was typed."""
    values = view["state"]["values"].get(_field(view), {})
    return str(values.get(views.TEXT_FIELD, {}).get("value") or "")


async def _preview(wiring: Wiring, actor: str, view: View) -> Block:
    text = _typed(view)
    if not text.strip():
        raise DeskError("Write an answer first.")
    draft = views.Draft.load(view["private_metadata"])
    return await replying.preview_step(wiring, actor, draft, text)


async def _send(wiring: Wiring, actor: str, view: View) -> Block:
    draft = views.Draft.load(view["private_metadata"])
    # Whatever is sent has been shown as the customer gets it.
    if replying.digest(_typed(view)) != draft.digest:
        return await _preview(wiring, actor, view)
    return await replying.send_step(wiring, actor, draft, _typed(view), str(view["id"]))


async def _assign(wiring: Wiring, actor: str, view: View) -> None:
    ticket_id = int(view["private_metadata"])
    values = view["state"]["values"][views.PERSON_FIELD][views.PERSON_FIELD]
    assignee = values.get("selected_user")
    if assignee:
        await verbs.do_assign(wiring, actor, ticket_id, str(assignee))
    else:
        await verbs.do_release(wiring, actor, ticket_id)


async def _note(wiring: Wiring, actor: str, view: View) -> None:
    text = _typed(view)
    if not text.strip():
        raise DeskError("Write a note first.")
    ticket = await verbs.ticket_with_id(wiring, actor, int(view["private_metadata"]))
    if await is_first(wiring, f"note:{view['id']}"):
        await verbs.do_note(wiring, actor, ticket, text)


_STEPS: Mapping[ViewId, Next] = {
    ViewId.REPLY: _preview,
    ViewId.REPLY_PREVIEW: _send,
    ViewId.ASSIGN: _assign,
    ViewId.NOTE: _note,
}
