"""A report on a terminal."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from rich import box
from rich.markup import escape
from rich.table import Table

from bot.cli.console import good, out, say
from bot.domain.figures import MissCause
from bot.language.forms import listed, moment, number, span
from bot.reports.advice import stretch_words, worst_stretch
from bot.reports.health.lines import HealthLine
from bot.reports.health.words import health_name, health_words, place_name, trend_words
from bot.reports.metrics import METRICS, SMALL_SAMPLE, STATISTICS, Better, Group, metric_of
from bot.reports.names import (
    cause_words,
    change_words,
    dimension_name,
    metric_name,
    period_words,
    small_words,
    statistic_name,
    value_words,
)
from bot.reports.page.figures import reconciled_words, scope_words
from bot.reports.report import Cut, Figure, Miss, Report
from sla_rules.vocabulary import Scope

_NARROW: Final = 84
"""Columns of a terminal below which the values of before are left out."""

_TITLES: Final = (
    (Group.SLA, "Answered in time"),
    (Group.SPEED, "Speed"),
    (Group.VOLUME, "Tickets"),
    (Group.WORK, "Work"),
    (Group.CUSTOMERS, "Customers"),
)
_CUT_BY: Final = ("limit_attained", "limit_missed", "target_attained", "first_response.median")
_STYLES: Final = {True: "green", False: "red", None: ""}


def show(report: Report, health: Sequence[HealthLine], *, nothing: str) -> None:
    """Print the report; of an empty one the sentence `nothing`."""
    question = report.question
    say(f"Report, {period_words(question.period)}", style="bold")
    wanted = report.labels if question.inboxes is None else question.inboxes
    if wanted:
        say(listed([report.labels.get(name, name) for name in sorted(wanted)]))
    if report.is_empty:
        good(nothing)
    else:
        _show_figures(report)
    _show_health(health)


def _show_figures(report: Report) -> None:
    say(f"Changes are against {period_words(report.question.period.before)}.")
    for group, title in _TITLES:
        of_group = [each for each in report.figures if metric_of(each.key).group is group]
        told = [each for each in of_group if each.value is not None]
        single = [each for each in told if "." not in each.key]
        _print(title, _figures(single))
        _print(f"{title}: lengths of time" if single else title, _lengths(told))
        if group is Group.SLA:
            _print("Why clocks were missed", _causes(report))
            _print("Gravest misses", _misses(report))
            _print(_cut_title(report), _cuts(report))
    say("")
    say(reconciled_words(report.reconciled))
    stretch = worst_stretch(report.heat)
    if stretch is not None:
        say(stretch_words(stretch))


def _print(title: str, table: Table) -> None:
    if table.row_count:
        say("")
        say(title, style="bold")
        out.print(table, soft_wrap=False)


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column(first, overflow="fold", min_width=min(24, out.width // 4))
    for name in others:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _figures(figures: Sequence[Figure]) -> Table:
    wide = out.width >= _NARROW
    table = _table("Figure", "Value", *(["Before"] if wide else []), "Change", "Cases")
    for each in figures:
        before = [value_words(each.key, each.before)] if wide else []
        table.add_row(
            escape(metric_name(each.key)),
            value_words(each.key, each.value),
            *before,
            _change(each),
            _sample(each.sample, is_few=each.is_small),
        )
    return table


def _lengths(figures: Sequence[Figure]) -> Table:
    """A length a line: half took no longer than the median, nine of ten than the percentile."""
    found = {each.key: each for each in figures}
    wide = out.width >= _NARROW
    heads = [statistic_name(each) for each in STATISTICS]
    table = _table(
        "Length", *heads, *(["Median before", "Change"] if wide else ["Change"]), "Cases"
    )
    for metric in METRICS:
        three = [found.get(f"{metric.key}.{each}") for each in STATISTICS]
        median = three[0]
        if median is None:
            continue
        values = [value_words(metric.key, each.value if each else None) for each in three]
        before = [value_words(metric.key, median.before)] if wide else []
        cases = _sample(median.sample, is_few=median.is_small)
        table.add_row(escape(metric_name(metric.key)), *values, *before, _change(median), cases)
    return table


def _change(figure: Figure) -> str:
    words, style = escape(change_words(figure)), _style(figure)
    return f"[{style}]{words}[/]" if style else words


def _sample(count: int, *, is_few: bool) -> str:
    return f"{number(count)}, {small_words()}" if is_few else number(count)


def _style(figure: Figure) -> str:
    way = metric_of(figure.key).better
    arrow = change_words(figure)[:1]
    if way is Better.NEITHER or arrow not in {"▲", "▼"}:
        return ""
    return _STYLES[(arrow == "▲") is (way is Better.MORE)]


def _causes(report: Report) -> Table:
    scopes = [scope for scope in (Scope.MARKETPLACE, Scope.INTERNAL) if report.causes.get(scope)]
    table = _table("Cause", *(scope_words(scope) for scope in scopes))
    for cause in MissCause:
        counts = [report.causes[scope].get(cause, 0) for scope in scopes]
        if any(counts):
            table.add_row(cause_words(cause), *(number(count) for count in counts))
    return table


def _misses(report: Report) -> Table:
    table = _table("Ticket")
    for name in ("Inbox", "Clock", "Due", "Late by", "Cause"):
        table.add_column(name, overflow="fold")
    for each in report.misses:
        table.add_row(*_miss(each, report))
    return table


def _miss(miss: Miss, report: Report) -> Iterator[str]:
    late = span(timedelta(seconds=miss.late_seconds))
    yield f"#{miss.number}"
    yield escape(report.labels.get(miss.inbox, miss.inbox))
    yield scope_words(miss.scope)
    yield moment(miss.due_at, report.question.period.zone)
    yield late + ("" if miss.answered_at else _unanswered(miss))
    yield cause_words(miss.cause)


def _unanswered(miss: Miss) -> str:
    return ", not answered yet" if miss.ended_at is None else ", closed without an answer"


def _cut_title(report: Report) -> str:
    by = report.question.by
    return f"By {dimension_name(by).lower()}" if by else ""


def _cuts(report: Report) -> Table:
    by = report.question.by
    keys = [key for key in _CUT_BY if any(key in each.figures for each in report.cuts)]
    table = _table(dimension_name(by) if by else "", "Tickets", *(metric_name(k) for k in keys))
    for each in report.cuts:
        tickets = _sample(each.sample, is_few=0 < each.sample < SMALL_SAMPLE)
        table.add_row(escape(each.label), tickets, *_cut(each, keys))
    return table


def _cut(cut: Cut, keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        figure = cut.figures.get(key)
        yield value_words(key, figure.value if figure else None)


def _show_health(lines: Sequence[HealthLine]) -> None:
    table = _table("Marketplace")
    for name in ("Figure", "Standing", "Trend"):
        table.add_column(name, overflow="fold")
    for each in lines:
        style = _STYLES[each.kept]
        words = escape(health_words(each))
        table.add_row(
            escape(place_name(each)),
            health_name(each),
            f"[{style}]{words}[/]" if style else words,
            trend_words(each),
        )
    _print("Standing with the marketplaces", table)
