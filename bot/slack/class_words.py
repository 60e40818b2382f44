"""What a ticket is, and whom it waits for, as people type it: `vip risk critical`, `carrier`. Pure."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.language import marked, tr
from bot.language.forms import either
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


CUSTOMERS: Final = "customer:"
"""In front of a tag that is the customer's and not the ticket's: `customer:wholesale`."""


def split_customer_tags(change: ClassChange) -> tuple[ClassChange, ClassChange]:
    """What is said of the ticket, and the tags that are said of its customer."""

    def split(tags: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        theirs = [tag for tag in tags if tag.casefold().startswith(CUSTOMERS)]
        names = [tag[len(CUSTOMERS) :].strip() for tag in theirs]
        return (
            tuple(tag for tag in tags if tag not in theirs),
            tuple(name for name in names if name),
        )

    (added, theirs_added), (removed, theirs_removed) = split(change.added), split(change.removed)
    return (
        replace(change, added=added, removed=removed),
        ClassChange(added=theirs_added, removed=theirs_removed),
    )


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
    if change != ClassChange():
        return change
    # For translators: vip, risk, stage, topic and tag are typed in English.
    return tr("What is it? Say vip, risk, stage, topic or tag.")


def _with_fact(
    change: ClassChange, fact: str, words: Iterator[str], *, negated: bool
) -> ClassChange | str:
    if fact == "vip":
        return replace(change, vip=not negated)
    if fact == "tag":
        tag = next(words, "").strip("#")
        if not tag:
            return tr("Which tag?")
        return (
            replace(change, removed=(*change.removed, tag))
            if negated
            else replace(change, added=(*change.added, tag))
        )
    if negated or fact not in _FACTS:
        return _no_such_fact(fact)
    return _with_value(change, fact, next(words, "").casefold().replace("_", "-"))


def _no_such_fact(fact: str) -> str:
    typed = fact[:40]
    close = difflib.get_close_matches(fact, _FACTS, n=1, cutoff=0.6)
    if close:
        said = tr("A class has no “{typed}”. Did you mean {meant}?", typed=typed, meant=close[0])
    else:
        # For translators: vip, risk, stage, topic and tag are typed in English.
        said = tr("A class has no “{typed}”. Say vip, risk, stage, topic or tag.", typed=typed)
    return said


def _with_value(change: ClassChange, fact: str, value: str) -> ClassChange | str:
    if fact == "risk" and value in _RISKS:
        return replace(change, risk=_RISKS[value])
    if fact == "stage" and value in _STAGES:
        return replace(change, stage=_STAGES[value])
    if fact == "topic" and value in _TOPICS:
        return replace(change, topic=_TOPICS[value])
    known: Mapping[str, object] = {"risk": _RISKS, "stage": _STAGES, "topic": _TOPICS}[fact]
    close = difflib.get_close_matches(value, known, n=1, cutoff=0.6)
    asked, wrong, meant = _ASKED[fact]
    if close:
        return tr(meant, typed=value[:40], meant=close[0])
    choices = either(_CHOICES[fact])
    return tr(wrong, typed=value[:40], choices=choices) if value else tr(asked, choices=choices)


_ASKED: Final[Mapping[str, tuple[str, str, str]]] = {
    "risk": (
        # For translators: {choices} lists what can be typed, in English: “critical or normal”.
        marked("Which risk? It is {choices}."),
        # For translators: {choices} lists what can be typed, in English: “critical or normal”.
        marked("There is no risk “{typed}”. It is {choices}."),
        marked("There is no risk “{typed}”. Did you mean {meant}?"),
    ),
    "stage": (
        # For translators: {choices} lists what can be typed, in English: “critical or normal”.
        marked("Which stage? It is {choices}."),
        # For translators: {choices} lists what can be typed, in English: “critical or normal”.
        marked("There is no stage “{typed}”. It is {choices}."),
        marked("There is no stage “{typed}”. Did you mean {meant}?"),
    ),
    "topic": (
        # For translators: {choices} lists what can be typed, in English: “critical or normal”.
        marked("Which topic? It is {choices}."),
        # For translators: {choices} lists what can be typed, in English: “critical or normal”.
        marked("There is no topic “{typed}”. It is {choices}."),
        marked("There is no topic “{typed}”. Did you mean {meant}?"),
    ),
}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "risk": tuple(str(risk) for risk in Risk),
    "stage": ("pre-sale", "post-sale", "unknown"),
    "topic": tuple(topic.replace("_", "-") for topic in Topic),
}


def read_waiting(text: str) -> tuple[Waiting, str] | str:
    """For whom `text` says the desk waits, and what follows; or what is wrong."""
    words = text.split()
    while words and words[0].casefold() in _FILLING:
        words.pop(0)
    if not words:
        # For translators: customer, carrier, supplier and other are typed in English.
        return tr("For whom? Say customer, carrier, supplier or other.")
    word, *rest = words
    named = word.casefold().strip(".,:")
    on = _WAITING.get(named)
    if on is None:
        close = difflib.get_close_matches(named, _WAITING, n=1, cutoff=0.6)
        return _nobody(word[:40], close)
    if named == "third" and rest and rest[0].casefold().startswith("part"):
        rest = rest[1:]
    return on, " ".join(rest)


def _nobody(typed: str, close: Sequence[str]) -> str:
    if close:
        return tr(
            "I do not know who “{typed}” is. Did you mean {meant}?", typed=typed, meant=close[0]
        )
    # For translators: customer, carrier and other are typed in English.
    return tr("I do not know who “{typed}” is. Say customer, carrier or other.", typed=typed)
