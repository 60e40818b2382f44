"""The response ledger: what went out and what came by itself, what it was taken for, what it stopped.

Pure. Every number on it says why: which clock a line stopped, or why it stopped none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.clocks import StoredDeadline
from bot.domain.rulings import OURS, Correction, Ruling, counts_as, mail_counts_as
from bot.domain.ticket import MessageState
from connectors.contract import Verdict
from sla_rules.runs import whole_second
from sla_rules.vocabulary import ClockState, Metric


class Taken(StrEnum):
    """What a line was taken for when it was seen."""

    ANSWER = "answer"  # sent by an agent through the desk
    COPY = "copy"  # given in the marketplace's own console, which showed it
    ATTESTED = "attested"  # given elsewhere, on an agent's word
    RECEIPT = "receipt"  # our own acknowledgement, come back
    OWN_MAIL = "own_mail"  # our own mail, come back
    BOUNCE = "bounce"
    AUTOMATIC = "automatic"  # automatic mail of somebody else


class WhyNone(StrEnum):
    """Why a line stopped no clock."""

    ELSEWHERE = "elsewhere"  # a lead said that it belongs to another conversation
    ON_ITS_WAY = "on_its_way"
    TAKEN_BACK = "taken_back"
    NOT_SENT = "not_sent"
    UNSURE = "unsure"
    BOUNCED = "bounced"
    THEIRS = "theirs"  # no answer of ours
    AUTOMATIC = "automatic"
    NOBODY_WAITED = "nobody_waited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message of ours, or automatic mail. `id` is the message's, or that of the event it left.

    `state` is empty for automatic mail; `reason` is why it was taken for what it was. `model` is the
    language model whose draft an answer began as, if one did, and `edited` whether it was changed.
    """

    id: int
    at: datetime
    taken: Taken
    author: str = ""
    agent: str | None = None
    state: str = ""
    reason: str = ""
    model: str = ""
    edited: bool = False

    @property
    def is_mail(self) -> bool:
        """Whether it is automatic mail, which only an event tells of."""
        return not self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A clock that a line stopped."""

    metric: Metric
    scope: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One line. `number` never changes: lines are only ever added at the end.

    `counts` is as what it counts now; `why_none` is set where it stopped nothing.
    """

    number: int
    entry: Entry
    correction: Correction | None
    counts: Ruling | None
    stopped: Sequence[Stopped] = ()
    why_none: WhyNone | None = None


_METRICS: Final = frozenset({Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE})
"""What an answer can stop."""

_ENDED: Final = frozenset({ClockState.MET, ClockState.LATE})

_BY_STATE: Final[Mapping[str, WhyNone]] = {
    MessageState.QUEUED: WhyNone.ON_ITS_WAY,
    MessageState.SENDING: WhyNone.ON_ITS_WAY,
    MessageState.CANCELLED: WhyNone.TAKEN_BACK,
    MessageState.FAILED: WhyNone.NOT_SENT,
    MessageState.UNSURE: WhyNone.UNSURE,
    MessageState.BOUNCED: WhyNone.BOUNCED,
}

_MAIL: Final[Mapping[Taken, Verdict]] = {
    Taken.RECEIPT: Verdict.ACKNOWLEDGEMENT,
    Taken.OWN_MAIL: Verdict.OWN_LOOP,
    Taken.BOUNCE: Verdict.BOUNCE,
    Taken.AUTOMATIC: Verdict.AUTO_REPLY,
}


def ledger(
    entries: Iterable[Entry],
    corrections: Mapping[int, Correction],
    deadlines: Iterable[StoredDeadline],
) -> Sequence[LedgerLine]:
    """Every line, in the order in which the desk heard of them."""
    open_clocks = [each for each in deadlines if each.metric in _METRICS and each.state in _ENDED]
    in_order = sorted(entries, key=lambda each: each.id)
    stopped: dict[int, list[Stopped]] = {}
    # Of two in the same second the earlier one has stopped the clock.
    for entry in sorted(in_order, key=lambda each: (each.at, each.id)):
        if _counts(entry, corrections) is None:
            continue
        mine = [each for each in open_clocks if each.stopped_at == whole_second(entry.at)]
        open_clocks = [each for each in open_clocks if each not in mine]
        stopped[entry.id] = [
            Stopped(
                metric=Metric(each.metric), scope=each.scope, late=each.state == ClockState.LATE
            )
            for each in mine
        ]
    return [
        _line(number, entry, corrections, stopped.get(entry.id, []))
        for number, entry in enumerate(in_order, start=1)
    ]


def _line(
    number: int,
    entry: Entry,
    corrections: Mapping[int, Correction],
    stopped: Sequence[Stopped],
) -> LedgerLine:
    counts = _counts(entry, corrections)
    correction = corrections.get(entry.id)
    return LedgerLine(
        number=number,
        entry=entry,
        correction=correction,
        counts=counts,
        stopped=sorted(stopped, key=lambda each: (each.metric, each.scope)),
        why_none=None if stopped else _why_none(entry, correction, counts),
    )


def _counts(entry: Entry, corrections: Mapping[int, Correction]) -> Ruling | None:
    correction = corrections.get(entry.id)
    ruling = correction.ruling if correction else None
    if entry.is_mail:
        return mail_counts_as(_MAIL[entry.taken], ruling)
    return counts_as(entry.author, entry.state, ruling)


def _why_none(entry: Entry, correction: Correction | None, counts: Ruling | None) -> WhyNone:
    if correction is not None and correction.ruling is Ruling.ELSEWHERE:
        return WhyNone.ELSEWHERE
    if counts is Ruling.PERSON:
        return WhyNone.NOBODY_WAITED
    if entry.is_mail and _MAIL[entry.taken] not in OURS:
        return WhyNone.THEIRS
    return _BY_STATE.get(entry.state, WhyNone.AUTOMATIC)


class CannotBe(StrEnum):
    """Why a line cannot be what a lead wants to call it."""

    THEIRS = "theirs"
    NEVER_SENT = "never_sent"
    SAME = "same"


def refusal(line: LedgerLine, ruling: Ruling) -> CannotBe | None:
    """Why `ruling` cannot be said of `line`; None where it can."""
    entry = line.entry
    if line.correction is not None and line.correction.ruling is ruling:
        return CannotBe.SAME
    if entry.is_mail:
        ours = _MAIL[entry.taken] in OURS
        return CannotBe.THEIRS if ruling is Ruling.PERSON and not ours else None
    arrived = entry.state in {MessageState.SENT, MessageState.BOUNCED}
    return None if arrived else CannotBe.NEVER_SENT
