"""What the desk keeps in English, said in the language spoken: why a clock moved, what changed.

Clocks and events keep such a text as it was made (`bot.domain.class_change`, `sla_rules.due`),
reports group by it, and rows of years ago have it. Whoever shows one says it by a function from
here; a text that none of them knows is shown as it was kept.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from bot.domain.class_change import CHANGES
from bot.language import tr, tr_as
from bot.language.forms import long_day, moment
from sla_rules.due import CAUSE, CLAMPED, POLICY_CHANGE
from sla_rules.durations import in_words
from sla_rules.vocabulary import Kind
from sla_rules.worded import Value, Worded, reworded

_WORDS: Final[Mapping[str, Mapping[str, Callable[[], str]]]] = {
    "risk": {
        "normal": lambda: tr_as("risk", "normal"),
        "elevated": lambda: tr_as("risk", "elevated"),
        "critical": lambda: tr_as("risk", "critical"),
    },
    "stage": {
        "pre sale": lambda: tr_as("stage", "pre sale"),
        "post sale": lambda: tr_as("stage", "post sale"),
        "unknown": lambda: tr_as("stage", "unknown"),
    },
    "kind": {
        "message": lambda: tr_as("kind", "message"),
        "claim": lambda: tr_as("kind", "claim"),
        "return request": lambda: tr_as("kind", "return request"),
        "cancel request": lambda: tr_as("kind", "cancel request"),
        "notice": lambda: tr_as("kind", "notice"),
        "suspect": lambda: tr_as("kind", "suspect"),
    },
}


def said(words: str) -> str:
    """A sentence of the rules or of a channel in the language spoken; what is neither as it is."""
    if not isinstance(words, Worded):
        return tr(words)
    values = {name: _value(value, kept=name == "why") for name, value in words.values.items()}
    if words.meaning:
        return tr_as(words.meaning, words.template, **values)
    return tr(words.template, **values)


def said_excerpt(words: str) -> str:
    """What a rule found in an answer: a length is said, words of the answer stay as they are."""
    return said(words) if isinstance(words, Worded) else words


def said_clamp(clamped: str) -> str:
    """Why a target is due earlier than it says, or one is due later, as a clock keeps it."""
    for template in CLAMPED.values():
        found = reworded(clamped, template)
        if found is not None:
            return said(found)
    return said_cause(clamped)


def said_cause(cause: str, what: str = "") -> str:
    """Why a clock got more time. `what` changed, as it was kept, where that has been said before."""
    kept = cause.removeprefix(POLICY_CHANGE)
    found = reworded(kept, CAUSE)
    if found is None:
        return kept
    changed, grace = str(found.values["what"]), _value(found.values["grace"])
    if what and what == changed:
        return tr("its target had passed by then, so {grace} from the change", grace=grace)
    return tr(CAUSE, what=said_changes(changed), grace=grace)


def said_changes(what: str) -> str:
    """What changed of a ticket: `risk normal → critical, VIP`."""
    return ", ".join(map(_said_change, what.split(", ")))


def _said_change(kept: str) -> str:
    for template in CHANGES:
        found = reworded(kept, template)
        if found is not None:
            fact = template.partition(" ")[0]
            return tr(
                template,
                **{name: _word(fact, str(value)) for name, value in found.values.items()},
            )
    return kept


def _word(fact: str, word: str) -> str:
    if word == "none":
        return tr_as("no value", "none")
    if fact == "topic":
        return topic_word(word)
    say = _WORDS.get(fact, {}).get(word)
    return word if say is None else say()


def kind_word(kind: Kind) -> str:
    """What a ticket is about, in a word or two: `claim`, `return request`."""
    return _word("kind", kind.replace("_", " "))


def topic_word(word: str) -> str:
    """A topic as changes name it; the catalogues know those of the cards."""
    return tr_as("topic", "A-to-z") if word == "a to z" else tr_as("topic", word)


def _value(value: Value, *, kept: bool = False) -> object:
    if isinstance(value, timedelta):
        # Exact to the second, in signs that every language spoken has.
        return in_words(value)
    if isinstance(value, datetime):
        return moment(value, "UTC")
    if isinstance(value, date):
        return long_day(value)
    if isinstance(value, Worded):
        return said(value)
    return said_clamp(value) if kept and isinstance(value, str) else value
