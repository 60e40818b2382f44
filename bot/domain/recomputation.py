"""What changes for a ticket when its clocks are planned again by the rules as they are now."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.clocks import StoredDeadline
from sla_rules.deadlines import PlannedDeadline
from sla_rules.vocabulary import LASTING

_Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One clock. No `before`: it is new. No `after`: the rules no longer have it.

    `policy` is the one that decides now, or decided last. `past`: due already, and was not before.
    `why` says which of the rules is another than it was planned by, empty when none is.
    """

    metric: str
    scope: str
    before: datetime | None
    after: datetime | None
    policy: str
    past: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMoves:
    """What a recomputation does to one ticket.

    `rewritten` says that a running clock takes on other versions of policy or calendar, moved or
    not.
    """

    ticket_id: int
    number: int
    inbox: str
    moves: Sequence[Move]
    rewritten: bool

    @property
    def past(self) -> bool:
        """Whether it would be late by a rule that nobody could have known."""
        return any(move.past for move in self.moves)


def moves(
    stored: Iterable[StoredDeadline], planned: Sequence[PlannedDeadline], now: datetime
) -> tuple[Sequence[Move], bool]:
    """The clocks that move, and whether any running one is rewritten. Stopped ones are history."""
    before = {row.key: row for row in stored if row.state in LASTING}
    after: dict[_Key, PlannedDeadline] = {
        (p.metric, p.scope, p.instance): p for p in planned if p.state in LASTING
    }
    found = list(_moves(before, after, now))
    rewritten = before.keys() != after.keys() or any(
        _versions(before[key]) != _versions(after[key]) for key in before
    )
    return found, bool(found) or rewritten


def _moves(
    before: dict[_Key, StoredDeadline], after: dict[_Key, PlannedDeadline], now: datetime
) -> Iterator[Move]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        was, becomes = (old.due_at if old else None), (new.due_at if new else None)
        if was == becomes:
            continue
        metric, scope, _ = key
        yield Move(
            metric=metric,
            scope=scope,
            before=was,
            after=becomes,
            policy=new.policy if new else old.policy if old else "",
            past=becomes is not None and becomes <= now and (was is None or was > now),
            why=_why(old, new),
        )


def _why(old: StoredDeadline | None, new: PlannedDeadline | None) -> str:
    if old is None or new is None:
        return ""
    found: list[str] = []
    if old.policy != new.policy:
        found.append(f'policy "{new.policy}" instead of "{old.policy}"')
    elif old.policy_version != new.policy_version:
        found.append(f'policy "{new.policy}" was edited')
    if old.calendar != new.calendar:
        found.append(f'calendar "{new.calendar}" instead of "{old.calendar}"')
    elif old.calendar_version != new.calendar_version:
        found.append(f'calendar "{new.calendar}" is another version')
    return ", ".join(found)


def _versions(row: StoredDeadline | PlannedDeadline) -> tuple[str, ...]:
    return row.policy, row.policy_version, row.calendar, row.calendar_version
