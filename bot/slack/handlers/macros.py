"""Macros in Slack: find one, write it, change it, archive it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.configuration.macros import SHARED, Macro, name_key
from bot.db.macro_rows import MacroText
from bot.domain.roster import Verb
from bot.errors import DeskError
from bot.language import tr
from bot.slack.blocks import macro_views, views
from bot.slack.blocks.actions import parted
from bot.slack.blocks.macro_views import (
    ANY,
    EVERYBODY,
    Editing,
    macro_list,
    macro_window,
    second_person_words,
)
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.handlers.aids import every_macro
from bot.slack.handlers.press import Press
from bot.slack.handlers.wiring import Wiring
from bot.slack.verbs.fields import all_chosen_in, chosen_in, text_in
from bot.usecases.access import require
from bot.usecases.macros import ArchiveMacro, SaveMacro, archive_macro, save_macro

NEW = "new"


async def show_macros(wiring: Wiring, actor: str, words: str, trigger_id: str) -> Rendered | None:
    """The macros with these words in them; for `new` the window to write one, where it can open."""
    if words.casefold() == NEW and trigger_id:
        await _open(wiring, actor, NEW, trigger_id)
        return None
    sought = "" if words.casefold() == NEW else words
    found = _with(await every_macro(wiring, actor), sought)
    return macro_list(found, sought, wiring.names.ticket)


def _with(macros: Sequence[Macro], words: str) -> list[Macro]:
    wanted = words.casefold().removeprefix("!").split()
    found = [macro for macro in macros if all(word in _searched(macro) for word in wanted)]
    return sorted(found, key=lambda one: (name_key(one.name), one.language, one.owner, one.ref))


def _searched(macro: Macro) -> str:
    return " ".join((macro.name, macro.text, macro.language, *macro.topics)).casefold()


async def open_macro(wiring: Wiring, press: Press) -> None:
    """The window of the macro that was pressed on, or of a new one."""
    await _open(wiring, press.actor, press.value, press.trigger_id)


async def _open(wiring: Wiring, actor: str, ref: str, trigger_id: str) -> None:
    desk = wiring.desk()
    require(desk, actor, Verb.WORK)
    macro = None
    if ref != NEW:
        macros = {one.ref: one for one in await every_macro(wiring, actor)}
        if ref not in macros:
            raise DeskError(tr("This macro was archived meanwhile, or is in its file no more."))
        macro = macros[ref]
    may_share, may_lift = (desk.roster.may(actor, one) for one in (Verb.CURATE, Verb.LIFT))
    view = macro_window(macro, desk, may_share=may_share, may_lift=may_lift)
    await wiring.client.views_open(trigger_id=trigger_id, view=view)


async def save(wiring: Wiring, actor: str, view: Mapping[str, Any]) -> Block:
    """Keep what the window holds. Raises WrongName, WrongText, Conflict, NotAllowed."""
    editing = Editing.load(view["private_metadata"])
    language = chosen_in(view, macro_views.LANGUAGE_FIELD)
    shared = chosen_in(view, macro_views.OWNER_FIELD) == EVERYBODY
    text = MacroText(
        name=text_in(view, macro_views.NAME_FIELD).removeprefix("!"),
        text=text_in(view, macro_views.TEXT_FIELD),
        language="" if language == ANY else language,
        owner=SHARED if shared else actor,
        channels=all_chosen_in(view, macro_views.CHANNELS_FIELD),
        inboxes=all_chosen_in(view, macro_views.INBOXES_FIELD),
        topics=all_chosen_in(view, macro_views.TOPICS_FIELD),
        approval=_ticked(view),
    )
    command = SaveMacro(actor=actor, text=text, ref=editing.ref, version=editing.version)
    macro = await wiring.decide(save_macro, command)
    said = tr(
        "Kept. It is in the window of every answer it suits, and in a command it is {example}",
        example=f"{wiring.names.ticket} reply 17 !{macro.name}",
    )
    every = {one.ref: one for one in await every_macro(wiring, actor)}
    if macro.ref in every and every[macro.ref].approval:
        said = f"{second_person_words()} {said}"
    return views.message_view(tr("Macro"), said)


def _ticked(view: Mapping[str, Any]) -> bool | None:
    """Whether a second person is asked for; None where the window does not ask."""
    field = macro_views.APPROVAL_FIELD
    asked = any(block.get("block_id") == field for block in view["blocks"])
    return bool(all_chosen_in(view, field)) if asked else None


async def archive(wiring: Wiring, press: Press) -> None:
    """Take the macro of a window out of use."""
    version, ref = parted(press.value, 2)
    command = ArchiveMacro(actor=press.actor, ref=ref, version=int(version))
    macro = await wiring.decide(archive_macro, command)
    said = tr(
        "{macro} is archived: nobody is offered it any more. Sent answers stay.",
        macro=f"!{macro.name}",
    )
    await wiring.client.views_update(
        view_id=press.view["id"], view=views.message_view(tr("Macro"), said)
    )
