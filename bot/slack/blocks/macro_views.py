"""Macros as people keep them: a list to find one in, and the window to write it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.configuration.macros import ANY_LANGUAGE, NAME_LIMIT, SHARED, TEXT_LIMIT, Macro, Variable
from bot.domain.desk import Desk
from bot.domain.topic_names import topic_words
from bot.language import Language, tr, tr_as, tr_many
from bot.language.forms import language_name
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, ViewId, joined
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import sentence
from bot.slack.text import one_line, spoken
from bot.slack.verbs.fields import line_input, multi_select, select
from sla_rules.topics import Topic

NAME_FIELD: Final = "name"
TEXT_FIELD: Final = "text"
OWNER_FIELD: Final = "owner"
LANGUAGE_FIELD: Final = "language"
CHANNELS_FIELD: Final = "channels"
INBOXES_FIELD: Final = "inboxes"
TOPICS_FIELD: Final = "topics"
APPROVAL_FIELD: Final = "approval"

MINE: Final = "mine"
EVERYBODY: Final = "everybody"
ANY: Final = "any"

_LISTED: Final = 20
_SHOWN: Final = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """What the window is about: a new macro where `ref` is empty."""

    ref: str = ""
    version: int = 0

    def dump(self) -> str:
        """As a view's `private_metadata`."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, metadata: str) -> "Editing":
        """Back from a view's `private_metadata`."""
        kept: dict[str, Any] = json.loads(metadata)
        return cls(ref=str(kept["ref"]), version=int(kept["version"]))


def macro_list(found: Sequence[Macro], words: str, command: str) -> Rendered:
    """What there is, with a way to each; `words` are what was searched for."""
    lead, count = _lead(len(found), one_line(words, 60)), len(found)
    blocks: list[Block] = [kit.rich(kit.line(kit.words(lead)))]
    blocks += [_row(macro, index) for index, macro in enumerate(found[:_LISTED])]
    if count > _LISTED:
        more = tr_many(
            "And {count} more: search with {command} macro and a word of it.",
            "And {count} more: search with {command} macro and a word of it.",
            count - _LISTED,
            command=command,
        )
        blocks.append(kit.context(more))
    write = tr("Write a macro…")
    blocks.append(kit.actions(kit.button(ActionId.MACRO_OPEN, write, "new")))
    return Rendered(text=spoken(lead, 300), blocks=blocks)


def _lead(count: int, words: str) -> str:
    if words:
        return tr_many(
            "{count} macro with “{words}”.", "{count} macros with “{words}”.", count, words=words
        )
    if not count:
        return tr("There are no macros yet. Write the first answer you type every day.")
    return tr_many("{count} macro.", "{count} macros.", count)


def _row(macro: Macro, index: int) -> Block:
    label = tr_as("button", "Show") if macro.origin else tr_as("button", "Change…")
    button = kit.button(ActionId.MACRO_OPEN, label, macro.ref)
    text = f"!{macro.name} · {about(macro)}\n{one_line(macro.text, _SHOWN)}"
    return {
        "type": "section",
        "text": kit.plain(text),
        "accessory": button | {"action_id": f"{ActionId.MACRO_OPEN}_{index}"},
    }


def about(macro: Macro) -> str:
    """Whose it is, in which language, and where it may be used."""
    whose = tr_as("macro", "yours") if macro.owner else tr_as("macro", "everybody's")
    language = language_name(macro.language) if macro.language else tr_as("macro", "any language")
    told = [whose, language]
    if topics := [topic_words(Topic(one)) for one in macro.topics if one in set(Topic)]:
        # For translators: what a macro is for, such as “where is my order”.
        told.append(tr("for {topics}", topics=one_line(", ".join(topics), 80)))
    if places := [*macro.channels, *macro.inboxes]:
        # For translators: the channels and inboxes in which alone a macro may be used.
        told.append(tr("only {places}", places=one_line(", ".join(places), 80)))
    if macro.approval:
        # For translators: answers made with this macro go out when somebody else has let them.
        told.append(tr_as("macro", "with a second person"))
    if macro.origin:
        # For translators: the file a macro is written in.
        told.append(tr("in {file}", file=macro.origin))
    return " · ".join(told)


def macro_window(
    macro: Macro | None, desk: Desk, *, may_share: bool, may_lift: bool = False
) -> Block:
    """The window to write one in; a macro that the person may not change is shown.

    Who may not end that one wants a second person reads that it does.
    """
    if macro is not None and (macro.origin or (macro.owner == SHARED and not may_share)):
        return _shown(macro)
    editing = Editing(ref=macro.ref, version=macro.version) if macro else Editing()
    blocks = _fields(macro, desk, may_share=may_share)
    blocks += _second_person(macro, may_share=may_share, may_lift=may_lift)
    if macro is not None:
        blocks.append(kit.actions(_archive(macro)))
    # For translators: titles, at most 24 characters each.
    title = tr("Change a macro") if macro else tr("Write a macro")
    keep = tr_as("button", "Keep")
    return kit.modal(ViewId.MACRO, title, blocks, metadata=editing.dump(), submit=keep)


