"""`threadline rules test`: whether the rules do what their seller expects of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from bot.cli.console import WRONG, bad, good, say, sentences
from bot.cli.expectations import Expectation, read_expectations
from bot.cli.options import Config, settings_path
from bot.cli.samples import calendars_of, zone_of
from bot.settings_file import RuleBook, load_rules
from sla_rules.calendar import ALWAYS
from sla_rules.deadlines import PlannedDeadline, plan
from sla_rules.durations import in_words
from sla_rules.errors import CalendarError, PolicyError
from sla_rules.explain import explain
from sla_rules.explanation import known_of
from sla_rules.platform_calendars import platform_calendars
from sla_rules.timeline import Timeline

app = typer.Typer(help="Your rules, tried out.", no_args_is_help=True)

_MOMENT: Final = "%a %d %b %Y %H:%M:%S %Z"
_EVERYWHERE: Final = ""


@app.callback()
def _rules() -> None:
    """Keeps `test` a word of its own: a group of one command would swallow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An expectation and what the rules say instead; `why` is empty where it holds."""

    expectation: Expectation
    policy: str
    due: datetime | None
    why: Sequence[str]

    @property
    def holds(self) -> bool:
        """Whether the rules say what is expected."""
        return not self.why


@app.command("test")
def try_out(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Expectations: .toml or .csv.")],
    config: Config = None,
) -> None:
    """Run a file of expectations against the configured rules; exit code 1 when one fails."""
    with sentences():
        rules = load_rules(settings_path(config))
        outcomes = [tried(rules, each) for each in expectations(rules, file)]
    for outcome in outcomes:
        _show(outcome)
    failed = sum(not outcome.holds for outcome in outcomes)
    if failed:
        bad(f"{failed} of {len(outcomes)} expectations do not hold.")
        raise typer.Exit(WRONG)
    good(f"All {len(outcomes)} expectations hold.")


def expectations(rules: RuleBook, file: Path) -> list[Expectation]:
    """The expectations of `file`. Raises SettingsError, naming file and line."""
    zones = {inbox.name: zone_of(rules, inbox) for inbox in rules.settings.inboxes}
    zones[_EVERYWHERE] = ZoneInfo(rules.settings.desk.timezone)
    return read_expectations(file, rules, zones)


def tried(rules: RuleBook, expected: Expectation) -> Outcome:
    """What the rules say about the ticket of an expectation."""
    try:
        policy = rules.policies.select(expected.facts)
        if policy is None:
            return _outcome(expected, "no policy", None, ())
        inbox = next((i for i in rules.settings.inboxes if i.name == expected.facts.inbox), None)
        calendars = calendars_of(rules, inbox) if inbox else rules.calendars
        timeline = Timeline(facts=expected.facts, events=expected.events)
        planned = plan(timeline, policy, calendars, expected.received)
    except (PolicyError, CalendarError) as exc:
        return Outcome(expectation=expected, policy="no policy", due=None, why=(str(exc),))
    found = next((each for each in planned if _is_meant(each, expected)), None)
    if found is None:
        return _outcome(expected, policy.name, None, ())
    calendar = calendars.get(found.calendar) or platform_calendars().get(found.calendar, ALWAYS)
    # Opening hours are shown in their own zone; plain hours have none.
    zone = expected.received.tzinfo if calendar is ALWAYS else None
    walk = explain(found, calendar, found.started_at, known_of(found), zone=zone)
    return _outcome(expected, policy.name, found.due_at, walk)


def _is_meant(planned: PlannedDeadline, expected: Expectation) -> bool:
    return (planned.metric, planned.scope) == (expected.metric, expected.clock)


def _outcome(
    expected: Expectation, policy: str, due: datetime | None, walk: Sequence[str]
) -> Outcome:
    return Outcome(
        expectation=expected,
        policy=policy,
        due=due,
        why=tuple(_differences(expected, policy, due, walk)),
    )


def _differences(
    expected: Expectation, policy: str, due: datetime | None, walk: Sequence[str]
) -> Iterator[str]:
    zone = expected.received.tzinfo
    if expected.policy not in {None, policy}:
        yield f'expected  policy "{expected.policy}"'
        yield f'got       policy "{policy}"'
    if due == expected.due:
        return
    yield f"expected  {_due(expected, expected.due)}"
    apart = ""
    if due is not None and expected.due is not None:
        apart = f", {in_words(due - expected.due)} {'later' if due > expected.due else 'earlier'}"
    yield f'got       {_due(expected, due.astimezone(zone) if due else None)}{apart}  [policy "{policy}"]'
    yield from (f"  {line}" for line in walk)


def _due(expected: Expectation, due: datetime | None) -> str:
    clock = f"{expected.metric.replace('_', ' ')}, {expected.clock}"
    return f"{clock}: {_moment(due)}" if due else f"{clock}: no such clock"


def _moment(at: datetime) -> str:
    return f"{at:{_MOMENT}}"


def _show(outcome: Outcome) -> None:
    expected = outcome.expectation
    title = f"{expected.place} {expected.name or _moment(expected.received)}"
    if outcome.holds:
        good(f"{title} → {_due(expected, expected.due)}")
        return
    bad(f"{title}, received {_moment(expected.received)}")
    for line in outcome.why:
        say(f"    {line}")
