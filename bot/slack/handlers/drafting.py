"""What happens in the window of an answer before it is previewed: macros put in, drafts kept.

Whatever goes wrong is said in the window itself, with all that was typed still in its field.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.configuration.macros import Macro
from bot.db.draft_rows import drafts_of
from bot.domain.approvals import remembered
from bot.domain.card import TicketView
from bot.domain.macros import inserted
from bot.errors import DeskError
from bot.language import tr
from bot.language.forms import number
from bot.slack.blocks.actions import ViewId
from bot.slack.blocks.reply_fields import (
    MOST_AT_HAND,
    MOST_FILES,
    MOST_MACROS,
    Draft,
    file_to_attach,
)
from bot.slack.file_calls import files_in_thread
from bot.slack.handlers import replying
from bot.slack.handlers.aids import every_macro, filled
from bot.slack.handlers.answer_window import answer_in, kept_choices, typed_in
from bot.slack.handlers.press import Press
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.usecases.drafts import DropDraft, KeepDraft, drop_draft, keep_draft
from connectors.contract import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the window is to hold next, and what to say above it."""

    draft: Draft
    text: str
    lead: str = ""


Step = Callable[[Wiring, Press, TicketView, Written], Awaitable[Written]]


async def _put_in(wiring: Wiring, press: Press, ticket: TicketView, now: Written) -> Written:
    macros = {one.ref: one for one in await every_macro(wiring, press.actor)}
    if press.value not in macros:
        raise DeskError(tr("This macro was archived meanwhile, or is in its file no more."))
    macro: Macro = macros[press.value]
    said = filled(wiring, press.actor, ticket, macro)
    lead = tr("“{macro}” is in the field.", macro=macro.name)
    if said.missing:
        # For translators: names of variables such as tracking.url, which stay as they are.
        unknown = tr(
            "Not known here: {names}. Write what belongs at each mark ⟦…⟧.",
            names=", ".join(said.missing),
        )
        lead = f"{lead} {unknown}"
    refs = remembered(macros.values(), (*now.draft.macros, macro.ref), MOST_MACROS)
    return _longer(wiring, ticket, now, said.text, refs=refs, lead=lead)


def _longer(
    wiring: Wiring,
    ticket: TicketView,
    now: Written,
    added: str,
    *,
    refs: tuple[str, ...],
    lead: str,
) -> Written:
    whole, limit = inserted(now.text, added), wiring.reply_limit(ticket.connector)
    if len(whole) > limit:
        raise DeskError(
            tr(
                "It does not fit behind what you wrote: {length} characters, and {limit} fit.",
                length=number(len(whole)),
                limit=number(limit),
            )
        )
    draft = replace(now.draft, fills=now.draft.fills + 1, macros=refs)
    return Written(draft=draft, text=whole, lead=lead)


async def _keep(_: Wiring, __: Press, ___: TicketView, now: Written) -> Written:
    if not now.text.strip():
        raise DeskError(tr("There is nothing to keep yet."))
    return replace(now, lead=tr("Kept. It is here when you come back, also after a restart."))


async def _discard(wiring: Wiring, press: Press, ticket: TicketView, now: Written) -> Written:
    command = DropDraft(ticket_id=ticket.id, actor=press.actor)
    await wiring.decide(drop_draft, command)
    empty = replace(now.draft, fills=now.draft.fills + 1, macros=(), machine="")
    return Written(draft=empty, text="", lead=tr("The draft is thrown away."))


async def _use(wiring: Wiring, press: Press, ticket: TicketView, now: Written) -> Written:
    drafts = await wiring.look(press.actor, lambda conn: drafts_of(conn, ticket.id))
    handed = next((one for one in drafts if one.agent == press.value), None)
    if handed is None or ticket.assignee != press.actor:
        raise DeskError(tr("That draft is not there any more: it was sent or thrown away."))
    macros = await every_macro(wiring, press.actor)
    refs = remembered(macros, (*now.draft.macros, *handed.macros), MOST_MACROS)
    lead = tr("The draft is in the field.")
    longer = _longer(wiring, ticket, now, handed.text, refs=refs, lead=lead)
    machine = now.draft.machine or handed.machine
    return replace(longer, draft=replace(longer.draft, machine=machine))


