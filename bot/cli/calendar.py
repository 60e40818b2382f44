"""`threadline calendar`: bring holidays into the settings file, and show what a month looks like."""

import re
from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from bot.calendars.days_off import Comparison, ImportRefused, Source, compare
from bot.calendars.editing import replace_text, with_days_off
from bot.calendars.ics import days_of
from bot.calendars.ics_lines import LARGEST_BYTES
from bot.calendars.national import national_days
from bot.cli.console import fail, good, say, sentences, warn
from bot.cli.options import Config, settings_path
from bot.clock import Clock
from bot.configuration.calendars import compile_all, opening_hours
from bot.configuration.source import read_source
from bot.settings import CalendarSettings
from bot.settings_file import load_calendars
from sla_rules.calendar import Calendar
from sla_rules.durations import in_words
from sla_rules.hours import OpeningHours, Span

app = typer.Typer(help="Opening hours and closed days.", no_args_is_help=True)

_YEARS: Final = re.compile(r"(\d{4})(?:-(\d{4}))?", re.ASCII)
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_MOST_YEARS: Final = 10
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2199
_YEARS_AHEAD: Final = 3
_ICS: Final = ".ics"
_DAY: Final = "%Y-%m-%d %a"


@app.command("import")
def import_(  # noqa: PLR0917 - typer reads options from the signature
    source: Annotated[
        str, typer.Argument(metavar="COUNTRY|FILE.ics", help="IT, DE, FR …, or an iCalendar file.")
    ],
    subdivision: Annotated[
        str | None, typer.Option(help="Province, Land or state, such as LI or BY.")
    ] = None,
    years: Annotated[str | None, typer.Option(help="2026, or 2026-2028.")] = None,
    calendar: Annotated[str | None, typer.Option(help="The [calendars.NAME] meant.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the file.")] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Also take out dates that the source does not have.")
    ] = False,
    config: Config = None,
) -> None:
    """Compare holidays with a calendar's; write them into the file with --apply."""
    with sentences():
        path = settings_path(config)
        tables = load_calendars(path)
        name = _calendar_name(tables, calendar)
        found = _source(source, subdivision, _years(years, Clock().now().year))
        compared = compare(found, tables[name].holidays)
        _show(found, compared, tables[name], name, remove=remove)
        own = _own_holidays(path, name)
        gone = [day for day in compared.only_here if day in own] if remove else []
        if not compared.added and not gone:
            good("Nothing to change.")
        elif apply:
            text = path.read_bytes().decode()
            replace_text(path, with_days_off(text, name, compared.added, gone))
            good(f"{path}: written. Run `threadline check`, then start the desk again.")
        else:
            say("Nothing is written yet: the same command with --apply writes it.")


def _own_holidays(path: Path, name: str) -> Collection[object]:
    """What the calendar says itself: the days of the one it builds on are not taken out here."""
    written: Sequence[object] = read_source(path).table["calendars"][name].get("holidays", [])
    return written


def _calendar_name(tables: Mapping[str, CalendarSettings], given: str | None) -> str:
    names = ", ".join(tables) or "none; add a [calendars.NAME] table first"
    if given is None and len(tables) == 1:
        return next(iter(tables))
    if given is None:
        fail(f"Which calendar? Add --calendar NAME. The file has: {names}.")
    if given not in tables:
        fail(f'There is no calendar "{given}". The file has: {names}.')
    return given


def _years(text: str | None, this_year: int) -> range:
    if text is None:
        return range(this_year, this_year + _YEARS_AHEAD)
    found = _YEARS.fullmatch(text)
    first = int(found[1]) if found else 0
    last = int(found[2] or found[1]) if found else 0
    if not _FIRST_YEAR <= first <= last <= _LAST_YEAR or last - first >= _MOST_YEARS:
        fail(f'--years "{text}": write one year, or at most {_MOST_YEARS}, such as 2026-2028.')
    return range(first, last + 1)


