"""Days on which a shop is closed, as a source tells them, against what the file has."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.errors import DeskError


class ImportRefused(DeskError):
    """A source of holidays cannot be used. Its text says why, and what can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOff:
    """One local date and what it is called."""

    day: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a source says about some whole years.

    `suggestions` are days it does not close entirely: a person decides about them.
    """

    title: str
    years: range
    days: Sequence[DayOff]
    suggestions: Sequence[DayOff] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The source against the file, for the years of the source; each by date.

    `only_here` are dates of the file that the source does not have: a seller's own closed days,
    or holidays that are none any more.
    """

    added: Sequence[DayOff]
    known: Sequence[DayOff]
    only_here: Sequence[date]


def compare(source: Source, here: Collection[date]) -> Comparison:
    """What an import would add, what is there already, and what the source does not have."""
    named = _by_day(source.days)
    return Comparison(
        added=[each for each in named if each.day not in here],
        known=[each for each in named if each.day in here],
        only_here=sorted(
            day
            for day in here
            if day.year in source.years and day not in {each.day for each in named}
        ),
    )


def _by_day(days: Iterable[DayOff]) -> list[DayOff]:
    """One entry a date, in order; a date with several names carries them all."""
    names: dict[date, list[str]] = {}
    for each in days:
        known = names.setdefault(each.day, [])
        if each.name not in known:
            known.append(each.name)
    return [DayOff(day=day, name="; ".join(names[day])) for day in sorted(names)]
