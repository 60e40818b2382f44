"""The figures of a page: the headline, the clocks, lengths, and everything else in its group."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.figures import MissCause
from bot.language import marked, tr, tr_as, tr_many
from bot.language.forms import listed, number
from bot.reports.metrics import METRICS, STATISTICS, Group, Metric
from bot.reports.names import became_words, cause_words, metric_name, sample_words, statistic_name
from bot.reports.page.parts import (
    Column,
    before,
    change,
    paragraph,
    section,
    table,
    text,
    told,
    value,
)
from bot.reports.report import Figure, Reconciled, Report
from sla_rules.vocabulary import Scope

_HEADLINE: Final = (
    "limit_attained",
    "target_attained",
    "first_response.median",
    "received",
    "backlog",
    "csat",
)

_SCOPES: Final[Mapping[Scope, str]] = {
    Scope.MARKETPLACE: marked("Marketplace limit"),
    Scope.INTERNAL: marked("Internal target"),
}

_CLOCKS: Final = (
    (Scope.MARKETPLACE, "limit_attained", "limit_missed"),
    (Scope.INTERNAL, "target_attained", "target_missed"),
)


def scope_words(scope: Scope) -> str:
    """What a clock is called: `Marketplace limit`."""
    return tr(_SCOPES[scope])


def found(report: Report) -> Mapping[str, Figure]:
    """The figures of a report by key; one that was not worked out is not there."""
    return {each.key: each for each in report.figures}


def headline(report: Report) -> str:
    """Six figures, each with what changed and what it is made from."""
    figures = found(report)
    tiles = [
        f"<li><span>{text(metric_name(key))}</span><b>{value(figures[key])}</b>"
        f"{change(figures[key])}"
        f'<span class="small">{text(sample_words(figures[key].sample))}</span></li>'
        for key in _HEADLINE
        if key in figures
    ]
    return f'<ul class="tiles">{"".join(tiles)}</ul>' if tiles else ""


def clocks(report: Report) -> str:
    """Each kind of clock by itself: how many were kept, and why the others were not."""
    figures = found(report)
    rows = [
        [text(scope_words(scope)), *_clock(figures[kept], figures[missed])]
        for scope, kept, missed in _CLOCKS
        if kept in figures and missed in figures
    ]
    columns = [
        Column(name=tr("Clock"), is_number=False),
        Column(name=tr_as("deadlines", "Kept")),
        Column(name=tr("Before")),
        Column(name=tr_as("how a figure moved", "Change")),
        Column(name=tr("Decided")),
        Column(name=tr_as("deadlines", "Missed")),
        Column(name=tr("Change of the missed")),
    ]
    caption = tr("A clock counts in the period in which it was kept or ran out.")
    return section("clocks", tr("Answered in time"), table(caption, columns, rows), _causes(report))


def _clock(kept: Figure, missed: Figure) -> list[str]:
    return [
        value(kept),
        before(kept),
        change(kept),
        text(number(kept.sample)),
        told(missed.key, missed.value),
        change(missed),
    ]


def _causes(report: Report) -> str:
    scopes = [scope for scope in _SCOPES if report.causes.get(scope)]
    sums = {each: sum(report.causes[s].get(each, 0) for s in scopes) for each in MissCause}
    causes = sorted(filter(sums.__getitem__, sums), key=lambda each: -sums[each])
    columns = [Column(name=tr("Cause"), is_number=False)]
    columns += [Column(name=scope_words(scope)) for scope in scopes]
    rows = [
        [
            text(cause_words(cause)),
            *(text(number(report.causes[scope].get(cause, 0))) for scope in scopes),
        ]
        for cause in causes
    ]
    return table(tr("Why clocks were missed"), columns, rows, style="few-columns")


def speed(report: Report) -> str:
    """Lengths of time, the median beside the mean and the 90th percentile."""
    caption = tr("Half took no longer than the median, nine of ten no longer than the percentile.")
    return section("speed", tr("Speed"), _lengths(report, Group.SPEED, caption))


def volume(report: Report) -> str:
    """What came in, and what became of it."""
    return section(
        "volume",
        tr("Tickets"),
        paragraph(reconciled_words(report.reconciled)),
        _singles(report, Group.VOLUME),
        _lengths(report, Group.VOLUME, tr("At the end of the period")),
    )


def work(report: Report) -> str:
    """How the work was done."""
    return section(
        "work",
        tr("Work"),
        _singles(report, Group.WORK),
        _lengths(report, Group.WORK, tr("As far as claims and drafts tell")),
    )


def customers(report: Report) -> str:
    """What customers said and did."""
    return section("customers", tr("Customers"), _singles(report, Group.CUSTOMERS))


def reconciled_words(parts: Reconciled) -> str:
    """What became of the tickets received, in a sentence whose parts add up."""
    if not parts.received:
        return tr("No tickets were received.")
    return tr_many(
        "Of {figure} ticket received, by the end of the period: {parts}.",
        "Of {figure} tickets received, by the end of the period: {parts}.",
        parts.received,
        figure=number(parts.received),
        parts=listed(became_words(parts)),
    )


def _metrics(group: Group, *, spread: bool) -> Sequence[Metric]:
    return [each for each in METRICS if each.group is group and each.spread is spread]


def _singles(report: Report, group: Group) -> str:
    figures = found(report)
    columns = [
        Column(name=tr("Figure"), is_number=False),
        Column(name=tr("Value")),
        Column(name=tr("Before")),
        Column(name=tr_as("how a figure moved", "Change")),
        Column(name=tr("Cases")),
    ]
    rows = [
        [
            text(metric_name(each.key)),
            value(figures[each.key]),
            before(figures[each.key]),
            change(figures[each.key]),
            text(number(figures[each.key].sample)),
        ]
        for each in _metrics(group, spread=False)
        if each.key in figures
    ]
    return table("", columns, rows, style="cards brief")


def _lengths(report: Report, group: Group, caption: str) -> str:
    figures = found(report)
    columns = [
        Column(name=tr("Length"), is_number=False),
        *(Column(name=statistic_name(each)) for each in STATISTICS),
        Column(name=tr("Median before")),
        Column(name=tr("Change of the median")),
        Column(name=tr("Cases")),
    ]
    rows = []
    for metric in _metrics(group, spread=True):
        three = [figures.get(f"{metric.key}.{each}") for each in STATISTICS]
        median = three[0]
        if median is None:
            continue
        words = [text(metric_name(metric.key)), value(median)]
        words += [told(metric.key, each.value if each else None) for each in three[1:]]
        rows.append([*words, before(median), change(median), text(number(median.sample))])
    return table(caption, columns, rows)
