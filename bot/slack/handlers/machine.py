"""Ask a language model, and put its words into an answer when an agent wants them there.

The window below stays as it is while the model is asked: what was typed cannot be lost to an answer
that comes late, or never. Nothing here sends anything to a customer (invariant 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy import Connection

from bot.assist.llm.uses import FOR_THE_CUSTOMER, Use
from bot.db.draft_rows import KeptDraft, drafts_of
from bot.domain.card import TicketView
from bot.domain.machine import (
    Origin,
    put_aside,
)
from bot.errors import DeskError
from bot.language import tr
from bot.slack.blocks import machine, views
from bot.slack.blocks.actions import ViewId
from bot.slack.blocks.machine import Asked
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.reply_fields import Draft
from bot.slack.handlers import drafting, replying
from bot.slack.handlers.answer_window import answer_in, kept_choices
from bot.slack.handlers.drafting import Written
from bot.slack.handlers.machine_asking import ask_model, question_for
from bot.slack.handlers.press import Press
from bot.slack.handlers.refusals import sentence_for
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.usecases.drafts import KeepDraft, keep_draft

log = structlog.get_logger(__name__)


async def draft(wiring: Wiring, press: Press) -> None:
    """Have an answer drafted."""
    await _ask(wiring, press, Use.DRAFT)


async def translate_answer(wiring: Wiring, press: Press) -> None:
    """Have the agent's words translated for the customer."""
    await _ask(wiring, press, Use.ANSWER)


async def translate_words(wiring: Wiring, press: Press) -> None:
    """Have the customer's words translated for the agent."""
    await _ask(wiring, press, Use.WORDS)


async def summarise(wiring: Wiring, press: Press) -> None:
    """Have the conversation summarised."""
    await _ask(wiring, press, Use.SUMMARY)


async def _ask(wiring: Wiring, press: Press, use: Use) -> None:
    """Open a window on top at once, and fill it when there is an answer."""
    below = _below(press, use)
    if below.typed:
        kept = Draft.load(below.draft)
        await drafting.remember(wiring, press.actor, kept, below.text)
    patience = wiring.llm.access.patience.total_seconds() if wiring.llm else 0
    waiting = machine.waiting_view(use, patience)
    try:
        opened = await wiring.client.views_push(trigger_id=press.trigger_id, view=waiting)
    except SlackApiError as error:
        if not below.draft:
            raise
        await drafting.take_step(wiring, press, _refusing(sentence_for(error)))
        return
    try:
        shown = await _answered(wiring, press.actor, press.ticket_id, below)
    except DeskError as refusal:
        shown = machine.trouble_view(use, str(refusal))
    view: Mapping[str, Any] = opened.get("view") or {}
    try:
        await wiring.client.views_update(view_id=view.get("id"), hash=view.get("hash"), view=shown)
    except SlackApiError as error:
        # The person closed it meanwhile: what it would have shown is of no use any more.
        log.info("machine.window_gone", code=str(error.response.get("error", "")))


def _refusing(sentence: str) -> drafting.Step:
    """Say it above the field, and leave everything in the window as it is."""

    async def refuse(_: Wiring, __: Press, ___: TicketView, ____: Written) -> Written:
        raise DeskError(sentence)

    return refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class _Below:
    """The window that was pressed in, as far as the answer needs it."""

    use: Use
    view_id: str
    draft: str = ""
    text: str = ""

    @property
    def typed(self) -> bool:
        return bool(self.text.strip())


def _below(press: Press, use: Use) -> _Below:
    view_id = str(press.view.get("id", ""))
    if press.view.get("callback_id") != ViewId.REPLY:
        return _Below(use=use, view_id=view_id)
    held = Draft.load(press.view["private_metadata"])
    answer = answer_in(press.view, held)
    now = kept_choices(held, answer)
    return _Below(use=use, view_id=view_id, draft=now.dump(), text=answer.text)


async def _answered(wiring: Wiring, actor: str, ticket_id: int, below: _Below) -> Block:
    """The window with what the model wrote. Raises DeskError with the way out where it wrote nothing."""
    model = wiring.llm
    if model is None:
        raise DeskError(tr("No machine helps with this inbox. Write the answer yourself."))
    ticket = await ticket_with_id(wiring, actor, ticket_id)
    asked = await question_for(wiring, model, actor, ticket, use=below.use, own=below.text)
    found = await ask_model(wiring, model, actor, ticket, asked)
    origin = Origin.of(asked.use, model.access.model, found.text).dump()
    warnings = (
        wiring.findings(ticket.connector, found.text) if asked.use in FOR_THE_CUSTOMER else ()
    )
    return machine.result_view(
        Asked(
            use=asked.use, under=below.view_id, draft=below.draft, typed=below.typed, origin=origin
        ),
        found,
        model.access.model,
        limit=asked.most,
        warnings=[one.text for one in warnings],
        cut=asked.prompt.cut,
    )


async def use_it(wiring: Wiring, actor: str, view: Mapping[str, Any]) -> Block | None:
    """Put the words of the window on top into the field below, and keep what stood there."""
    asked = Asked.load(view["private_metadata"])
    text = _field(view)
    if not text.strip():
        raise DeskError(tr("There are no words to use. Keep yours instead."))
    held = Draft.load(asked.draft)
    ticket = await ticket_with_id(wiring, actor, held.ticket_id)
    before = await wiring.look(actor, lambda conn: _own(conn, ticket.id, actor))
    aside = before.text if before is not None and asked.typed else ""
    kept = KeepDraft(ticket_id=ticket.id, actor=actor, text=text, machine=asked.origin, aside=aside)
    await wiring.decide(keep_draft, kept)
    shown = replace(held, fills=held.fills + 1, machine=asked.origin)
    lead = tr("The machine's words are in the field. Read them before you send.")
    window = await replying.written(wiring, actor, ticket, shown, initial=text, lead=lead)
    try:
        await wiring.client.views_update(view_id=asked.under, view=window)
    except SlackApiError as error:
        log.info("machine.window_gone", code=str(error.response.get("error", "")))
        gone = tr("The window of your answer is gone. The text is kept: press Reply again.")
        return views.message_view(tr("Kept"), gone)
    return None


def _field(view: Mapping[str, Any]) -> str:
    held = view["state"]["values"].get(machine.TEXT_FIELD, {}).get(machine.TEXT_FIELD, {})
    return str(held.get("value") or "")


def _own(conn: Connection, ticket_id: int, actor: str) -> KeptDraft | None:
    return next((one for one in drafts_of(conn, ticket_id) if one.agent == actor), None)


async def put_back(wiring: Wiring, press: Press) -> None:
    """Have the agent's own words in the field again; the machine's are kept in their place."""
    await drafting.take_step(wiring, press, _swap)


async def _swap(wiring: Wiring, press: Press, ticket: TicketView, now: Written) -> Written:
    before = await wiring.look(press.actor, lambda conn: _own(conn, ticket.id, press.actor))
    if before is None or not before.aside:
        raise DeskError(tr("There is nothing of yours to put back."))
    machine_ = put_aside(now.draft.machine)
    swapped = KeepDraft(
        ticket_id=ticket.id,
        actor=press.actor,
        text=before.aside,
        machine=machine_,
        aside=now.text,
    )
    await wiring.decide(keep_draft, swapped)
    lead = tr("Swapped. What stood in the field is kept: press once more to have it back.")
    shown = replace(now.draft, fills=now.draft.fills + 1, machine=machine_)
    return Written(draft=shown, text=before.aside, lead=lead)
