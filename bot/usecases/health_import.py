"""A seller's own report file becomes readings: all of it, or nothing with a sentence why."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.db.health_rows import inbox_id_of, keep, knows_file, marketplaces_of
from bot.db.unit import Tx
from bot.domain.desk import Desk, InboxRoute
from bot.errors import DeskError
from bot.usecases.health import AHEAD, IMPORT, OLDEST
from connectors.report_files.formats import Format, read_report
from connectors.report_files.reading import Reading, ReportFile, UnreadableReport

EVERYWHERE: Final = frozenset({"", "global"})
"""Marketplaces of figures that are of a whole account."""

_SPOKEN: Final[Mapping[str, str]] = {
    "it": "it", "de": "de", "at": "de", "fr": "fr", "es": "es", "mx": "es", "uk": "en",
    "us": "en", "ca": "en", "au": "en", "ie": "en", "in": "en", "sg": "en",
}  # fmt: skip
"""The language in which reports of a marketplace come."""


class ReportRefused(DeskError):
    """A report file from which nothing was taken. Its text says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """A file (called `name`) to be taken into an inbox.

    `places` are the marketplaces that the inbox's settings name. `marketplace` and `language` are
    what whoever imports says of the file, `made_on` is its day where it does not say one itself.
    """

    name: str
    content: bytes = field(repr=False)
    inbox: str
    wanted: Format | None = None
    places: frozenset[str] = frozenset()
    marketplace: str = ""
    language: str = ""
    made_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a file brought. `replaced` pairs figures of before with those that took their place.

    `known`: this very file was taken before, nobody said of it what they had not said then, and
    nothing was done. `others` are marketplaces of
    the file that are not of the inbox, and were left out.
    """

    readings: Sequence[Reading] = ()
    new: int = 0
    same: int = 0
    replaced: Sequence[tuple[Reading, Reading]] = ()
    others: Sequence[str] = ()
    known: bool = False


def import_report(tx: Tx, desk: Desk, command: ImportReport) -> Imported:
    """Take every figure of the file into the inbox, each day's once.

    Raises:
        ReportRefused: the file is unreadable, or of another channel, marketplace, language or time.
    """
    route = desk.inboxes.get(command.inbox)
    inbox_id = None if route is None else inbox_id_of(tx.conn, route.name)
    if route is None or inbox_id is None:
        names = ", ".join(sorted(desk.inboxes))
        raise ReportRefused(f"There is no inbox {command.inbox}; there are {names}.")
    today = tx.now.astimezone(ZoneInfo(desk.timezone)).date()
    file = _read(command, command.made_on or today)
    _check_platform(command, route, file)
    _check_language(command, file)
    places = _places(command) or marketplaces_of(tx.conn, inbox_id)
    readings, others = _of_places(command, file, places)
    _check_days(command, readings, tx.now)
    sha256 = hashlib.sha256(command.content).hexdigest()
    says_otherwise = command.marketplace or command.made_on
    if not says_otherwise and knows_file(tx.conn, inbox_id, sha256):
        return Imported(readings=readings, known=True)
    kept = keep(tx, inbox_id, readings, source=IMPORT, sha256=sha256)
    now = {(one.measure, one.marketplace, one.until): one for one in readings}
    return Imported(
        readings=readings,
        new=kept.new,
        same=kept.same,
        replaced=[(one, now[one.measure, one.marketplace, one.until]) for one in kept.replaced],
        others=others,
    )


def _read(command: ImportReport, made_on: date) -> ReportFile:
    try:
        return read_report(command.content, made_on=made_on, wanted=command.wanted)
    except UnreadableReport as error:
        raise _refused(command, str(error)) from None


def _check_platform(command: ImportReport, route: InboxRoute, file: ReportFile) -> None:
    if file.platform and file.platform != route.rule_channel:
        raise _refused(
            command,
            f"it is a report of {file.platform}, and the inbox {route.name} reads "
            f"{route.rule_channel}; name an inbox of {file.platform} with --inbox",
        )


def _places(command: ImportReport) -> frozenset[str]:
    if command.marketplace:
        return frozenset({command.marketplace.casefold()})
    return frozenset(each.casefold() for each in command.places)


def _check_language(command: ImportReport, file: ReportFile) -> None:
    if not file.language:
        return
    expected = {command.language} if command.language else _languages(_places(command))
    if expected and file.language not in expected:
        raise _refused(
            command,
            f"its headings are in the language {file.language}, and {_either(expected)} was "
            "expected; if the report is the right one, say so with "
            f"--language {file.language}",
        )


def _languages(places: Iterable[str]) -> set[str]:
    return {_SPOKEN[each] for each in places if each in _SPOKEN}


def _of_places(
    command: ImportReport, file: ReportFile, places: frozenset[str]
) -> tuple[Sequence[Reading], Sequence[str]]:
    """The readings that are of the inbox, and the marketplaces that are not."""
    place = _place_of(command, file, places)
    told = [one if one.marketplace else replace(one, marketplace=place) for one in file.readings]
    own = [one for one in told if not places or one.marketplace in places | EVERYWHERE]
    others = sorted({one.marketplace for one in told} - {one.marketplace for one in own})
    if not own:
        raise _refused(
            command,
            f"it is of {', '.join(others)}, and the inbox {command.inbox} sells on "
            f"{_either(places)}; if it is right all the same, say --marketplace {others[0]}",
        )
    return own, others


def _place_of(command: ImportReport, file: ReportFile, places: frozenset[str]) -> str:
    """The marketplace of figures that name none: as whoever imports says, or as its words tell."""
    if command.marketplace:
        return command.marketplace.casefold()
    if not file.language:
        return ""
    spoken = [each for each in places if _SPOKEN.get(each) == file.language]
    return spoken[0] if len(spoken) == 1 else ""


def _check_days(command: ImportReport, readings: Sequence[Reading], now: datetime) -> None:
    today = now.date()
    for one in readings:
        if one.until > today + AHEAD:
            raise _refused(command, f"{one.measure} is of {one.until}, a day that is yet to come")
        if one.until < today - OLDEST:
            raise _refused(
                command,
                f"{one.measure} is of {one.until}, more than {OLDEST.days} days ago; ask the "
                "platform for a new report",
            )
        if one.since is not None and one.since > one.until:
            raise _refused(
                command, f"{one.measure} counts from {one.since} until {one.until}, backwards"
            )


def _either(words: Iterable[str]) -> str:
    return " or ".join(sorted(words))


def _refused(command: ImportReport, why: str) -> ReportRefused:
    return ReportRefused(f"{command.name}: {why}. Nothing was imported.")