async def _look(wiring: Wiring, _: Press, ticket: TicketView, now: Written) -> Written:
    found = await _at_hand(wiring, ticket)
    if not found:
        raise DeskError(
            tr("There is no file in this ticket's thread. Put one there, then press again.")
        )
    chosen = {one.ref for one in now.draft.files}
    ticked = [one for one in now.draft.at_hand if one.ref in chosen]
    offered = {one.ref: one for one in (*ticked, *found)}
    return replace(
        now,
        draft=replace(now.draft, at_hand=tuple(offered.values())[:MOST_FILES]),
        lead=tr("The files of the thread are below: tick what goes with the answer."),
    )


async def _at_hand(wiring: Wiring, ticket: TicketView) -> Sequence[Attachment]:
    """What colleagues put into the ticket's thread, newest first, where the channel takes files.

    Raises DeskError where Slack does not tell.
    """
    if wiring.files_taken(ticket.connector) is None or ticket.slack_channel is None:
        return ()
    found = await files_in_thread(wiring.client, ticket.slack_channel, ticket.slack_ts)
    if found is None:
        raise DeskError(
            tr("Slack does not tell what is in the thread just now. Attach the files here instead.")
        )
    return [file_to_attach(one.id, one.name, one.size) for one in found[:MOST_AT_HAND]]


async def look_for_files(wiring: Wiring, press: Press) -> None:
    """Offer what colleagues put into the ticket's thread."""
    await take_step(wiring, press, _look)


async def insert_macro(wiring: Wiring, press: Press) -> None:
    """Put the chosen macro behind what was typed."""
    await take_step(wiring, press, _put_in)


async def keep(wiring: Wiring, press: Press) -> None:
    """Keep what was typed."""
    await take_step(wiring, press, _keep)


async def discard(wiring: Wiring, press: Press) -> None:
    """Throw the draft away and empty the field."""
    await take_step(wiring, press, _discard)


async def use_handed(wiring: Wiring, press: Press) -> None:
    """Put a colleague's draft behind what was typed."""
    await take_step(wiring, press, _use)


async def take_step(wiring: Wiring, press: Press, step: Step) -> None:
    """Show the window as the step leaves it, and keep its text as the agent's draft."""
    draft = Draft.load(press.view["private_metadata"])
    answer = answer_in(press.view, draft)
    ticket = await ticket_with_id(wiring, press.actor, draft.ticket_id)
    now = Written(draft=kept_choices(draft, answer), text=answer.text)
    try:
        shown = await step(wiring, press, ticket, now)
    except DeskError as refusal:
        shown = replace(now, lead=str(refusal))
    await remember(wiring, press.actor, shown.draft, shown.text)
    view = await replying.written(
        wiring, press.actor, ticket, shown.draft, initial=shown.text, lead=shown.lead
    )
    await wiring.client.views_update(view_id=press.view["id"], view=view)


async def closed(wiring: Wiring, actor: str, view: Mapping[str, Any]) -> None:
    """A window was closed with words in it: they are kept, where Slack tells them."""
    if view.get("callback_id") in {ViewId.REPLY, ViewId.REPLY_PREVIEW} and view.get("state"):
        draft = Draft.load(str(view["private_metadata"]))
        await remember(wiring, actor, draft, typed_in(view))


async def remember(wiring: Wiring, actor: str, draft: Draft, text: str) -> None:
    """Keep what was typed, if anything was, and how it began."""
    if text.strip():
        command = KeepDraft(
            ticket_id=draft.ticket_id,
            actor=actor,
            text=text,
            machine=draft.machine,
            macros=draft.macros,
        )
        await wiring.decide(keep_draft, command)
