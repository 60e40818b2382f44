"""Submitted windows. The window itself answers: the next step, or what is wrong with a field."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.errors import DeskError
from bot.slack.blocks import step_views, views
from bot.slack.blocks.actions import ViewId
from bot.slack.blocks.rendered import Block
from bot.slack.class_words import ClassChange
from bot.slack.handlers import next_step, replying, verbs
from bot.slack.handlers.press import Body
from bot.slack.handlers.refusals import sentence_for
from bot.slack.handlers.seen import is_first
from bot.slack.handlers.wiring import Wiring
from bot.slack.when import read_when
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk, Stage, Waiting

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


def _reason(view: View) -> str:
    """Why an answer is sent although a rule warns of it; empty where no rule does."""
    field = view["state"]["values"].get(views.REASON_FIELD, {}).get(views.REASON_FIELD, {})
    return str(field.get("value") or "")


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
    return await replying.send_step(
        wiring, actor, draft, _typed(view), str(view["id"]), reason=_reason(view)
    )


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


async def _wait(wiring: Wiring, actor: str, view: View) -> Block:
    ticket = await verbs.ticket_with_id(wiring, actor, int(view["private_metadata"]))
    on = str(_chosen(view, step_views.ON_FIELD))
    until = _chosen(view, step_views.UNTIL_FIELD)
    when = None if until == step_views.FOREVER else read_when(until)
    if on != step_views.SNOOZE:
        told = await next_step.do_wait(wiring, actor, ticket, Waiting(on), when)
    elif when is None:
        raise DeskError("Warnings are silenced for a while: choose how long below.")
    else:
        told = await verbs.do_snooze(wiring, actor, ticket, when)
    return views.answer_view(f"#{ticket.number}", told)


async def _class(wiring: Wiring, actor: str, view: View) -> Block:
    ticket = await verbs.ticket_with_id(wiring, actor, int(view["private_metadata"]))
    change = _class_change(view)
    if change == ClassChange():
        raise DeskError("Nothing was changed. Choose something else, or cancel.")
    told = await next_step.do_reclassify(wiring, actor, ticket, change)
    return views.answer_view(f"#{ticket.number}", told)


def _class_change(view: View) -> ClassChange:
    """What differs from what the window showed: nobody's change meanwhile is taken back."""
    risk, stage, topic, vip = (
        _newly_chosen(view, field)
        for field in (
            step_views.RISK_FIELD,
            step_views.STAGE_FIELD,
            step_views.TOPIC_FIELD,
            step_views.VIP_FIELD,
        )
    )
    field = view["state"]["values"][step_views.TAGS_FIELD][step_views.TAGS_FIELD]
    typed = _tags(field.get("value"))
    shown = _tags(_element(view, step_views.TAGS_FIELD).get("initial_value"))
    return ClassChange(
        risk=Risk(risk) if risk else None,
        stage=Stage(stage) if stage else None,
        topic=Topic(topic) if topic else None,
        vip=vip == "yes" if vip else None,
        added=tuple(sorted(typed - shown)),
        removed=tuple(sorted(shown - typed)),
    )


def _tags(typed: str | None) -> set[str]:
    return {tag.strip() for tag in (typed or "").split(",")} - {""}


def _chosen(view: View, field: str) -> str:
    option = view["state"]["values"][field][field]["selected_option"]
    return str(option["value"])


def _newly_chosen(view: View, field: str) -> str | None:
    chosen = _chosen(view, field)
    return None if chosen == _element(view, field)["initial_option"]["value"] else chosen


def _element(view: View, field: str) -> Mapping[str, Any]:
    return next(block["element"] for block in view["blocks"] if block.get("block_id") == field)


_STEPS: Mapping[ViewId, Next] = {
    ViewId.REPLY: _preview,
    ViewId.REPLY_PREVIEW: _send,
    ViewId.ASSIGN: _assign,
    ViewId.NOTE: _note,
    ViewId.WAIT: _wait,
    ViewId.CLASS: _class,
}
