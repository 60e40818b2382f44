"""Submitted windows. The window itself answers: the next step, or what is wrong with a field."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.errors import DeskError
from bot.language import tr
from bot.slack.blocks import macro_views, reply_fields, views
from bot.slack.blocks.actions import ViewId
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.reply_fields import Draft
from bot.slack.handlers import (
    acting,
    approving,
    drafting,
    home_choices,
    ledger,
    machine,
    macros,
    replying,
)
from bot.slack.handlers.answer_window import answer_in, first_field, reason_in
from bot.slack.handlers.composing import FilesRefused
from bot.slack.handlers.press import Body
from bot.slack.handlers.refusals import sentence_for
from bot.slack.handlers.wiring import Wiring
from bot.usecases.composing import Compose, end_composing
from bot.usecases.macros import WrongApproval, WrongText

View = Mapping[str, Any]
Next = Callable[[Wiring, str, View], Awaitable[Block | None]]


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to every window there is, and to those there were."""
    for view_id, step in _STEPS.items():
        app.view(str(view_id))(_listener(wiring, step))

    for view_id in (ViewId.REPLY, ViewId.REPLY_PREVIEW):
        app.view_closed(str(view_id))(_closing(wiring))

    @app.view(re.compile(".*"))
    async def outdated(ack: AsyncAck) -> None:
        said = tr("This window is outdated. Close it and open it again from the ticket's card.")
        await ack(response_action="update", view=views.message_view(tr("Outdated"), said))


def _listener(wiring: Wiring, step: Next) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, body: Body, view: View) -> None:
        try:
            following = await step(wiring, str(body["user"]["id"]), view)
        except Exception as error:  # noqa: BLE001 - the border to people: told at the field
            await ack(**_refusal(view, error))
            return
        if following is None:
            await ack()
        else:
            await ack(response_action="update", view=following)

    return listen


def _closing(wiring: Wiring) -> Callable[..., Awaitable[None]]:
    async def closed(ack: AsyncAck, body: Body, view: View) -> None:
        await ack()
        actor = str(body["user"]["id"])
        try:
            await drafting.closed(wiring, actor, view)
            ticket_id = Draft.load(view["private_metadata"]).ticket_id
            await wiring.decide(end_composing, Compose(ticket_id=ticket_id, actor=actor))
        except Exception as error:  # noqa: BLE001 - the window is gone: there is nobody to tell
            sentence_for(error)

    return closed


def _refusal(view: View, error: Exception) -> dict[str, Any]:
    """What is wrong, at its field; a window without one says it in its place."""
    said = sentence_for(error)[:1000]
    if any(block["type"] == "input" for block in view["blocks"]):
        return {"response_action": "errors", "errors": {_field_of(view, error): said}}
    return {"response_action": "update", "view": views.message_view(tr("Not done"), said)}


_FIELDS: Mapping[type[Exception], Sequence[str]] = {
    FilesRefused: (reply_fields.FILES_FIELD, reply_fields.ATTACHED_FIELD),
    WrongText: (macro_views.TEXT_FIELD,),
    WrongApproval: (macro_views.APPROVAL_FIELD,),
}


def _field_of(view: View, error: Exception) -> str:
    """Below what the error is about, if that is on the window; else below the first field."""
    fields = [block.get("block_id") for block in view["blocks"] if block["type"] == "input"]
    for one in _FIELDS.get(type(error), ()):
        if one in fields:
            return one
    return first_field(view)


async def _preview(wiring: Wiring, actor: str, view: View) -> Block:
    draft = Draft.load(view["private_metadata"])
    answer = answer_in(view, draft)
    if not answer.text.strip():
        raise DeskError(tr("Write an answer first."))
    return await replying.preview_step(wiring, actor, draft, answer)


async def _send(wiring: Wiring, actor: str, view: View) -> Block:
    draft = Draft.load(view["private_metadata"])
    answer = answer_in(view, draft)
    # Whatever is sent has been shown as the customer gets it.
    if replying.digest(answer) != draft.digest:
        return await _preview(wiring, actor, view)
    return await replying.send_step(
        wiring, actor, draft, answer, str(view["id"]), reason=reason_in(view)
    )


_STEPS: Mapping[ViewId, Next] = {
    ViewId.REPLY: _preview,
    ViewId.REPLY_PREVIEW: _send,
    ViewId.ACT: acting.submit,
    ViewId.MACRO: macros.save,
    ViewId.MACHINE: machine.use_it,
    ViewId.QUIET: home_choices.keep_quiet,
    ViewId.CALLS: home_choices.keep_calls,
    ViewId.LEDGER_REASON: ledger.correct,
    ViewId.SEND_BACK: approving.submit_send_back,
}
