"""`[[policies]]` together with the channels' own presets, and whether every inbox can use them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bot.configuration.inboxes import WrittenInbox
from bot.configuration.names import no_calendar, unknown, words
from bot.configuration.problems import Found, Problem
from bot.configuration.source import Source
from connectors.registry import Registry
from sla_rules.durations import in_words, read_duration
from sla_rules.platform_calendars import platform_calendars
from sla_rules.policy import ALWAYS_NAME, SHOP_NAME, Policy, PolicyError, PolicySet, presets
from sla_rules.rule_file import Written, read_rules
from sla_rules.timeline import folded
from sla_rules.toml_lines import Place

_HORIZON: Final = 520
"""Weeks that business time looks ahead: ten years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What policies may name, and what their clocks are measured in.

    `weekly` is how long each calendar is open in a week; `registry` knows the channels.
    """

    inboxes: Sequence[WrittenInbox]
    registry: Registry
    calendars: Sequence[str]
    weekly: Mapping[str, timedelta]

    @property
    def channels(self) -> dict[str, str]:
        """The channel of every inbox that has a name and a connector."""
        return {each.name: each.channel for each in self.inboxes if each.name and each.channel}


def load_policies(source: Source, choices: Choices, problems: Found) -> PolicySet:
    """The presets and the files' policies; empty when any of them is refused."""
    try:
        return PolicySet.load_files(source.rules, presets(), inboxes=choices.channels)
    except PolicyError as exc:
        problems.extend(exc.problems)
        return PolicySet()


def check_choices(source: Source, choices: Choices, policies: PolicySet, problems: Found) -> None:
    """Names in policies lead somewhere, and every clock has a calendar it can end in."""
    means: dict[str, set[str]] = defaultdict(set)
    inboxes = [inbox for inbox in choices.inboxes if inbox.channel is not None]
    meetings = policies.meetings((each.channel or "", each.name or "") for each in inboxes)
    for inbox, met in zip(inboxes, meetings, strict=True):
        if inbox.calendar is None:
            problems.extend(_without_calendar(inbox, met))
        for policy in met:
            means[policy.name] |= {inbox.calendar} if inbox.calendar else set()
    channels = known_channels(choices.registry)
    for written in _own(source):
        shop = means.get(str(written.table.get("name")), set())
        found = (
            *_unknown_names(written.table, choices, channels),
            *_never_reached(written.table, choices, shop),
        )
        problems.extend(_told(problem, written) for problem in found)


def _own(source: Source) -> Iterator[Written]:
    for file, text in source.rules.items():
        try:
            yield from read_rules(file, text)
        except PolicyError:
            continue  # said when the policies were loaded


def _told(problem: Problem, written: Written) -> str:
    """The sentence, by file and line of the file the policy is written in."""
    return problem.sentence(lambda place: written.at(place).removesuffix(": "))


def _where(table: Mapping[str, Any]) -> str:
    return f'policies "{table.get("name")}"'


def _clocks(table: Mapping[str, Any]) -> Iterator[tuple[Place, str, Mapping[str, Any]]]:
    clocks = table.get("clock")
    for index, clock in enumerate(clocks if isinstance(clocks, list) else ()):
        if isinstance(clock, Mapping):
            yield ("clock", index), f"{_where(table)} → clock {index + 1}", clock


def _unknown_names(
    table: Mapping[str, Any], choices: Choices, channels: Sequence[str]
) -> Iterator[Problem]:
    known = {"inbox": [each.name for each in choices.inboxes if each.name], "channel": channels}
    match = "when" if "when" in table else "match"
    when = table.get(match)
    for key, names in known.items():
        for place, name in words(when if isinstance(when, Mapping) else {}, key, (match,)):
            if (folded(name) if key == "channel" else name) not in names:
                yield unknown(f"{_where(table)} → {match} → {key}", name, names, place)
    calendars = [*choices.calendars, SHOP_NAME, ALWAYS_NAME]
    for place, where, clock in _clocks(table):
        for key in ("calendar", "ping_calendar"):
            for at, name in words(clock, key, place):
                if name not in calendars and name not in platform_calendars():
                    yield no_calendar(f"{where} → {key}", name, calendars, at)


def known_channels(registry: Registry) -> list[str]:
    """The channels that rules may name. Those of the connectors, and those that only the presets know: rules may come first."""
    named = [table.get("match", {}).get("channel", ()) for table in presets()]
    listed = {each for names in named for each in ([names] if isinstance(names, str) else names)}
    return sorted(listed | {spec.manifest.channel for spec in registry.specs.values()})


def _without_calendar(inbox: WrittenInbox, met: Sequence[Policy]) -> Iterator[Problem]:
    for policy in met:
        if SHOP_NAME in policy.calendars:
            yield Problem(
                where=f"{inbox.where} → calendar",
                wrong=f'is missing: policy "{policy.name}" counts the shop\'s hours.',
                remedy="Write the name of a [calendars.NAME] table.",
                place=(*inbox.place, "calendar"),
            )
            return


def _never_reached(
    table: Mapping[str, Any], choices: Choices, shop: Collection[str]
) -> Iterator[Problem]:
    """Targets that business time cannot find the end of. `shop` are the calendars it stands for."""
    for place, where, clock in _clocks(table):
        name, target = clock.get("calendar"), _length(clock.get("target"))
        if not isinstance(name, str) or target is None:
            continue
        for calendar in sorted(shop if name == SHOP_NAME else [name]):
            open_a_week = choices.weekly.get(calendar)
            if open_a_week is not None and target > open_a_week * _HORIZON:
                yield Problem(
                    where=f"{where} → target",
                    value=f'"{clock.get("target")}"',
                    wrong=f'is not reached in ten years: calendar "{calendar}" is open '
                    f"{in_words(open_a_week)} a week.",
                    remedy="Write less, or more opening hours.",
                    place=(*place, "target"),
                )


def _length(target: object) -> timedelta | None:
    try:
        return read_duration(target) if isinstance(target, str) else None
    except ValueError:
        return None
