"""A report as one HTML document: no script, nothing from elsewhere, for screens, phones and paper."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from bot.language import spoken_now, tr
from bot.language.forms import listed, moment
from bot.reports.advice import Advice, advice_words
from bot.reports.charts import Chart, ChartKind
from bot.reports.drawing.pictures import svg
from bot.reports.health.lines import HealthLine
from bot.reports.names import period_words, small_words
from bot.reports.page.figures import clocks, customers, headline, speed, volume, work
from bot.reports.page.health import health_section
from bot.reports.page.lists import cuts, heat, misses
from bot.reports.page.parts import paragraph, section, text
from bot.reports.report import Report

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
"""What a browser lets the page do: show itself. Whoever serves it sends the same as a header."""


def html(
    report: Report,
    *,
    health: Sequence[HealthLine] = (),
    advice: Advice | None = None,
    people: Mapping[str, str] | None = None,
    desk: str = "",
) -> str:
    """The report in the language spoken, as a whole document.

    `health` are the lines of `bot.reports.health.lines`, `desk` is what the shop calls itself. `people`
    are names by Slack id, for whom the list of misses may name: without them it names nobody.
    """
    title = tr("Report, {period}", period=period_words(report.question.period))
    parts = _parts(report, health, advice, people or {})
    body = _nothing(report) + health_section(health) if report.is_empty else "".join(parts)
    return (
        f'<!doctype html>\n<html lang="{spoken_now()}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
        f"<title>{text(title)}</title><style>{_style()}</style></head><body><main>"
        f"<header>{_desk(desk)}<h1>{text(title)}</h1>{_head(report)}</header>"
        f"{body}{_foot(report)}</main></body></html>\n"
    )


def _parts(
    report: Report,
    health: Sequence[HealthLine],
    advice: Advice | None,
    people: Mapping[str, str],
) -> Iterator[str]:
    yield headline(report)
    yield clocks(report)
    yield misses(report, people)
    yield _charts(report.charts, drawn_apart=bool(report.heat))
    yield cuts(report)
    yield heat(report, advice_words(advice).splitlines() if advice else ())
    yield health_section(health)
    yield speed(report)
    yield volume(report)
    yield work(report)
    yield customers(report)


def _nothing(report: Report) -> str:
    period = report.question.period
    since, until = (moment(at, period.zone) for at in (period.since, period.until))
    return paragraph(tr("Nothing happened between {since} and {until}.", since=since, until=until))


def _desk(name: str) -> str:
    return paragraph(name, style="soft")


def _head(report: Report) -> str:
    question = report.question
    wanted = report.labels if question.inboxes is None else question.inboxes
    names = [report.labels.get(name, name) for name in sorted(wanted)]
    before = period_words(question.period.before)
    return paragraph(listed(names), style="soft") + paragraph(
        tr("Changes are against the period before, {period}.", period=before), style="soft"
    )


def _charts(charts: Sequence[Chart], *, drawn_apart: bool) -> str:
    """Each chart for a wide screen and for a phone; the style shows one of them."""
    wanted = [each for each in charts if each.kind is not ChartKind.HEAT or not drawn_apart]
    figures = [
        f'<figure class="wide">{svg(chart)}</figure>'
        f'<figure class="phone">{svg(chart, narrow=True)}</figure>'
        for chart in wanted
    ]
    return section("charts", tr("Charts"), *figures)


def _foot(report: Report) -> str:
    terms = (
        (
            tr("Marketplace limit"),
            tr("The platform's own deadline for an answer. It counts every hour."),
        ),
        (
            tr("Internal target"),
            tr("The shop's own, earlier deadline. It counts as the shop decided."),
        ),
        (
            tr("Time to the first answer"),
            tr("From the customer's first message to the first answer a person gave."),
        ),
        (
            small_words(),
            tr("Made from so few cases that one more would move it by much."),
        ),
    )
    listed_terms = "".join(f"<dt>{text(term)}</dt><dd>{text(said)}</dd>" for term, said in terms)
    at = moment(report.made_at, report.question.period.zone)
    made = tr("Made on {moment}.", moment=at)
    more = tr("docs/metrics.md of Threadline defines every figure.")
    return section("words", tr("What the words mean"), f"<dl>{listed_terms}</dl>") + (
        f'<footer class="small">{paragraph(made)}{paragraph(more)}</footer>'
    )


@cache
def _style() -> str:
    from bot.reports.drawing.sheet import DARK, LIGHT, scheme  # noqa: PLC0415 - as in drawing

    style = (files("bot.reports.page") / "report.css").read_text(encoding="utf-8")
    return style.replace("LIGHT", scheme(LIGHT)).replace("DARK", scheme(DARK))
