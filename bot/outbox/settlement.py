"""What becomes of a row after a send or a look-up: pure, from what came of it to the values to write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.db.unit import Tx
from bot.domain.effects import EffectKind, post_ops
from bot.outbox.backoff import delay
from bot.outbox.executor import (
    Finding,
    GroupPaused,
    NotSent,
    OutboxRow,
    Outcome,
    Refused,
    SendError,
    Sent,
    Superseded,
    Then,
    Throttled,
    TryLater,
    Unsure,
)
from bot.outbox.store import notes
from sla_rules.worded import worded

LOOK_UP_AFTER = 2.0
"""Real seconds before an attempt of unknown outcome is looked up: the other side may be writing."""

PAUSED_LOOK_UP = 60.0
"""Real seconds before a look-up that nobody would answer is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The values to write if the lease is still ours, and what to do in the same transaction."""

    values: Mapping[str, Any]
    then: Then | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When it came about; `real` turns real seconds into desk time."""

    now: datetime
    real: Callable[[float], timedelta]

    def after(self, seconds: float) -> datetime:
        """The instant so many real seconds from now."""
        return self.now + self.real(seconds)


def after_send(row: OutboxRow, end: Outcome | SendError, at: Moment) -> Settlement:
    """What a send leads to."""
    match end:
        case Sent() | Superseded():
            return _final(end, at)
        case Refused():
            return _dead(row, end, at)
        case Throttled():
            return _again(row, end, at.after(end.retry_after), attempts=row.attempts - 1)
        case GroupPaused():
            return _again(row, end, at.now, attempts=row.attempts - 1)
        case TryLater():
            return _try_later(row, end, at)
        case _:
            return _doubt(row, end, at.after(LOOK_UP_AFTER), looks=0)


def after_look_up(row: OutboxRow, end: Finding | SendError, at: Moment) -> Settlement:
    """What a look-up leads to. While nothing was learned, the row stays in doubt."""
    match end:
        case Sent() | Superseded():
            return _final(end, at)
        case NotSent():
            return _resend(row, end, at)
        case Unsure():
            values = {"state": "unsure", "lease_until": None, "last_error": end.reason}
            return Settlement(values=values, then=end.then)
        case Refused():
            return _dead(row, end, at)
        case _:
            return _look_again(row, end, at)


def _final(end: Sent | Superseded, at: Moment) -> Settlement:
    sent = isinstance(end, Sent)
    values = {
        "state": "sent" if sent else "superseded",
        "result": dict(end.result) if isinstance(end, Sent) else None,
        "last_error": None if isinstance(end, Sent) else end.reason,
        "lease_until": None,
        "settled_at": at.now,
    }
    return Settlement(values=values, then=end.then)


def _dead(row: OutboxRow, end: Refused, at: Moment) -> Settlement:
    values = {
        "state": "dead",
        "result": None,
        "last_error": end.reason,
        "lease_until": None,
        "settled_at": at.now,
    }
    return Settlement(values=values, then=end.then or _tell_ops(row, end.reason))


def _tell_ops(row: OutboxRow, reason: str) -> Then | None:
    if row.kind == EffectKind.POST_OPS:
        return None
    text = worded(
        "Something could not be sent ({kind}, outbox {row}): {reason}",
        kind=row.kind,
        row=row.id,
        reason=reason,
    )

    def tell(tx: Tx) -> None:
        tx.emit(post_ops(f"dead:{row.id}", text))

    return tell


def _again(row: OutboxRow, end: SendError, when: datetime, **values: Any) -> Settlement:
    kept = {
        "state": "ready",
        "not_before": when,
        "lease_until": None,
        "last_error": str(end),
        "result": notes(row, looks=0),
    }
    return Settlement(values=kept | values)


def _try_later(row: OutboxRow, end: TryLater, at: Moment) -> Settlement:
    failed = row.failed + 1
    counts = notes(row, failed=failed, looks=0)
    again = _again(row, end, at.after(delay(failed)), result=counts)
    return replace(again, then=end.then)


def _resend(row: OutboxRow, end: NotSent, at: Moment) -> Settlement:
    absent = row.absent + (1 if end.certain else 0)
    values = {
        "state": "ready",
        # The first time at once; a side that swallows one attempt after another gets some rest.
        "not_before": at.now if row.attempts <= 1 else at.after(delay(row.attempts)),
        "lease_until": None,
        "last_error": "looked up: not there" if end.certain else "looked up: nobody can tell",
        "result": notes(row, absent=absent, looks=0),
    }
    return Settlement(values=values, then=end.then)


def _look_again(row: OutboxRow, end: object, at: Moment) -> Settlement:
    if isinstance(end, Throttled):
        return _doubt(row, end, at.after(end.retry_after), looks=row.looks)
    if isinstance(end, GroupPaused):
        return _doubt(row, end, at.after(PAUSED_LOOK_UP), looks=row.looks)
    return _doubt(row, end, at.after(delay(row.looks + 1)), looks=row.looks + 1)


def _doubt(row: OutboxRow, end: object, until: datetime, *, looks: int) -> Settlement:
    values = {
        "lease_until": until,
        "last_error": f"outcome unknown: {end}",
        "result": notes(row, looks=looks),
    }
    return Settlement(values=values)
