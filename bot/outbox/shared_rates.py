"""Rates that all workers of a database keep together: Slack counts a workspace's calls, not a process's.

Each gate with a rate has one row: the instant until which its tokens are spent ("theoretical arrival
time" of the generic cell rate algorithm, ITU-T I.371), which is a token bucket in one number.
Whoever leases effects holds the rows of their gates, so that two workers never take one token.
The instants are PostgreSQL's: machines need not agree about the time.
"""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, update

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.db.state_rows import NAME_LENGTH, RATE
from bot.outbox.executor import OutboxRow
from bot.outbox.lanes import Limits, Rate
from bot.outbox.store import Head

SPREAD_SECONDS: Final = 0.05
"""Workers that wait for one gate look again this far apart, not all in one instant."""

_S = tables.desk_state.c
_Rates = Mapping[str, Rate]


@dataclass(slots=True)
class Shares:
    """What one claim got: the leased rows, and how long the others wait for which gate (seconds)."""

    leased: list[OutboxRow] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)


class SharedRates:
    """Takes tokens in the transaction that leases, on PostgreSQL.

    What only limits one card or one person's Home is not shared: `limits` keep it per process.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def lease(
        self,
        conn: Connection,
        heads: Sequence[Head],
        lease: Callable[[Collection[Head]], list[OutboxRow]],
    ) -> Shares:
        """Have `lease` take those of `heads` that find a token at every shared gate."""
        rates = {head.id: self._shared(head) for head in heads}
        gates = {gate for each in rates.values() for gate in each}
        now, spent = _locked(conn, gates)
        found, tried = Shares(), dict(spent)
        allowed = []
        for head in heads:
            wait, gate = _longest_wait(rates[head.id], tried, now)
            if gate is None:
                allowed.append(head)
                _count(rates[head.id], tried, now)
            else:
                found.waits[gate] = max(found.waits.get(gate, 0.0), wait + _spread())
        found.leased = lease(allowed) if allowed else []
        # A row that another worker took first costs no token.
        taken = dict(spent)
        for row in found.leased:
            _count(rates[row.id], taken, now)
        _write(conn, {gate: at for gate, at in taken.items() if at != spent[gate]})
        return found

    def give_back(self, conn: Connection, row: Head | OutboxRow) -> None:
        """A leased row was not sent after all: its tokens are there again, unless its gate was shut."""
        rates = self._shared(row)
        now, spent = _locked(conn, rates)
        back = {
            gate: spent[gate] - timedelta(seconds=1.0 / rate.per_second)
            for gate, rate in rates.items()
            if (spent[gate] - now).total_seconds() <= rate.burst / rate.per_second
        }
        _write(conn, back)

    def close(self, conn: Connection, gate: str, seconds: float) -> None:
        """We were told to wait at `gate`: every worker waits, and starts without savings."""
        rate = self._rate(gate)
        if rate is not None:
            now, spent = _locked(conn, {gate})
            shut = now + timedelta(seconds=seconds + (rate.burst - 1.0) / rate.per_second)
            _write(conn, {gate: max(spent[gate], shut)})

    def _shared(self, head: Head | OutboxRow) -> _Rates:
        gates = self._limits.gates(kind=head.kind, lane=head.lane, lane_group=head.lane_group)
        rates = {gate: self._rate(gate) for gate in gates if gate != head.lane}
        return {gate: rate for gate, rate in rates.items() if rate is not None}

    def _rate(self, gate: str) -> Rate | None:
        return self._limits.rate(gate) if len(RATE) + len(gate) <= NAME_LENGTH else None


def _spread() -> float:
    return random.uniform(0.0, SPREAD_SECONDS)  # noqa: S311 - spreads looks; nothing is decided by it


def _longest_wait(
    rates: _Rates, spent: Mapping[str, datetime], now: datetime
) -> tuple[float, str | None]:
    longest: tuple[float, str | None] = (0.0, None)
    for gate, rate in rates.items():
        wait = (spent[gate] - now).total_seconds() - (rate.burst - 1.0) / rate.per_second
        if wait > longest[0]:
            longest = (wait, gate)
    return longest


def _count(rates: _Rates, spent: dict[str, datetime], now: datetime) -> None:
    for gate, rate in rates.items():
        spent[gate] = max(spent[gate], now) + timedelta(seconds=1.0 / rate.per_second)


def _locked(conn: Connection, gates: Collection[str]) -> tuple[datetime, dict[str, datetime]]:
    """Until when the tokens of each gate are spent, by the clock that says now; the rows are locked."""
    if not gates:
        return datetime.min.replace(tzinfo=UTC), {}
    names = sorted(RATE + gate for gate in gates)
    query = (
        select(_S.name, _S.at, func.clock_timestamp().label("now"))
        .where(_S.name.in_(names))
        .order_by(_S.name)  # the same order everywhere: nobody waits in a circle
        .with_for_update()
    )
    rows = conn.execute(query).all()
    if len(rows) < len(names):
        begin = select(func.clock_timestamp()).scalar_subquery()
        known = {row.name for row in rows}
        new = [{"name": name} for name in names if name not in known]
        conn.execute(insert_ignore(conn, tables.desk_state).values(at=begin), new)
        rows = conn.execute(query).all()
    return rows[0].now, {row.name.removeprefix(RATE): row.at for row in rows}


def _write(conn: Connection, spent: Mapping[str, datetime]) -> None:
    if spent:
        conn.execute(
            update(tables.desk_state)
            .where(_S.name == bindparam("gate"))
            .values(at=bindparam("until")),
            [{"gate": RATE + gate, "until": at} for gate, at in sorted(spent.items())],
        )
