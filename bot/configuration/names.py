"""Names that lead somewhere, and names that two tables share."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.configuration.problems import Found, Problem, shown, spell
from bot.configuration.source import Source
from sla_rules.refusals import did_you_mean
from sla_rules.toml_lines import Place


def refuse_twins(source: Source, problems: Found) -> None:
    """Two inboxes or two routes of one name, and a person listed twice."""
    problems.extend(_twins(source, "inboxes", "name", "Give each its own name."))
    problems.extend(_twins(source, "routes", "name", "Give each its own name."))
    problems.extend(_twins(source, "agents", "slack", "Keep one table a person."))


def _twins(source: Source, tables: str, key: str, remedy: str) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for place, table in source.tables(tables):
        value = table.get(key)
        if not isinstance(value, str):
            continue
        earlier = first.setdefault(value.strip().casefold(), place)
        if earlier != place:
            yield Problem(
                where=f"{spell(place, source.table)} → {key}",
                value=shown(key, value),
                wrong=f"is used twice (first in {source.at((*earlier, key))}).",
                remedy=remedy,
                place=(*place, key),
            )


def check_calendar_names(source: Source, calendars: Sequence[str], problems: Found) -> None:
    """The calendars that inboxes name are there."""
    for place, table in source.tables("inboxes"):
        name = table.get("calendar")
        if isinstance(name, str) and name.strip() not in calendars:
            where = f"{spell(place, source.table)} → calendar"
            problems.append(no_calendar(where, name, calendars, (*place, "calendar")))


def check_sight(source: Source, inboxes: Sequence[str], problems: Found) -> None:
    """The inboxes that people are kept to are there."""
    for place, table in source.tables("agents"):
        for at, name in words(table, "inboxes", place):
            if name.strip() not in inboxes:
                where = f'agents "{table.get("name", "")}" → inboxes'
                problems.append(unknown(where, name, sorted(inboxes), at))


def refuse_two_languages(source: Source, problems: Found) -> None:
    """One Slack channel is told things in one language."""
    first: dict[str, tuple[Place, str]] = {}
    for place, table in source.tables("inboxes"):
        channel, language = table.get("channel"), table.get("language")
        if not isinstance(channel, str) or not isinstance(language, str):
            continue
        earlier, spoken = first.setdefault(channel.strip(), (place, language.strip()))
        if spoken != language.strip():
            where = f"{spell(place, source.table)} → language"
            at = source.at((*earlier, "language"))
            problems.append(two_languages(where, language, channel, at, (*place, "language")))


def two_languages(where: str, language: str, channel: str, first: str, place: Place) -> Problem:
    """A channel that is to be told things in a second language; `first` says where in the first."""
    return Problem(
        where=where,
        value=f'"{language}"',
        wrong=f"is not what {channel} is spoken to in ({first}).",
        remedy="Give both inboxes one language, or each its own channel.",
        place=place,
    )


def words(table: Mapping[str, Any], key: str, place: Place) -> Iterator[tuple[Place, str]]:
    """Every text under `key`, be it one or a list of them, with its place."""
    value = table.get(key)
    if isinstance(value, str):
        yield (*place, key), value
    elif isinstance(value, list):
        for index, each in enumerate(value):
            if isinstance(each, str):
                yield (*place, key, index), each


def unknown(where: str, name: str, known: Sequence[str], place: Place) -> Problem:
    """A name that nothing has."""
    remedy = did_you_mean(name, known) or f"Known: {', '.join(known) or 'none'}."
    return Problem(
        where=where, value=f'"{name}"', wrong="is not known here.", remedy=remedy, place=place
    )


def no_calendar(where: str, name: str, known: Sequence[str], place: Place) -> Problem:
    """A calendar that the file does not have."""
    remedy = did_you_mean(name, known) or f"Add a [calendars.{name}] table."
    return Problem(
        where=where,
        value=f'"{name}"',
        wrong="is no calendar of this file.",
        remedy=remedy,
        place=place,
    )
