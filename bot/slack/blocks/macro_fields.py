"""What helps to write, in the window of an answer: macros, suggestions, drafts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.configuration.macros import Macro
from bot.db.draft_rows import KeptDraft
from bot.domain.desk import Desk
from bot.domain.macros import Situation, answers_intent, speaks
from bot.domain.opportunity import Hint
from bot.domain.similar import Past, Suggestion
from bot.language import tr, tr_as, tr_many, tr_parts
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.machine import NO_OFFER, Offer
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import moment
from bot.slack.text import one_line

MOST_OFFERED: Final = 100
"""Options of a select (Slack's Block Kit reference); the fitting ones come first."""

SUGGESTED: Final = 3
_ALIKE_SHOWN: Final = 3
_DRAFT_SHOWN: Final = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Aids:
    """What the window offers beside the field.

    `macros` are those the agent may use here, the fitting ones first; `alike` are solved tickets
    like this one, `suggested` the macros that answered them. `own` is the agent's own draft, which
    is in the field already; `handed` a colleague's, left with the ticket. `offer` is what a language
    model may be asked for, `hint` what the customer may like to hear of.
    """

    here: Situation
    macros: Sequence[Macro] = ()
    suggested: Sequence[Suggestion] = ()
    alike: Sequence[Past] = ()
    own: KeptDraft | None = None
    handed: KeptDraft | None = None
    offer: Offer = NO_OFFER
    hint: Hint | None = None


def aid_blocks(aids: Aids, desk: Desk) -> list[Block]:
    """Above the field: drafts there are, what answered such tickets, and every macro."""
    return [*_drafts(aids, desk), *_suggestions(aids), *_choice(aids)]


def _drafts(aids: Aids, desk: Desk) -> Iterator[Block]:
    if aids.own is not None:
        yours = tr_parts("Your draft of {time}.", time=_when(aids.own, desk))
        yield kit.rich(kit.line(*kit.pieces(yours)))
        yield kit.actions(kit.button(ActionId.DROP_DRAFT, tr("Discard the draft"), "own"))
    if aids.handed is not None:
        who: str | Block = one_line(desk.roster.name(aids.handed.agent), 60)
        theirs = tr_parts(
            "{who}'s draft of {time}, handed over to you:", who=who, time=_when(aids.handed, desk)
        )
        yield kit.rich(kit.line(*kit.pieces(theirs)), kit.quote(aids.handed.text, _DRAFT_SHOWN))
        label = tr("Put it into the field")
        yield kit.actions(kit.button(ActionId.USE_DRAFT, label, aids.handed.agent))


def _when(draft: KeptDraft, desk: Desk) -> Block:
    return kit.date(draft.kept_at, kit.DUE_FORMAT, fallback=moment(draft.kept_at, desk))


def _suggestions(aids: Aids) -> Iterator[Block]:
    names = {macro.ref: macro.name for macro in aids.macros}
    shown = [one for one in aids.suggested if one.ref in names][:SUGGESTED]
    lines = [kit.line(*_answered_with(one, names[one.ref])) for one in shown]
    if not shown and aids.alike:
        lines = [kit.line(kit.words(tr("Tickets like this one:") + " "), *_links(aids.alike))]
    if lines:
        yield kit.rich(*lines)
    if shown:
        yield kit.actions(
            *(
                kit.button(
                    ActionId.MACRO_SUGGESTED, tr("Insert “{macro}”", macro=names[one.ref]), one.ref
                )
                | {"action_id": f"{ActionId.MACRO_SUGGESTED}_{index}"}
                for index, one in enumerate(shown)
            )
        )


def _answered_with(one: Suggestion, name: str) -> Iterator[Block]:
    if not one.tickets:
        macro = one_line(name, 40)
        yield kit.words(tr("“{macro}” is for what this message wants.", macro=macro))
        return
    said = tr_many(
        "{count} ticket like this was answered with “{macro}”:",
        "{count} tickets like this were answered with “{macro}”:",
        len(one.tickets),
        macro=one_line(name, 40),
    )
    yield kit.words(f"{said} ")
    yield from _links(one.tickets)


def _links(past: Sequence[Past]) -> Iterator[Block]:
    for index, each in enumerate(past[:_ALIKE_SHOWN]):
        if index:
            yield kit.words(", ")
        number = f"#{each.number}"
        usable = each.permalink is not None and kit.is_usable(each.permalink)
        yield kit.link(each.permalink or "", number) if usable else kit.words(number)


def _choice(aids: Aids) -> Iterator[Block]:
    offered = aids.macros[:MOST_OFFERED]
    groups = [
        {"label": kit.plain(label, kit.OPTION_LIMIT), "options": [_option(m) for m in macros]}
        for label, macros in _grouped(offered, aids.here)
        if macros
    ]
    if not groups:
        return
    select: Block = {
        "type": "static_select",
        "action_id": str(ActionId.MACRO_CHOSEN),
        "placeholder": kit.plain(tr("Insert a macro…"), 150),
        "option_groups": groups,
    }
    # Without an id of its own the block is a new one each time, and nothing stays chosen in it.
    yield {"type": "actions", "elements": [select]}


def _grouped(macros: Sequence[Macro], here: Situation) -> Sequence[tuple[str, Sequence[Macro]]]:
    fitting = [
        one
        for one in macros
        if answers_intent(one, here) or (here.topic in one.topics and speaks(one, here))
    ]
    spoken = [one for one in macros if speaks(one, here) and one not in fitting]
    others = [one for one in macros if not speaks(one, here)]
    return (
        (tr("For what this ticket is about"), fitting),
        # For translators: macros in the language of the ticket, or for any language.
        (tr("In its language, or for any"), spoken),
        (tr("In other languages"), others),
    )


def _option(macro: Macro) -> Block:
    language = f" · {macro.language}" if macro.language else ""
    own = " · " + tr_as("macro", "yours") if macro.owner else ""
    second = " · " + tr_as("macro", "with a second person") if macro.approval else ""
    return {
        "text": kit.plain(f"{macro.name}{language}{own}{second}", kit.OPTION_LIMIT),
        "description": kit.plain(one_line(macro.text, kit.OPTION_LIMIT), kit.OPTION_LIMIT),
        "value": macro.ref,
    }
