"""What a ticket is, and whom it waits for, as people type it: `vip risk critical`, `carrier`. Pure."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk, Stage, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChange:
    """What somebody knows better of a ticket; None leaves a fact as it is."""

    risk: Risk | None = None
    stage: Stage | None = None
    vip: bool | None = None
    topic: Topic | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


_RISKS: Final[Mapping[str, Risk]] = {
    **{str(risk): risk for risk in Risk},
    "high": Risk.CRITICAL,
    "urgent": Risk.CRITICAL,
    "medium": Risk.ELEVATED,
    "low": Risk.NORMAL,
}
_STAGES: Final[Mapping[str, Stage]] = {
    "pre-sale": Stage.PRE_SALE,
    "presale": Stage.PRE_SALE,
    "before": Stage.PRE_SALE,
    "post-sale": Stage.POST_SALE,
    "postsale": Stage.POST_SALE,
    "after": Stage.POST_SALE,
    "unknown": Stage.UNKNOWN,
}
_TOPICS: Final[Mapping[str, Topic]] = {
    **{topic.replace("_", "-"): topic for topic in Topic},
    "atoz": Topic.A_TO_Z,
    "inr": Topic.ITEM_NOT_RECEIVED,
    "wismo": Topic.WHERE_IS_MY_ORDER,
    "cancel": Topic.CANCEL_BEFORE_SHIPMENT,
    "feedback": Topic.NEGATIVE_FEEDBACK,
    "legal": Topic.LEGAL_THREAT,
}
_NOT: Final = frozenset({"not", "no", "un"})
_FACTS: Final = ("vip", "risk", "stage", "topic", "tag")

_WAITING: Final[Mapping[str, Waiting]] = {
    "customer": Waiting.CUSTOMER,
    "buyer": Waiting.CUSTOMER,
    "carrier": Waiting.THIRD_PARTY,
    "courier": Waiting.THIRD_PARTY,
    "supplier": Waiting.THIRD_PARTY,
    "warehouse": Waiting.THIRD_PARTY,
    "platform": Waiting.THIRD_PARTY,
    "marketplace": Waiting.THIRD_PARTY,
    "manufacturer": Waiting.THIRD_PARTY,
    "third": Waiting.THIRD_PARTY,
    "third-party": Waiting.THIRD_PARTY,
    "other": Waiting.THIRD_PARTY,
}
_FILLING: Final = frozenset({"for", "the", "a", "on"})


def read_class(text: str) -> ClassChange | str:
    """Understand `vip`, `not vip`, `risk critical`, `no tag gift`, several at once; or what is wrong."""
    words = iter(text.replace(",", " ").split())
    change = ClassChange()
    for word in words:
        negated = word.casefold() in _NOT
        fact = (next(words, "") if negated else word).casefold()
        following = _with_fact(change, fact, words, negated=negated)
        if isinstance(following, str):
            return following
        change = following
    return change if change != ClassChange() else "What is it? Say vip, risk, stage, topic or tag."


def _with_fact(
    change: ClassChange, fact: str, words: Iterator[str], *, negated: bool
) -> ClassChange | str:
    if fact == "vip":
        return replace(change, vip=not negated)
    if fact == "tag":
        tag = next(words, "").strip("#")
        if not tag:
            return "Which tag?"
        return (
            replace(change, removed=(*change.removed, tag))
            if negated
            else replace(change, added=(*change.added, tag))
        )
    if negated or fact not in _FACTS:
        close = difflib.get_close_matches(fact, _FACTS, n=1, cutoff=0.6)
        meant = f" Did you mean {close[0]}?" if close else " Say vip, risk, stage, topic or tag."
        return f"A class has no “{fact[:40]}”.{meant}"
    return _with_value(change, fact, next(words, "").casefold().replace("_", "-"))


def _with_value(change: ClassChange, fact: str, value: str) -> ClassChange | str:
    if fact == "risk" and value in _RISKS:
        return replace(change, risk=_RISKS[value])
    if fact == "stage" and value in _STAGES:
        return replace(change, stage=_STAGES[value])
    if fact == "topic" and value in _TOPICS:
        return replace(change, topic=_TOPICS[value])
    known: Mapping[str, object] = {"risk": _RISKS, "stage": _STAGES, "topic": _TOPICS}[fact]
    close = difflib.get_close_matches(value, known, n=1, cutoff=0.6)
    if close:
        return f"There is no {fact} “{value[:40]}”. Did you mean {close[0]}?"
    said = f"There is no {fact} “{value[:40]}”." if value else f"Which {fact}?"
    return f"{said} It is {_choices(fact)}."


def _choices(fact: str) -> str:
    words = {
        "risk": [str(risk) for risk in Risk],
        "stage": ["pre-sale", "post-sale", "unknown"],
        "topic": [topic.replace("_", "-") for topic in Topic],
    }[fact]
    return f"{', '.join(words[:-1])} or {words[-1]}"


def read_waiting(text: str) -> tuple[Waiting, str] | str:
    """For whom `text` says the desk waits, and what follows; or what is wrong."""
    words = text.split()
    while words and words[0].casefold() in _FILLING:
        words.pop(0)
    if not words:
        return "For whom? Say customer, carrier, supplier or other."
    word, *rest = words
    named = word.casefold().strip(".,:")
    on = _WAITING.get(named)
    if on is None:
        close = difflib.get_close_matches(named, _WAITING, n=1, cutoff=0.6)
        meant = f"Did you mean {close[0]}?" if close else "Say customer, carrier or other."
        return f"I do not know who “{word[:40]}” is. {meant}"
    if named == "third" and rest and rest[0].casefold().startswith("part"):
        rest = rest[1:]
    return on, " ".join(rest)