def _shown(macro: Macro) -> Block:
    if macro.origin:
        why = tr("This macro is written in {file}. Change it there.", file=macro.origin)
    else:
        why = tr("This macro is everybody's: leads and managers change it.")
    blocks = [
        kit.rich(kit.line(kit.words(f"!{macro.name}", bold=True))),
        kit.context(about(macro), why),
        kit.rich(*kit.verbatim_whole(macro.text)),
    ]
    close = tr_as("button", "Close")
    return kit.modal("message", tr_as("title", "Macro"), blocks, metadata="", close=close)


def _fields(macro: Macro | None, desk: Desk, *, may_share: bool) -> list[Block]:
    name, text = (macro.name, macro.text) if macro else ("", "")
    owners = {MINE: tr("Only me")} | ({EVERYBODY: tr("Everybody")} if may_share else {})
    shared = may_share and (macro is None or macro.owner == SHARED)
    languages = {
        ANY: tr("Any language"),
        **{str(one): sentence(language_name(one)) for one in Language},
    }
    chosen = (macro.language if macro else ANY_LANGUAGE) or ANY
    languages |= {chosen: languages.get(chosen, chosen)}
    return [
        line_input(NAME_FIELD, tr("Name"), limit=NAME_LIMIT, initial=name, hint=_name_hint()),
        kit.text_input(
            TEXT_FIELD, tr("Text"), limit=TEXT_LIMIT, initial=text, hint=_text_hint(), focus=False
        ),
        select(OWNER_FIELD, tr("For whom?"), owners, EVERYBODY if shared else MINE),
        select(LANGUAGE_FIELD, tr("Language"), languages, chosen),
        *_uses(macro, desk),
    ]


def _name_hint() -> str:
    return tr("One word. In a command it is typed with an exclamation mark: !where-is-it")


def _text_hint() -> str:
    # For translators: {example} is “{customer.first_name|there}”, {brace} two opening braces.
    return tr(
        "Variables: {variables}. {example} says “there” where the name is not known; "
        "{brace} is a brace.",
        variables=", ".join(f"{{{one}}}" for one in Variable),
        example="{customer.first_name|there}",
        brace="{{",
    )


def _uses(macro: Macro | None, desk: Desk) -> Iterator[Block]:
    """What it is for, and where alone it may be used."""
    routes = sorted(desk.inboxes.values(), key=lambda route: route.name)
    topics = {str(one): topic_words(one) for one in Topic if one is not Topic.OTHER}
    channels = {each: each for each in sorted({route.rule_channel for route in routes})}
    inboxes = {route.name: route.label or route.name for route in routes}
    chosen = (macro.topics, macro.channels, macro.inboxes) if macro else ((), (), ())
    labels = (
        tr("Offer it first for"),
        tr("Only in these channels"),
        tr("Only in these inboxes"),
    )
    fields = (TOPICS_FIELD, CHANNELS_FIELD, INBOXES_FIELD)
    choices = (topics, channels, inboxes)
    for field, label, offered, held in zip(fields, labels, choices, chosen, strict=True):
        # What it was limited to stays offered, though the desk may not have it any more.
        every = {**offered, **{one: one for one in held if one not in offered}}
        if every:
            yield multi_select(field, label, every, held)


def _second_person(macro: Macro | None, *, may_share: bool, may_lift: bool) -> list[Block]:
    """What asks for a second person, of macros that may be everybody's."""
    wants = macro is not None and macro.approval
    own = macro is not None and bool(macro.owner)
    if wants and (own or not may_lift):
        return [kit.context(second_person_words())]
    if not may_share:
        return []
    # For translators: a checkbox, at most 75 characters.
    said = tr("A second person has to approve answers made with this macro")
    option: Block = {"text": kit.plain(said, kit.OPTION_LIMIT), "value": APPROVAL_FIELD}
    element: Block = {"type": "checkboxes", "action_id": APPROVAL_FIELD, "options": [option]}
    if wants:
        element["initial_options"] = [option]
    return [
        {
            "type": "input",
            "block_id": APPROVAL_FIELD,
            "optional": True,
            "label": kit.plain(tr("Second person")),
            "hint": kit.plain(
                tr(
                    "For refunds, discounts, goodwill; only where it is for everybody. "
                    "Only managers take the tick away again."
                )
            ),
            "element": element,
        }
    ]


def second_person_words() -> str:
    """What is said of a macro that wants a second person."""
    return tr("What agents answer with this macro goes out when a lead has let it.")


def _archive(macro: Macro) -> Block:
    value = joined(macro.version, macro.ref)
    return kit.button(
        ActionId.MACRO_ARCHIVE, tr_as("button", "Archive it"), value, style="danger"
    ) | {
        "confirm": {
            "title": kit.plain(tr("Archive the macro?"), 100),
            "text": kit.plain(tr("Nobody is offered it any more. Sent answers stay."), 300),
            "confirm": kit.plain(tr_as("button", "Archive"), 30),
            "deny": kit.plain(tr_as("button", "Keep it"), 30),
        }
    }
