"""Macros at work: filled in for a ticket, with a mark where a value is missing, and found again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.configuration.macros import ANY_LANGUAGE, Macro, Slot, Variable, name_key, read_text
from bot.language import tr
from sla_rules.refusals import nearest_of

_OPEN, _CLOSE = "\u27e6", "\u27e7"
_GAP: Final = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}\n]{{0,80}}){_CLOSE}")
_MARKS: Final = str.maketrans("", "", _OPEN + _CLOSE)

Values = Mapping[Variable, str]
"""What is known of a ticket; a variable without a value is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A macro's text for one ticket. `missing` are the variables that left a gap, each once."""

    text: str
    missing: Sequence[Variable] = ()


def fill(text: str, values: Values) -> Filled:
    """The text with its values, and a gap mark for each that is not known.

    Values are put in as they are: braces and gap marks in them mean nothing. Raises MacroMistake
    for a text that `read_text` refuses.
    """
    written: list[str] = []
    missing: dict[Variable, None] = {}
    for part in read_text(text):
        if not isinstance(part, Slot):
            written.append(part.translate(_MARKS))
            continue
        value = values.get(part.variable, "").translate(_MARKS) or part.fallback
        if value is None:
            missing[part.variable] = None
            value = gap(part.variable)
        written.append(value)
    return Filled(text="".join(written), missing=tuple(missing))


def gap(variable: Variable) -> str:
    """What stands in a text where a value is missing: seen by the agent, refused by the guard."""
    return mark_of(variable)


def mark_of(what: str) -> str:
    """The mark of anything a person has to put in; `what` is shown in it."""
    return f"{_OPEN}{what}{_CLOSE}"


def gaps_in(text: str) -> Sequence[str]:
    """What is still missing in a text about to be sent, each once."""
    return tuple(dict.fromkeys(_GAP.findall(text)))


def gap_refusal(text: str) -> str | None:
    """Why a text cannot be sent as it stands; None where nothing is missing in it."""
    found = gaps_in(text)
    if not found:
        return None
    gaps = ", ".join(f"{_OPEN}{name}{_CLOSE}" for name in found)
    return tr("Something is missing: {gaps}. Write what belongs there, or take it out.", gaps=gaps)


def inserted(before: str, added: str) -> str:
    """What was typed, and the macro's text below it: nothing typed is ever lost."""
    kept = before.rstrip()
    return f"{kept}\n\n{added}" if kept else added


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is answered, as far as macros care: `channels` are all names of the ticket's channel.

    `intent` is what the last message wants (bot.intents.Intent), empty where nobody can tell.
    """

    actor: str
    inbox: str
    channels: Sequence[str]
    language: str | None
    topic: str
    intent: str = ""


def usable(macros: Iterable[Macro], here: Situation) -> list[Macro]:
    """Those the actor may use here, the fitting first: intent, topic, language, one's own, name."""
    return sorted(
        (macro for macro in macros if _allowed(macro, here)),
        key=lambda macro: (
            not answers_intent(macro, here),
            here.topic not in macro.topics,
            _distance(macro, here),
            not macro.owner,
            name_key(macro.name),
            macro.ref,
        ),
    )


def answers_intent(macro: Macro, here: Situation) -> bool:
    """Whether it is written for what the customer wants, in a language they may read."""
    return here.intent in macro.intents and speaks(macro, here)


def _allowed(macro: Macro, here: Situation) -> bool:
    if macro.owner not in {"", here.actor}:
        return False
    if macro.inboxes and here.inbox not in macro.inboxes:
        return False
    return not macro.channels or not set(macro.channels).isdisjoint(here.channels)


def _distance(macro: Macro, here: Situation) -> int:
    if macro.language == (here.language or ANY_LANGUAGE):
        return 0
    return 1 if macro.language == ANY_LANGUAGE else 2


def speaks(macro: Macro, here: Situation) -> bool:
    """Whether the macro is in the ticket's language, or suits any; unknown, it may be in each."""
    return here.language is None or _distance(macro, here) <= 1


def named(macros: Iterable[Macro], name: str, here: Situation) -> Macro | str:
    """The macro called `name`, or `name:it` for one language; else a sentence why there is none."""
    wanted, _, language = name.partition(":")
    offered = usable(macros, here)
    same = [macro for macro in offered if name_key(macro.name) == name_key(wanted)]
    if not same:
        return _unknown(wanted, offered)
    if language:
        spoken = [macro for macro in same if macro.language == language.casefold()]
    else:
        spoken = [macro for macro in same if speaks(macro, here)]
    if spoken:
        return min(spoken, key=lambda macro: (_distance(macro, here), not macro.owner))
    there = ", ".join(sorted(f"!{macro.name}:{macro.language}" for macro in same))
    lacks = language or here.language
    return tr(
        "The macro “{name}” is not written in “{language}”. There is {there}.",
        name=same[0].name,
        language=lacks,
        there=there,
    )


def _unknown(name: str, offered: Sequence[Macro]) -> str:
    shown = name[:40]
    nearest = nearest_of(name, sorted({macro.name for macro in offered}))
    if nearest is None:
        return tr("There is no macro “{name}” for this ticket.", name=shown)
    return tr(
        'There is no macro “{name}” for this ticket. Did you mean "{nearest}"?',
        name=shown,
        nearest=nearest,
    )
