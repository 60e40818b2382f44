"""Reports as they are posted, at their most usual and at their worst."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.domain.figures import MissCause
from bot.reports.charts import Chart, ChartKind, Series
from bot.reports.metrics import Unit
from bot.reports.question import Dimension
from bot.reports.report import Cut, Miss, Report
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.report import render_nothing, render_report
from sla_rules.vocabulary import Scope
from tests.report_world import a_question, empty_report, sample_report, some_figures
from tests.unit.slack.scenes import a_desk

if TYPE_CHECKING:
    from tests.unit.slack.worst import Worst

DESK: Final = a_desk()

REPORT_MESSAGES: Final[Mapping[str, Callable[[], Rendered]]] = {
    "report": lambda: render_report(sample_report(), DESK, modern=True),
    "report_classic": lambda: render_report(sample_report(), DESK, modern=False),
    "report_of_nothing": lambda: render_nothing(empty_report()),
}

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
