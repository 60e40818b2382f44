"""Policies: which clocks a ticket has and how long each may run. Frozen, versioned by content.

Tables come from TOML files, are checked here once, and are values afterwards.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from typing import Any, Final

from pydantic import ValidationError

from sla_rules.errors import PolicyConflict, PolicyError
from sla_rules.policy_table import ClockTable, MatchTable, PolicyTable, refusal
from sla_rules.select import Match, most_specific, refuse_ties
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Metric, Scope

__all__ = ["ClockRule", "Policy", "PolicyConflict", "PolicyError", "PolicySet", "presets"]

ALWAYS_NAME: Final = "always"
"""The calendar in which every hour counts."""

SHOP_NAME: Final = "shop"
"""The calendar bound to the ticket's inbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """One promise of a policy.

    `warn` are the percentages of the target that are left when the assignee is warned, in
    falling order. `calendar` is a name; who plans a ticket says what it stands for.
    """

    metric: Metric
    scope: Scope
    target: timedelta
    calendar: str = ALWAYS_NAME
    warn: tuple[int, ...] = (50, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A named rule. At most one clock for each metric and scope; none means nobody is waited for.

    `safety_margin` keeps the internal deadline that far before the marketplace's. `version` is a
    hash of all that deadlines depend on, 16 hex digits; wording such as `source` is not part of it.
    """

    name: str
    version: str
    match: Match
    clocks: tuple[ClockRule, ...]
    source: str
    safety_margin: timedelta

    @property
    def calendars(self) -> frozenset[str]:
        """The names of the calendars its clocks are measured in."""
        return frozenset(rule.calendar for rule in self.clocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """Every policy of a desk, free of ties."""

    policies: tuple[Policy, ...] = field(default=())

    @classmethod
    def load(cls, tables: Sequence[Mapping[str, Any]]) -> "PolicySet":
        """Check tables and freeze them. A table with the name of a preset replaces the preset.

        Raises:
            PolicyError: naming policy, key and value and what to write instead; PolicyConflict
                for two policies that would claim one ticket with equal right.
        """
        policies = tuple(_frozen(table) for table in _replaced(map(_checked, tables)))
        refuse_ties(policies)
        return cls(policies=policies)

    def select(self, facts: TicketFacts) -> Policy | None:
        """The policy with the most specific match, None when none matches.

        Raises:
            PolicyConflict: naming both, when two are equally specific.
        """
        return most_specific(self.policies, facts)


def presets() -> list[dict[str, Any]]:
    """The channels' own rules, as tables for `PolicySet.load`; each carries its source."""
    tables: list[dict[str, Any]] = []
    folder = resources.files("sla_rules") / "presets"
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    for file in sorted(files, key=lambda file: file.name):
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        tables += [{**table, "preset": True} for table in found["policy"]]
    return tables


def _checked(table: Mapping[str, Any]) -> PolicyTable:
    try:
        return PolicyTable.model_validate(dict(table))
    except ValidationError as exc:
        raise PolicyError(refusal(table, exc)) from None


def _replaced(tables: Iterable[PolicyTable]) -> list[PolicyTable]:
    kept: dict[str, PolicyTable] = {}
    for table in tables:
        earlier = kept.get(table.name)
        if earlier is not None and earlier.preset == table.preset:
            raise PolicyError(
                f'policy "{table.name}": the name is used twice; give one of them another name'
            )
        if earlier is None or earlier.preset:
            kept[table.name] = table
    return list(kept.values())


def _frozen(table: PolicyTable) -> Policy:
    match = _match(table.match)
    clocks = tuple(rule for clock in table.clock for rule in _rules(clock))
    return Policy(
        name=table.name,
        version=_content_hash(table.name, match, clocks, table.safety_margin),
        match=match,
        clocks=clocks,
        source=table.source,
        safety_margin=table.safety_margin,
    )


def _match(table: MatchTable) -> Match:
    return Match(
        channel=frozenset(table.channel),
        inbox=frozenset(table.inbox),
        kind=frozenset(table.kind),
        stage=frozenset(table.stage),
        risk=frozenset(table.risk),
        vip=table.vip,
    )


def _rules(table: ClockTable) -> list[ClockRule]:
    return [
        ClockRule(
            metric=metric,
            scope=table.scope,
            target=table.target,
            calendar=table.calendar,
            warn=table.warn,
        )
        for metric in table.metrics
    ]


def _content_hash(
    name: str, match: Match, clocks: Iterable[ClockRule], safety_margin: timedelta
) -> str:
    content = {
        "name": name,
        "match": [sorted(match.channel), sorted(match.inbox), sorted(match.kind)],
        "matched": [sorted(match.stage), sorted(match.risk), match.vip],
        "margin": safety_margin.total_seconds(),
        "clocks": [
            [rule.metric, rule.scope, rule.target.total_seconds(), rule.calendar, rule.warn]
            for rule in clocks
        ],
    }
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
