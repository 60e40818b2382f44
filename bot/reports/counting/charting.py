"""The charts of a report: what was kept day by day, what was missed, and when customers write."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from bot.domain.desk import Desk
from bot.domain.figures import MissCause
from bot.language import tr
from bot.language.forms import short_day
from bot.reports.charts import Chart, ChartKind, Series
from bot.reports.counting.part_names import hour_name, weekday_name
from bot.reports.metrics import Unit
from bot.reports.names import cause_words, metric_name, sample_words
from bot.reports.question import Dimension
from bot.reports.report import Cut, Day, HeatCell
from sla_rules.select import winners
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Scope

KEPT: Final = "kept_by_day"
MISSED: Final = "missed"
ARRIVALS: Final = "arrivals"

_MOST_BARS: Final = 12
"""Parts in one chart: more are not read."""

_WEEK: Final = 7
_DAY: Final = 24


def charts(
    *,
    days: Sequence[Day],
    causes: Mapping[Scope, Mapping[MissCause, int]],
    by: Dimension | None,
    cuts: Sequence[Cut],
    heat: Sequence[HeatCell],
    received: int,
    promised: float | None,
) -> Sequence[Chart]:
    """Every chart that has something to show. `promised`: the share that a platform asks for."""
    is_cut = by is not None and by is not Dimension.AGENT
    found = [
        *_kept(days, promised),
        *(_missed_by_part(cuts) if is_cut else _missed_by_cause(causes)),
        *_arrivals(heat, received),
    ]
    return [each for each in found if each.sample]


def promised_share(desk: Desk, inboxes: Collection[str] | None) -> float | None:
    """The share of answers in time that the platforms of all these inboxes ask for.

    None where one of them asks for none or for several, or where two differ: no line is everybody's.
    """
    shares: set[float | None] = set()
    for route in desk.inboxes.values():
        if inboxes is not None and route.name not in inboxes:
            continue
        facts = TicketFacts(channel=route.rule_channel, inbox=route.name)
        rated = [each for each in desk.policies.policies if each.rates]
        policies = winners([each for each in rated if each.match.matches(facts)])
        own = {
            rate.share / 100
            for each in policies
            for rate in each.rates
            if route.badge or not rate.opt_in
        }
        shares |= own or {None}
    return shares.pop() if len(shares) == 1 else None


def _kept(days: Sequence[Day], promised: float | None) -> Iterator[Chart]:
    limits = [_share(day.limit_decided, day.limit_missed) for day in days]
    targets = [_share(day.target_decided, day.target_missed) for day in days]
    sample = sum(day.limit_decided + day.target_decided for day in days)
    yield Chart(
        key=KEPT,
        kind=ChartKind.LINES,
        title=tr("Kept in time, day by day"),
        unit=Unit.SHARE,
        labels=[short_day(day.day) for day in days],
        series=_told(
            Series(name=metric_name("limit_attained"), values=limits),
            Series(name=metric_name("target_attained"), values=targets),
        ),
        sample=sample,
        sample_words=sample_words(sample),
        threshold=promised,
        threshold_name="" if promised is None else tr("promised to the platform"),
    )


def _missed_by_cause(causes: Mapping[Scope, Mapping[MissCause, int]]) -> Iterator[Chart]:
    limits, targets = causes[Scope.MARKETPLACE], causes[Scope.INTERNAL]
    there = [cause for cause in MissCause if cause in limits or cause in targets]
    yield _bars(
        tr("Deadlines missed, by cause"),
        [cause_words(cause) for cause in there],
        [float(limits.get(cause, 0)) for cause in there],
        [float(targets.get(cause, 0)) for cause in there],
    )


def _missed_by_part(cuts: Sequence[Cut]) -> Iterator[Chart]:
    shown = [
        cut
        for cut in cuts
        if cut.figures["limit_missed"].value or cut.figures["target_missed"].value
    ][:_MOST_BARS]
    yield _bars(
        tr("Deadlines missed"),
        [cut.label for cut in shown],
        [cut.figures["limit_missed"].value or 0.0 for cut in shown],
        [cut.figures["target_missed"].value or 0.0 for cut in shown],
    )


def _bars(
    title: str, labels: Sequence[str], limits: Sequence[float], targets: Sequence[float]
) -> Chart:
    sample = int(sum(limits) + sum(targets))
    return Chart(
        key=MISSED,
        kind=ChartKind.BARS,
        title=title,
        unit=Unit.COUNT,
        labels=labels,
        series=_told(
            Series(name=metric_name("limit_missed"), values=limits),
            Series(name=metric_name("target_missed"), values=targets),
        ),
        sample=sample,
        sample_words=sample_words(sample),
    )


def _told(*series: Series) -> Sequence[Series]:
    """Those with anything to show: a desk without limits has no line of them."""
    return [each for each in series if any(value is not None for value in each.values)]


def _arrivals(heat: Sequence[HeatCell], received: int) -> Iterator[Chart]:
    rates = {(cell.weekday, cell.hour): cell.arrivals_an_hour for cell in heat}
    yield Chart(
        key=ARRIVALS,
        kind=ChartKind.HEAT,
        title=tr("When customers write, tickets an hour"),
        unit=Unit.PER_HOUR,
        labels=[hour_name(hour) for hour in range(_DAY)],
        series=[
            Series(
                name=weekday_name(weekday),
                values=[rates.get((weekday, hour)) for hour in range(_DAY)],
            )
            for weekday in range(_WEEK)
        ],
        sample=received,
        sample_words=sample_words(received),
    )


def _share(decided: int, missed: int) -> float | None:
    return 1 - missed / decided if decided else None
