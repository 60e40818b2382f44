"""A ticket that changes class: in which words, under which other policy, and what that moves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.domain.clocks import StoredClock
from bot.domain.recomputation import Move
from bot.domain.ticket import Ticket
from bot.language import marked
from sla_rules.vocabulary import LASTING, RESPONSES, ClockState, Metric, Scope

_FACTS: Final[Mapping[str, str]] = {
    "kind": marked("kind {before} → {after}"),
    "topic": marked("topic {before} → {after}"),
    "stage": marked("stage {before} → {after}"),
    "risk": marked("risk {before} → {after}"),
    "language": marked("language {before} → {after}"),
    "marketplace": marked("marketplace {before} → {after}"),
}
_VIP: Final = marked("VIP")
_NO_VIP: Final = marked("no VIP any more")
_ORDER_VALUE: Final = marked("order value {amount}")
_TAG: Final = marked("tag {tag}")
_NO_TAG: Final = marked("no tag {tag}")

CHANGES: Final = (*_FACTS.values(), _VIP, _NO_VIP, _ORDER_VALUE, _NO_TAG, _TAG)
"""What one change is kept as. Several are joined by commas; `bot.domain.said` says them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassification:
    """A ticket came under another class; it is due by other rules from the same start.

    `what` says what changed, `moves` the clocks whose due did, `cause` why one is due later than
    its new rule says: the target had passed before anybody could know of it.
    """

    what: str
    moves: tuple[Move, ...]
    cause: str | None


def what_changed(before: Ticket, after: Ticket) -> str:
    """The facts of a ticket that differ, as they are kept, in English; empty when none does."""
    return ", ".join(_words(before, after))


def _words(before: Ticket, after: Ticket) -> Iterator[str]:
    for name in _FACTS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield _FACTS[name].format(before=_plain(old), after=_plain(new))
    if before.vip != after.vip:
        yield _VIP if after.vip else _NO_VIP
    if before.order_value != after.order_value:
        value = f"{after.order_value} {after.currency or ''}".rstrip()
        yield _ORDER_VALUE.format(amount=value)
    added, gone = after.tags - before.tags, before.tags - after.tags
    yield from (_TAG.format(tag=tag) for tag in sorted(added))
    yield from (_NO_TAG.format(tag=tag) for tag in sorted(gone))


def _plain(word: str | None) -> str:
    return str(word or "none").replace("_", " ")


def due_before(clocks: Sequence[StoredClock], at: datetime) -> datetime | None:
    """When the wait that lasts was due by the desk's own target, had nothing changed at `at`.

    The response if one is awaited, else the clock that is due first. None: nothing lasts.
    """
    lasting = [
        each.deadline
        for each in clocks
        if each.deadline.state in LASTING and each.deadline.started_at <= at
    ]
    own = [row for row in lasting if row.scope == Scope.INTERNAL] or lasting
    responses = [row for row in own if row.metric in RESPONSES]
    return min((row.due_at for row in responses or own), default=None)


def missed(clocks: Sequence[StoredClock], at: datetime) -> frozenset[Metric]:
    """What the desk's own targets, as they were until `at`, had been missed in by then."""
    return frozenset(
        Metric(row.metric)
        for row in (each.deadline for each in clocks)
        if row.scope == Scope.INTERNAL and row.state == ClockState.RUNNING and row.due_at <= at
    )


def told(moves: Iterable[Move]) -> list[dict[str, str | None]]:
    """Moves as an event of the history keeps them."""
    return [
        {
            "metric": move.metric,
            "scope": move.scope,
            "policy": move.policy,
            "before": move.before.isoformat() if move.before else None,
            "after": move.after.isoformat() if move.after else None,
        }
        for move in moves
    ]


def moves_told(data: Mapping[str, Any]) -> tuple[Move, ...]:
    """The moves that an event of a new class or new rules tells of."""
    return tuple(
        Move(
            metric=each["metric"],
            scope=each["scope"],
            policy=each["policy"],
            before=datetime.fromisoformat(each["before"]) if each["before"] else None,
            after=datetime.fromisoformat(each["after"]) if each["after"] else None,
            past=False,
        )
        for each in data.get("moves") or ()
    )
