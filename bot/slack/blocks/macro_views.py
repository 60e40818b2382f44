"""Macros as people keep them: a list to find one in, and the window to write it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.configuration.macros import ANY_LANGUAGE, NAME_LIMIT, SHARED, TEXT_LIMIT, Macro, Variable
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, ViewId, joined
from bot.slack.blocks.clock_words import topic_words
from bot.slack.blocks.rendered import Block, Rendered
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

MINE: Final = "mine"
EVERYBODY: Final = "everybody"
ANY: Final = "any"

LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "it": "Italian",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
}
_LISTED: Final = 20
_SHOWN: Final = 140
_HINT: Final = (
    "Variables: "
    + ", ".join(f"{{{one}}}" for one in Variable)
    + ". {customer.first_name|there} says “there” where the name is not known; {{ is a brace."
)


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
    count = len(found)
    said = f"{count} macro{'' if count == 1 else 's'}"
    lead = f"{said} with “{one_line(words, 60)}”." if words else f"{said}."
    if not found and not words:
        lead = "There are no macros yet. Write the first answer you type every day."
    blocks: list[Block] = [kit.rich(kit.line(kit.words(lead)))]
    blocks += [_row(macro, index) for index, macro in enumerate(found[:_LISTED])]
    if count > _LISTED:
        more = f"And {count - _LISTED} more: search with {command} macro and a word of it."
        blocks.append(kit.context(more))
    blocks.append(kit.actions(kit.button(ActionId.MACRO_OPEN, "Write a macro…", "new")))
    return Rendered(text=spoken(lead, 300), blocks=blocks)


def _row(macro: Macro, index: int) -> Block:
    label = "Show" if macro.origin else "Change…"
    button = kit.button(ActionId.MACRO_OPEN, label, macro.ref)
    text = f"!{macro.name} · {about(macro)}\n{one_line(macro.text, _SHOWN)}"
    return {
        "type": "section",
        "text": kit.plain(text),
        "accessory": button | {"action_id": f"{ActionId.MACRO_OPEN}_{index}"},
    }


def about(macro: Macro) -> str:
    """Whose it is, in which language, and where it may be used."""
    whose = "yours" if macro.owner else "everybody's"
    language = LANGUAGES.get(macro.language, macro.language) or "any language"
    places = [*macro.channels, *macro.inboxes]
    only = [f"only {one_line(', '.join(places), 80)}"] if places else []
    topics = [topic_words(Topic(one)) for one in macro.topics if one in set(Topic)]
    first = [f"for {one_line(', '.join(topics), 80)}"] if topics else []
    file = [f"in {macro.origin}"] if macro.origin else []
    return " · ".join([whose, language, *first, *only, *file])


def macro_window(macro: Macro | None, desk: Desk, *, may_share: bool) -> Block:
    """The window to write one in; a macro that the person may not change is shown."""
    if macro is not None and (macro.origin or (macro.owner == SHARED and not may_share)):
        return _shown(macro)
    editing = Editing(ref=macro.ref, version=macro.version) if macro else Editing()
    blocks = _fields(macro, desk, may_share=may_share)
    if macro is not None:
        blocks.append(kit.actions(_archive(macro)))
    title = "Change a macro" if macro else "Write a macro"
    return kit.modal(ViewId.MACRO, title, blocks, metadata=editing.dump(), submit="Keep")


def _shown(macro: Macro) -> Block:
    if macro.origin:
        why = f"This macro is written in {macro.origin}. Change it there."
    else:
        why = "This macro is everybody's: leads and managers change it."
    blocks = [
        kit.rich(kit.line(kit.words(f"!{macro.name}", bold=True))),
        kit.context(about(macro), why),
        kit.rich(*kit.verbatim_whole(macro.text)),
    ]
    return kit.modal("message", "Macro", blocks, metadata="", close="Close")


def _fields(macro: Macro | None, desk: Desk, *, may_share: bool) -> list[Block]:
    name, text = (macro.name, macro.text) if macro else ("", "")
    owners = {MINE: "Only me"} | ({EVERYBODY: "Everybody"} if may_share else {})
    shared = may_share and (macro is None or macro.owner == SHARED)
    languages = {ANY: "Any language", **LANGUAGES}
    chosen = (macro.language if macro else ANY_LANGUAGE) or ANY
    languages |= {chosen: languages.get(chosen, chosen)}
    return [
        line_input(
            NAME_FIELD,
            "Name",
            limit=NAME_LIMIT,
            initial=name,
            hint="One word. In a command it is typed with an exclamation mark: !where-is-it",
        ),
        kit.text_input(TEXT_FIELD, "Text", limit=TEXT_LIMIT, initial=text, hint=_HINT, focus=False),
        select(OWNER_FIELD, "For whom?", owners, EVERYBODY if shared else MINE),
        select(LANGUAGE_FIELD, "Language", languages, chosen),
        *_uses(macro, desk),
    ]


def _uses(macro: Macro | None, desk: Desk) -> Iterator[Block]:
    """What it is for, and where alone it may be used."""
    routes = sorted(desk.inboxes.values(), key=lambda route: route.name)
    topics = {str(one): topic_words(one) for one in Topic if one is not Topic.OTHER}
    channels = {each: each for each in sorted({route.rule_channel for route in routes})}
    inboxes = {route.name: route.label or route.name for route in routes}
    chosen = (macro.topics, macro.channels, macro.inboxes) if macro else ((), (), ())
    labels = ("Offer it first for", "Only in these channels", "Only in these inboxes")
    fields = (TOPICS_FIELD, CHANNELS_FIELD, INBOXES_FIELD)
    choices = (topics, channels, inboxes)
    for field, label, offered, held in zip(fields, labels, choices, chosen, strict=True):
        # What it was limited to stays offered, though the desk may not have it any more.
        every = {**offered, **{one: one for one in held if one not in offered}}
        if every:
            yield multi_select(field, label, every, held)


def _archive(macro: Macro) -> Block:
    value = joined(macro.version, macro.ref)
    return kit.button(ActionId.MACRO_ARCHIVE, "Archive it", value, style="danger") | {
        "confirm": {
            "title": kit.plain("Archive the macro?", 100),
            "text": kit.plain("Nobody is offered it any more. Sent answers stay.", 300),
            "confirm": kit.plain("Archive", 30),
            "deny": kit.plain("Keep it", 30),
        }
    }
