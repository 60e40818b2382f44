"""Answers a question about the past: one report, counted from what was measured of every ticket.

Nothing that happened at or after the end of the period counts, or after now where that is sooner.
See `bot.reports.counting.window` for what that means, and `docs/metrics.md` for every figure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import isnan
from typing import Final

import numpy as np
from sqlalchemy import Connection

from bot.domain.desk import Desk
from bot.language import tr
from bot.reports import heat
from bot.reports.counting.charting import charts, promised_share
from bot.reports.counting.columns import Columns, load
from bot.reports.counting.customers import customers, tells_of_orders
from bot.reports.counting.cuts import cuts, parts_by
from bot.reports.counting.days import by_day, reconciled
from bot.reports.counting.misses import causes, worst
from bot.reports.counting.part_names import inbox_label
from bot.reports.counting.parts import Parts, whole
from bot.reports.counting.service import deadlines, speed, volume
from bot.reports.counting.tally import Tallies, Tally
from bot.reports.counting.window import SCOPES, Window
from bot.reports.counting.work import answers_per_hour, work
from bot.reports.metrics import METRICS, STATISTICS
from bot.reports.people_on_shift import capacity_of
from bot.reports.question import Dimension, Question, QuestionError
from bot.reports.report import Cut, Figure, HeatCell, Report
from sla_rules.staffing import Capacity

KEYS: Final = tuple(
    key
    for metric in METRICS
    for key in (
        [f"{metric.key}.{statistic}" for statistic in STATISTICS] if metric.spread else [metric.key]
    )
)
"""Every figure of a report, in its order."""


def answer(conn: Connection, desk: Desk, question: Question, now: datetime) -> Report:
    """Read, count and put together one report. For `ReadApart.read`: it takes a second.

    Raises:
        QuestionError: figures are asked by person, which nobody has allowed.
    """
    if question.by is Dimension.AGENT and not question.names_people:
        raise QuestionError(
            tr(
                "Figures are not told apart by person here. Whoever runs the desk can allow it"
                " with {setting}.",
                setting="[desk] rank_people = true",
            )
        )
    columns = load(conn, question, now)
    counted = _Counted(columns, desk, question)
    window, figures, parts = counted.now, counted.figures(), counted.cuts()
    days, missed_for, hours = by_day(window), causes(window), counted.heat()
    received = reconciled(window)
    return Report(
        question=question,
        made_at=now,
        figures=figures,
        cuts=parts,
        causes=missed_for,
        misses=worst(conn, window),
        reconciled=received,
        days=days,
        heat=hours,
        charts=charts(
            days=days,
            causes=missed_for,
            by=question.by,
            cuts=parts,
            heat=hours,
            received=received.received,
            promised=promised_share(desk, question.inboxes),
        ),
        labels={each.name: inbox_label(desk, each.name) for each in columns.inboxes.values()},
    )


class _Counted:
    """The period and the one before, with what both need."""

    def __init__(self, columns: Columns, desk: Desk, question: Question) -> None:
        self._columns = columns
        self._desk = desk
        self._question = question
        self._told = tells_of_orders(
            columns, [each.name for each in desk.inboxes.values() if each.fetches_context]
        )
        self._capacity: Capacity | None = capacity_of(desk.roster, question.inboxes)
        self.now = Window(columns, columns.since, columns.until)
        self.before = Window(columns, columns.before, columns.since)

    def figures(self) -> Sequence[Figure]:
        """Those of the whole."""
        everything = whole(self._columns)
        (found,) = self._of(everything, everything)
        return [found[key] for key in KEYS]

    def cuts(self) -> Sequence[Cut]:
        """Those of every part, where parts are asked for."""
        by = self._question.by
        if by is None:
            return []
        parts, before = (
            parts_by(self._columns, self._desk, by, window.until)
            for window in (self.now, self.before)
        )
        return cuts(by, self._desk, parts, list(self._of(parts, before)))

    def heat(self) -> Sequence[HeatCell]:
        """The hours of the week."""
        window, waits = self.now, self._columns.waits
        if window.until <= window.since:
            return []
        until = datetime.fromtimestamp(window.until, UTC)
        clocks = [window.clocks(scope) for scope in SCOPES]
        decided = np.logical_or.reduce([each.decided for each in clocks])
        missed = np.logical_or.reduce([each.missed for each in clocks])
        return heat.cells(
            period=replace(self._question.period, until=until),
            arrived=window.opened[window.received],
            began=waits.began[decided],
            missed=missed[decided],
            capacity=self._capacity,
        )

    def _of(self, parts: Parts, parts_before: Parts) -> Iterator[Mapping[str, Figure]]:
        now = self._tallies(self.now, parts)
        before = self._tallies(self.before, parts_before)
        for part in range(parts.size):
            yield {key: _figure(key, part, now[key], before[key]) for key in KEYS if key in now}

    def _tallies(self, window: Window, parts: Parts) -> Tallies:
        found = {
            **volume(window, parts),
            **speed(window, parts),
            **deadlines(window, parts),
            **work(window, parts),
            **customers(window, parts, self._told),
        }
        if parts.size == 1 and parts.keys == [""]:
            found["answers_per_hour"] = answers_per_hour(window, self._capacity)
        return found


def _figure(key: str, part: int, now: Tally, before: Tally) -> Figure:
    return Figure(
        key=key,
        value=_value(now, part),
        sample=int(now.samples[part]),
        before=_value(before, part),
        before_sample=int(before.samples[part]),
    )


def _value(tally: Tally, part: int) -> float | None:
    value = float(tally.values[part])
    return None if isnan(value) else value
