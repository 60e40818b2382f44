"""The numbers behind `/metrics`, read from the rows at the moment they are asked for.

Labels hold inbox names, lanes and states only: nothing of a customer (invariant 11).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import Connection, func, select, text

from bot.db import tables
from bot.db.state_rows import ALIVE, CLEAN_AUDIT, FINDINGS, all_states
from bot.db.types import literally
from bot.domain.effects import Priority
from bot.domain.pacing import Spent
from bot.usecases.call_budget import spent_today
from bot.web.work_metrics import finding_families

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Effects of one class that could go out, and the seconds since the oldest could."""

    count: int
    oldest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What the rows say. Ages are seconds; -1 stands for never."""

    poll_age: Mapping[str, float] = field(default_factory=dict)
    inbox_failures: Mapping[str, int] = field(default_factory=dict)
    inbox_lag: Mapping[str, float] = field(default_factory=dict)
    calls_today: Mapping[str, Spent] = field(default_factory=dict)
    quarantined: int = 0
    outbox: Sequence[tuple[str, str, int]] = ()
    outbox_oldest: Mapping[str, float] = field(default_factory=dict)
    clocks: Sequence[tuple[str, str, int]] = ()
    pings_overdue: int = 0
    ping_lateness: float = 0.0
    tickets: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    unsure: int = 0
    ages: Mapping[str, float] = field(default_factory=dict)
    findings: Mapping[str, str] = field(default_factory=dict)


def read_numbers(conn: Connection, now: datetime) -> Numbers:
    """Everything from a handful of grouped statements over indexed, open rows."""
    inboxes = conn.execute(
        select(
            tables.inbox.c.name,
            tables.inbox.c.last_ok_at,
            tables.inbox.c.failures,
            tables.inbox.c.newest_sent_at,
        )
    ).all()
    oldest, overdue = conn.execute(
        select(func.min(tables.ping.c.fire_at), func.count()).where(
            tables.ping.c.fired_at.is_(None),
            tables.ping.c.cancelled_at.is_(None),
            tables.ping.c.fire_at <= now,
        )
    ).one()
    states = all_states(conn)
    return Numbers(
        poll_age={row.name: _age(row.last_ok_at, now) for row in inboxes},
        inbox_failures={row.name: row.failures for row in inboxes},
        inbox_lag={row.name: _age(row.newest_sent_at, now) for row in inboxes},
        calls_today=spent_today(conn, now),
        quarantined=_count(conn, literally(tables.raw_inbound.c.state, "quarantined")),
        outbox=_outbox_depth(conn),
        outbox_oldest=_outbox_oldest(conn, now),
        clocks=_clocks(conn),
        pings_overdue=overdue,
        ping_lateness=max(0.0, _age(oldest, now)) if oldest else 0.0,
        tickets=_tickets(conn),
        waiting=_waiting(conn, now),
        unsure=_unsure(conn),
        ages={name: _age(states[name].at if name in states else None, now) for name in _AGES},
        findings=dict(states[FINDINGS].value or {}) if FINDINGS in states else {},
    )


def _age(at: datetime | None, now: datetime) -> float:
    return -1.0 if at is None else (now - at).total_seconds()


def _count(conn: Connection, condition: object) -> int:
    query = select(func.count()).select_from(tables.raw_inbound).where(condition)  # type: ignore[arg-type]
    return int(conn.scalar(query) or 0)


_AGES: Final = (ALIVE, CLEAN_AUDIT)

_CLASSES: Final = (
    (Priority.BREACH, "breach"),
    (Priority.REPLY, "answer"),
    (Priority.ROOT_FAR, "card"),
    (Priority.WARNING, "message"),
)
"""Priorities up to each are of that class; lower ones are `other`."""


def _waiting(conn: Connection, now: datetime) -> dict[str, Waiting]:
    box = tables.outbox.c
    rows = conn.execute(
        select(box.priority, func.count(), func.min(box.not_before))
        .where(literally(box.state, "ready"), box.not_before <= now)
        .group_by(box.priority)
    )
    names = [*(name for _, name in _CLASSES), "other"]
    found = {name: Waiting(count=0, oldest=0.0) for name in names}
    for priority, count, oldest in rows:
        name = next((name for most, name in _CLASSES if priority <= most), "other")
        before = found[name]
        found[name] = Waiting(
            count=before.count + count, oldest=max(before.oldest, _age(oldest, now))
        )
    return found


def _unsure(conn: Connection) -> int:
    under_way = text("message.state IN ('queued', 'sending', 'unsure')")
    message = tables.message.c
    query = select(func.count()).select_from(tables.message)
    return int(conn.scalar(query.where(under_way, message.state == "unsure")) or 0)


def _outbox_depth(conn: Connection) -> list[tuple[str, str, int]]:
    outbox = tables.outbox.c
    rows = conn.execute(
        select(outbox.kind, outbox.state, func.count())
        .where(tables.open_effects)
        .group_by(outbox.kind, outbox.state)
    )
    return [(kind, state, count) for kind, state, count in rows]


def _outbox_oldest(conn: Connection, now: datetime) -> dict[str, float]:
    outbox = tables.outbox.c
    rows = conn.execute(
        select(outbox.kind, func.min(outbox.not_before))
        .where(tables.open_effects)
        .group_by(outbox.kind)
    )
    return {kind: max(0.0, _age(at, now)) for kind, at in rows}


def _clocks(conn: Connection) -> list[tuple[str, str, int]]:
    deadline = tables.deadline.c
    breached = deadline.breached_at.isnot(None)
    rows = conn.execute(
        select(deadline.scope, breached, func.count())
        .where(literally(deadline.state, "running"))
        .group_by(deadline.scope, breached)
    )
    return [(scope, "missed" if late else "running", count) for scope, late, count in rows]


def _tickets(conn: Connection) -> dict[str, int]:
    ticket = tables.ticket.c
    rows = conn.execute(
        select(tables.inbox.c.name, func.count())
        .join(tables.ticket, ticket.inbox_id == tables.inbox.c.id)
        .where(literally(ticket.state, "open"))
        .group_by(tables.inbox.c.name)
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessNumbers:
    """What only this process knows."""

    restarts: Mapping[str, int]
    loop_lag: float
    socket_silent: float | None
    calls: Mapping[tuple[str, str], int] = field(default_factory=dict)


def render(numbers: Numbers, process: ProcessNumbers, more: Iterable[Metric] = ()) -> bytes:
    """The exposition text; `more` are families read elsewhere."""
    registry = CollectorRegistry(auto_describe=False)
    families = [*_families(numbers), *_process_families(process), *more]
    registry.register(_Fixed(lambda: families))
    return generate_latest(registry)


class _Fixed:
    """Hands prometheus_client a ready list of families."""

    def __init__(self, families: Callable[[], Iterable[Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families()


def _families(numbers: Numbers) -> list[Metric]:
    return [
        *_inbox_families(numbers),
        *_outbox_families(numbers),
        *_clock_families(numbers),
        *_desk_families(numbers),
    ]


def _desk_families(numbers: Numbers) -> list[Metric]:
    ages = numbers.ages
    return [
        _gauge(
            "threadline_outbox_waiting",
            "Effects that could go out now, by class.",
            ("class",),
            [((name,), each.count) for name, each in numbers.waiting.items()],
        ),
        _gauge(
            "threadline_outbox_waiting_age_seconds",
            "Since the oldest of them could; 0 for none.",
            ("class",),
            [((name,), each.oldest) for name, each in numbers.waiting.items()],
        ),
        _single(
            "threadline_answers_unsure",
            "Answers of which nobody knows whether they arrived: a person has to look.",
            numbers.unsure,
        ),
        _single(
            "threadline_alive_age_seconds",
            "Since a working process last said that it works; -1 for never.",
            ages.get(ALIVE, -1.0),
        ),
        _single(
            "threadline_audit_last_ok_age_seconds",
            "Since an audit last found nothing; -1 for never.",
            ages.get(CLEAN_AUDIT, -1.0),
        ),
        *finding_families(numbers.findings),
    ]


def _inbox_families(numbers: Numbers) -> list[Metric]:
    return [
        _gauge(
            "threadline_poll_last_success_age_seconds",
            "Since the inbox was last read well; -1 for never.",
            ("inbox",),
            [((name,), age) for name, age in numbers.poll_age.items()],
        ),
        _gauge(
            "threadline_inbox_failures",
            "Failed reads in a row.",
            ("inbox",),
            [((name,), count) for name, count in numbers.inbox_failures.items()],
        ),
        _gauge(
            "threadline_inbox_newest_message_age_seconds",
            "Since the newest message the inbox ever brought was written; -1 for none.",
            ("inbox",),
            [((name,), age) for name, age in numbers.inbox_lag.items()],
        ),
        _gauge(
            "threadline_calls_today",
            "Calls made to the inbox's platform since 00:00 UTC.",
            ("inbox", "purpose"),
            [
                ((name, purpose), count)
                for name, spent in numbers.calls_today.items()
                for purpose, count in (("read", spent.reads), ("reply", spent.replies))
            ],
        ),
        _gauge(
            "threadline_open_tickets",
            "Tickets that await an answer.",
            ("inbox",),
            [((name,), count) for name, count in numbers.tickets.items()],
        ),
        _single(
            "threadline_quarantined_items", "Items that could not be read.", numbers.quarantined
        ),
    ]


def _outbox_families(numbers: Numbers) -> list[Metric]:
    return [
        _gauge(
            "threadline_outbox_depth",
            "Effects not settled yet.",
            ("kind", "state"),
            [((kind, state), count) for kind, state, count in numbers.outbox],
        ),
        _gauge(
            "threadline_outbox_oldest_age_seconds",
            "Since the oldest unsettled effect could have gone out.",
            ("kind",),
            [((kind,), age) for kind, age in numbers.outbox_oldest.items()],
        ),
    ]


def _clock_families(numbers: Numbers) -> list[Metric]:
    return [
        _gauge(
            "threadline_clocks",
            "Running deadlines.",
            ("scope", "state"),
            [((scope, state), count) for scope, state, count in numbers.clocks],
        ),
        _single(
            "threadline_pings_overdue",
            "Planned pings that are due and not fired.",
            numbers.pings_overdue,
        ),
        _single(
            "threadline_ping_lateness_seconds",
            "Lateness of the oldest of them.",
            numbers.ping_lateness,
        ),
    ]


def _process_families(process: ProcessNumbers) -> list[Metric]:
    restarts = CounterMetricFamily(
        "threadline_task_restarts", "Loops started again after a failure.", labels=["task"]
    )
    for task, count in process.restarts.items():
        restarts.add_metric([task], count)
    calls = CounterMetricFamily(
        "threadline_webhooks",
        "Calls of platforms, by what became of them.",
        labels=["inbox", "end"],
    )
    for labels, count in process.calls.items():
        calls.add_metric(list(labels), count)
    lag = _single("threadline_loop_lag_seconds", "How late the event loop runs.", process.loop_lag)
    if process.socket_silent is None:
        return [restarts, calls, lag]
    silent = _single(
        "threadline_slack_socket_silent_seconds",
        "Since the Socket Mode link was last seen working.",
        process.socket_silent,
    )
    return [restarts, calls, lag, silent]


def _gauge(
    name: str, about: str, labels: Sequence[str], values: Sequence[tuple[Row, float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=list(labels))
    for label_values, value in values:
        family.add_metric(list(label_values), value)
    return family


def _single(name: str, about: str, value: float) -> GaugeMetricFamily:
    return _gauge(name, about, (), [((), value)])
