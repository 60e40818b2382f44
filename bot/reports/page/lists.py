"""The lists of a page: the gravest misses, the parts a report is cut into, and its week by hours."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from babel.dates import get_day_names

from bot.language import spoken_now, tr, tr_as
from bot.language.forms import moment, number, span
from bot.reports.metrics import SMALL_SAMPLE, Unit
from bot.reports.names import cause_words, dimension_name, metric_name, unit_words, value_words
from bot.reports.page.figures import scope_words
from bot.reports.page.parts import Column, marked_few, paragraph, section, table, text, told, value
from bot.reports.report import Cut, HeatCell, Miss, Report

_CUT_BY: Final = (
    "limit_attained",
    "limit_missed",
    "target_attained",
    "first_response.median",
    "first_response.p90",
    "resolution.median",
)
_DAYS: Final = range(7)
_HOURS: Final = range(24)
_STRONGEST: Final = 60
"""Per cent of the colour in the fullest cell: its number stays legible on it."""


def misses(report: Report, people: Mapping[str, str]) -> str:
    """The clocks that were missed by most, each with its thread. `people` are names by Slack id."""
    columns = [
        Column(name=tr("Ticket"), is_number=False),
        Column(name=tr("Inbox"), is_number=False),
        Column(name=tr("Clock"), is_number=False),
        Column(name=tr("Due"), is_number=False),
        Column(name=tr_as("when", "Answered"), is_number=False),
        Column(name=tr("Late by")),
        Column(name=tr("Cause"), is_number=False),
    ]
    named = any(each.owner in people for each in report.misses)
    if named:
        columns.append(Column(name=tr("Owner"), is_number=False))
    zone = report.question.period.zone
    rows = [
        [
            *_miss(each, report.labels, zone),
            *([text(people.get(each.owner, ""))] if named else []),
        ]
        for each in report.misses
    ]
    caption = tr("The tickets that explain most of the lateness")
    return section("misses", tr("Gravest misses"), table(caption, columns, rows))


def _miss(miss: Miss, labels: Mapping[str, str], zone: str) -> list[str]:
    answered = tr("not yet") if miss.ended_at is None else tr("closed without")
    if miss.answered_at is not None:
        answered = moment(miss.answered_at, zone)
    return [
        _linked(f"#{miss.number}", miss.permalink),
        text(labels.get(miss.inbox, miss.inbox)),
        text(scope_words(miss.scope)),
        text(moment(miss.due_at, zone)),
        text(answered),
        text(span(timedelta(seconds=miss.late_seconds))),
        text(cause_words(miss.cause)),
    ]


def _linked(words: str, address: str | None) -> str:
    if address is None or urlsplit(address).scheme != "https":
        return text(words)
    return f'<a href="{text(address)}" rel="noreferrer">{text(words)}</a>'


def cuts(report: Report) -> str:
    """The figures that are acted on, for each part."""
    by = report.question.by
    if by is None:
        return ""
    keys = [key for key in _CUT_BY if any(key in each.figures for each in report.cuts)]
    columns = [
        Column(name=dimension_name(by), is_number=False),
        Column(name=tr("Tickets")),
        *(Column(name=metric_name(key)) for key in keys),
    ]
    rows = [
        [text(each.label), _sample(each), *(_figure(each, key) for key in keys)]
        for each in report.cuts
    ]
    title = tr("By {dimension}", dimension=_lowered(dimension_name(by)))
    return section("cuts", title, table("", columns, rows))


def _sample(cut: Cut) -> str:
    return marked_few(text(number(cut.sample)), is_few=0 < cut.sample < SMALL_SAMPLE)


def _figure(cut: Cut, key: str) -> str:
    """Its value; in a part of few tickets everything is made from few cases, which is said once."""
    figure = cut.figures.get(key)
    if figure is not None and cut.sample < SMALL_SAMPLE:
        return told(key, figure.value)
    return value(figure)


def _lowered(name: str) -> str:
    """Inside a sentence; German nouns keep their capital, and so does an abbreviation."""
    keeps = str(spoken_now()) == "de" or name.isupper()
    return name if keeps else f"{name[:1].lower()}{name[1:]}"


def heat(report: Report, advice: Sequence[str]) -> str:
    """The week by hours: what comes in, who is there, what is late; and what that suggests."""
    if not report.heat:
        return ""
    words = "".join(paragraph(each) for each in advice)
    return section(
        "week",
        tr("The week by its hours"),
        f'<div class="advice">{words}</div>' if words else "",
        f'<div class="heats">{"".join(_maps(report.heat))}</div>',
    )


def _maps(cells: Sequence[HeatCell]) -> list[str]:
    maps = [
        _map(
            tr("Tickets received an hour"),
            cells,
            lambda cell: cell.arrivals_an_hour,
            unit=Unit.PER_HOUR,
        ),
        _map(tr("Answered late, per cent"), cells, _late, unit=Unit.SHARE),
    ]
    if any(cell.staffed is not None for cell in cells):
        maps.insert(
            1, _map(tr("People on shift"), cells, lambda cell: cell.staffed, unit=Unit.COUNT)
        )
    return maps


def _late(cell: HeatCell) -> float | None:
    return cell.late / cell.decided if cell.decided else None


def _map(
    caption: str,
    cells: Sequence[HeatCell],
    read: Callable[[HeatCell], float | None],
    *,
    unit: Unit,
) -> str:
    values = {(cell.weekday, cell.hour): read(cell) for cell in cells}
    most = max((each for each in values.values() if each is not None), default=0.0)
    days = get_day_names("abbreviated", locale=str(spoken_now()))
    heads = "".join(f'<th scope="col">{text(days[day])}</th>' for day in _DAYS)
    rows = "".join(
        f'<tr><th scope="row">{hour}</th>'
        f"{''.join(_cell(values.get((day, hour)), most, unit) for day in _DAYS)}</tr>"
        for hour in _HOURS
    )
    hour = tr("Hour")
    scale = tr("darkest: {most}", most=unit_words(unit, most))
    return (
        f'<table class="heat"><caption>{text(caption)} <span class="small">{text(scale)}</span>'
        f'</caption><thead><tr><th scope="col">{text(hour)}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _cell(found: float | None, most: float, unit: Unit) -> str:
    if not found or not most:
        return "<td></td>" if found is None else '<td class="nought">0</td>'
    strength = round(_STRONGEST * found / most)
    shown = 100 * found if unit is Unit.SHARE else found
    whole = unit is Unit.SHARE or shown >= 10  # noqa: PLR2004 - from here a tenth says nothing
    return f'<td style="--s:{strength}%">{text(_short(shown, whole=whole))}</td>'


def _short(shown: float, *, whole: bool) -> str:
    if whole:
        return number(round(shown))
    return value_words("received", round(shown, 1))
