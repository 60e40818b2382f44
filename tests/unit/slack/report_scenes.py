"""A report at its worst, as it is posted."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.domain.figures import MissCause
from bot.reports.charts import Chart, ChartKind, Series
from bot.reports.metrics import Unit
from bot.reports.question import Dimension
from bot.reports.report import Cut, Miss, Report
from sla_rules.vocabulary import Scope
from tests.report_world import a_question, sample_report, some_figures

if TYPE_CHECKING:
    from tests.unit.slack.worst import Worst

_LIMITS: Final = 10**9


def worst_report(worst: "Worst") -> Report:
    """Every name hostile, every list as long as a question can make it, every cut another one."""
    dimensions = list(Dimension)
    inboxes = [f"inbox-{number}" for number in range(100)]
    huge = [replace(each, value=_LIMITS, before=1.0, sample=3) for each in some_figures()]
    miss = worst.of(Miss)
    return sample_report(
        question=a_question(
            by=dimensions[worst.turn % len(dimensions)],
            inboxes=frozenset(inboxes),
            names_people=True,
        ),
        figures=huge,
        cuts=[
            Cut(
                key=worst.text(),
                label=worst.text(),
                sample=_LIMITS,
                figures={each.key: each for each in huge},
            )
        ]
        * 400,
        causes={scope: dict.fromkeys(MissCause, _LIMITS) for scope in Scope},
        misses=[replace(miss, scope=Scope.MARKETPLACE, late_seconds=_LIMITS)] * 50,
        charts=[worst_chart(worst, kind, 400 if worst.turn % 2 else 20) for kind in ChartKind] * 2,
        labels=dict.fromkeys([miss.inbox, *inboxes], worst.text()),
    )


def worst_chart(worst: "Worst", kind: ChartKind, places: int) -> Chart:
    """More series and places than Slack draws, all of the same hostile name."""
    return Chart(
        key="limit_attained",
        kind=kind,
        title=worst.text(),
        unit=list(Unit)[worst.turn % len(Unit)],
        labels=[worst.text()] * places,
        series=[Series(name=worst.text(), values=[1e9] * places)] * 12,
        sample=_LIMITS,
        sample_words=worst.text(),
    )
