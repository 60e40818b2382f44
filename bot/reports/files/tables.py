"""A report as data: CSV to open in a spreadsheet, JSON for programs, and the rows behind it.

CSV is as RFC 4180 has it: commas, CRLF, quotes where they are needed, a first line of names. Text
that a spreadsheet would run as a formula begins with an apostrophe. Values are those of the
figures: shares from 0 to 1, lengths in seconds, instants in UTC as ISO 8601. Names of columns and
keys are English in every language and stay as they are; new ones are added at the end.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final

from bot.reports.metrics import metric_of
from bot.reports.names import metric_name
from bot.reports.question import Period
from bot.reports.report import Cut, Figure, Miss, Report

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

FIGURE_COLUMNS: Final = (
    *("since", "until", "zone", "by", "part", "part_name", "figure", "name", "statistic"),
    *("unit", "value", "sample", "before", "before_sample", "few_cases"),
)

Value = str | int | float | bool | datetime | date | None


def csv_of(report: Report) -> str:
    """Every figure of the whole and of each part, a line each; `part` is empty for the whole."""
    return written(FIGURE_COLUMNS, _figure_rows(report))


def json_of(report: Report) -> dict[str, Any]:
    """The report as JSON takes it. Nobody is named in it beyond the parts that were asked for."""
    question = report.question
    return {
        "period": _period(question.period),
        "before": _period(question.period.before),
        "by": question.by.value if question.by else None,
        "inboxes": None if question.inboxes is None else sorted(question.inboxes),
        "made_at": _instant(report.made_at),
        "labels": dict(report.labels),
        "figures": [_figure(each) for each in report.figures],
        "cuts": [_cut(each) for each in report.cuts],
        "causes": {
            scope.value: {cause.value: count for cause, count in causes.items()}
            for scope, causes in report.causes.items()
        },
        "misses": [_miss(each) for each in report.misses],
        "reconciled": asdict(report.reconciled),
        "days": [{**asdict(each), "day": each.day.isoformat()} for each in report.days],
        "heat": [asdict(each) for each in report.heat],
    }


def written(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """Rows as CSV under the names of their columns."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([cell(each) for each in row] for row in rows)
    return out.getvalue()


def cell(value: Value) -> str:
    """One value of a CSV; text that a spreadsheet would run is only read."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, datetime | date):
        return _instant(value) if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float):
        return repr(_rounded(value))
    return _PLAIN.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)


_PLAIN: Final[Mapping[bool | None, str]] = {None: "", True: "yes", False: "no"}


def _figure_rows(report: Report) -> Iterator[Sequence[Value]]:
    period, by = report.question.period, report.question.by
    head = (period.since, period.until, period.zone)
    for figure in report.figures:
        yield (*head, "", "", "", *_figure_row(figure))
    for cut in report.cuts:
        for figure in cut.figures.values():
            yield (*head, by.value if by else "", cut.key, cut.label, *_figure_row(figure))


def _figure_row(figure: Figure) -> Sequence[Value]:
    return (
        figure.key,
        metric_name(figure.key),
        figure.key.partition(".")[2],
        metric_of(figure.key).unit.value,
        figure.value,
        figure.sample,
        figure.before,
        figure.before_sample,
        figure.is_small,
    )


def _figure(figure: Figure) -> dict[str, Any]:
    metric = metric_of(figure.key)
    return {
        "key": figure.key,
        "unit": metric.unit.value,
        "better": metric.better.value,
        "value": _rounded(figure.value),
        "sample": figure.sample,
        "before": _rounded(figure.before),
        "before_sample": figure.before_sample,
        "few_cases": figure.is_small,
    }


def _cut(cut: Cut) -> dict[str, Any]:
    return {
        "key": cut.key,
        "label": cut.label,
        "sample": cut.sample,
        "figures": [_figure(each) for each in cut.figures.values()],
    }


def _miss(miss: Miss) -> dict[str, Any]:
    return {
        "number": miss.number,
        "inbox": miss.inbox,
        "clock": miss.scope.value,
        "due_at": _instant(miss.due_at),
        "answered_at": _instant(miss.answered_at) if miss.answered_at else None,
        "late_seconds": miss.late_seconds,
        "cause": miss.cause.value,
        "permalink": miss.permalink,
        "ended_at": _instant(miss.ended_at) if miss.ended_at else None,
    }


def _period(period: Period) -> dict[str, str]:
    return {
        "since": _instant(period.since),
        "until": _instant(period.until),
        "zone": period.zone,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _rounded(value: float | None) -> float | None:
    """Without the noise of arithmetic; nobody measures finer."""
    return None if value is None else round(value, 6)