def _source(source: str, subdivision: str | None, years: range) -> Source:
    if not source.lower().endswith(_ICS):
        return national_days(source, subdivision, years)
    if subdivision is not None:
        raise ImportRefused("--subdivision belongs to a country, not to an .ics file.")
    path = Path(source)
    with path.open("rb") as file:
        # One byte more than is taken: enough to know that there is more.
        return days_of(file.read(LARGEST_BYTES + 1), path.name, years)


def _show(
    source: Source, compared: Comparison, table: CalendarSettings, name: str, *, remove: bool
) -> None:
    first, last = source.years.start, source.years.stop - 1
    span = f"{first}" if first == last else f"{first}-{last}"
    say(f'{source.title}, {span} → calendar "{name}"', style="bold")
    for mark, day, words in _lines(compared, remove=remove):
        own = "  (this date has hours of its own and stays open)" if day in table.hours else ""
        say(f"  {mark} {day:{_DAY}}  {words}{own}")
    if source.suggestions:
        say("Not closed all day; if you close, write them under closures yourself:")
        for each in source.suggestions:
            say(f"    {each.day:{_DAY}}  {each.name}")
    if compared.only_here and not remove:
        warn("Dates marked ? are only in your file and stay. --remove takes them out.")
    say(
        f"{len(compared.added)} to add, {len(compared.known)} there already, "
        f"{len(compared.only_here)} only in your file."
    )


def _lines(compared: Comparison, *, remove: bool) -> Sequence[tuple[str, date, str]]:
    gone = ("-", "gone from the source") if remove else ("?", "only in your file")
    return sorted(
        [
            *(("+", each.day, each.name) for each in compared.added),
            *(("=", each.day, each.name) for each in compared.known),
            *((gone[0], day, gone[1]) for day in compared.only_here),
        ],
        key=lambda line: line[1],
    )


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The [calendars.NAME] meant.")],
    month: Annotated[str | None, typer.Option(help="Such as 2026-12; else this month.")] = None,
    config: Config = None,
) -> None:
    """Print the opening hours of a month, day by day."""
    with sentences():
        tables = load_calendars(settings_path(config))
        table = tables[_calendar_name(tables, name)]
        first = _month(month, Clock().now().astimezone(ZoneInfo(table.timezone)).date())
        calendar = compile_all({name: table}, [])[name]
        say(f"{name}, {first:%B %Y}, {table.timezone}", style="bold")
        _show_days(table, calendar, first)


def _month(text: str | None, today: date) -> date:
    if text is None:
        return today.replace(day=1)
    found = _MONTH.fullmatch(text)
    try:
        first = date(int(found[1]), int(found[2]), 1) if found else date.min
    except ValueError:
        first = date.min
    if not _FIRST_YEAR <= first.year <= _LAST_YEAR:
        fail(f'--month "{text}": write a year and a month, such as 2026-12.')
    return first


def _show_days(table: CalendarSettings, calendar: Calendar, first: date) -> None:
    hours = opening_hours(table)
    zone = ZoneInfo(table.timezone)
    total = timedelta(0)
    for number in range(monthrange(first.year, first.month)[1]):
        day = first + timedelta(days=number)
        # Measured, not added up: on the day of a clock change they differ.
        opens = calendar.elapsed(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))
        total += opens
        spans = hours.of(day)
        shown = ", ".join(f"{_clock(a)}-{_clock(b)}" for a, b in spans) or "closed"
        length = in_words(opens) if spans else ""
        say(f"  {day:{_DAY}}  {shown:<26} {length:<11} {_why(table, hours, day, spans)}".rstrip())
    say(f"  {in_words(total)} open.")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _why(table: CalendarSettings, hours: OpeningHours, day: date, spans: Sequence[Span]) -> str:
    if day in table.hours:
        return "hours of its own"
    if day in table.holidays:
        return "holiday"
    if tuple(spans) != tuple(hours.week[day.weekday()]):
        return "partly closed" if spans else "closed for the day"
    return ""
