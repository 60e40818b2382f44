"""What `threadline whatif` is asked about: other policies, other opening hours, another roster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.cli.console import fail
from bot.configuration.shifts import load_shifts, shifts_of
from bot.configuration.source import read_source
from bot.settings_file import Configuration, RuleBook, rules_with
from sla_rules.calendar import Calendar
from sla_rules.restaffing import Rosters
from sla_rules.staffing import Staffing


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What was given on the command line; at least one of the three."""

    policy: Path | None = None
    calendar: Path | None = None
    roster: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The other side. `unused` are its calendars that nothing counts by."""

    words: str
    rules: RuleBook
    rosters: Rosters | None
    unused: Sequence[str] = ()


def proposed(configuration: Configuration, files: Files) -> Proposal:
    """Read what was given. Leaves with a sentence where nothing was.

    Raises:
        SettingsError: one of the files cannot be used.
    """
    words: list[str] = []
    rules: RuleBook = configuration
    unused: Sequence[str] = ()
    rosters: Rosters | None = None
    if files.policy is not None:
        rules = rules_with(configuration.path, files.policy)
        words.append(f"rules of {files.policy.name}")
    if files.calendar is not None:
        hours = _calendars(configuration, files.calendar)
        rules = replace(rules, calendars={**rules.calendars, **hours})
        unused = _unused(rules, hours)
        words.append(f"opening hours of {files.calendar.name}")
    if files.roster is not None:
        rosters = _rosters(configuration, files.roster)
        words.append(f"roster of {files.roster.name}")
    if not words:
        fail("Say what should be other: --policy FILE, --calendar FILE or --roster FILE.")
    return Proposal(words=", ".join(words), rules=rules, rosters=rosters, unused=unused)


def _calendars(configuration: Configuration, file: Path) -> Mapping[str, Calendar]:
    """The calendars of `file`, which may build on those of the settings."""
    rules = rules_with(configuration.path, file, only="calendars")
    names = read_source(file).table.get("calendars", {})
    if not names:
        fail(f"{file.name}: calendars: is missing. Write [calendars.NAME] tables.")
    return {name: rules.calendars[name] for name in names}


def _unused(rules: RuleBook, hours: Mapping[str, Calendar]) -> Sequence[str]:
    used = {inbox.calendar for inbox in rules.settings.inboxes}
    used.update(name for policy in rules.policies.policies for name in policy.calendars)
    return [name for name in hours if name not in used]


def _rosters(configuration: Configuration, file: Path) -> Rosters:
    """The roster of today and the proposed one. Its calendars tell when people work, no more."""
    if not configuration.settings.shifts:
        fail(
            f"{configuration.path.name}: shifts: is missing: a roster is compared with today's. "
            "Write [shifts.NAME] tables."
        )
    known = rules_with(configuration.path, file, only="calendars").calendars
    inboxes = {inbox.name for inbox in configuration.settings.inboxes}
    today = shifts_of(configuration.settings.shifts, configuration.calendars)
    return Rosters(
        before=Staffing(today),
        after=Staffing(load_shifts(file, known, inboxes)),
    )
