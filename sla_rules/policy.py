"""Policies: which clocks a ticket has and how long each may run. Frozen, versioned by content.

Tables come from TOML files, are checked here once, and are values afterwards.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from sla_rules.clock_rule import ALWAYS_NAME, SHOP_NAME, ClockRule, Cutoff
from sla_rules.coverage import Cutter, cells, refuse_ties, ties
from sla_rules.errors import PolicyConflict, PolicyError
from sla_rules.fingerprint import content_hash
from sla_rules.match import Match
from sla_rules.platform_calendars import preset_files
from sla_rules.policy_checks import Checked, beyond_limits, dropped_limits, unmatched
from sla_rules.policy_table import ClockTable, CutoffTable, MatchTable, PolicyTable
from sla_rules.rates import RatePromise
from sla_rules.refusals import refusals
from sla_rules.rule_file import Written, read_rules
from sla_rules.select import most_specific, narrowed
from sla_rules.timeline import TicketFacts, folded
from sla_rules.vocabulary import Metric, Reopen, Scope

__all__ = [
    "ALWAYS_NAME",
    "SHOP_NAME",
    "ClockRule",
    "Policy",
    "PolicyConflict",
    "PolicyError",
    "PolicySet",
    "presets",
]

_DAY: Final = timedelta(days=1)
_NO_INBOXES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A named rule. At most one clock for each metric and scope; none means nobody is waited for.

    `safety_margin` keeps the internal deadline that far before the marketplace's. `grace` is what
    is left when a ticket comes under this policy and its target is over already. `version` is a
    hash of all that deadlines depend on, 16 hex digits; wording such as `source` is not part of
    it. `origin` is the file and line it is written on, when that is known.
    """

    name: str
    version: str
    match: Match
    clocks: tuple[ClockRule, ...]
    source: str
    safety_margin: timedelta
    grace: timedelta = timedelta(minutes=15)
    auto_reply_satisfies: bool = False
    rates: tuple[RatePromise, ...] = ()
    precedence: int = 0
    preset: bool = False
    origin: str | None = field(default=None, compare=False)

    @property
    def calendars(self) -> frozenset[str]:
        """The names of the calendars its clocks are measured and its pings heard in."""
        heard = {rule.ping_calendar for rule in self.clocks if rule.ping_calendar is not None}
        return frozenset(rule.calendar for rule in self.clocks) | heard


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """Every policy of a desk, free of ties."""

    policies: tuple[Policy, ...] = field(default=())
    _of_channel: dict[str, tuple[Policy, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # those that a channel's tickets may fall under, by its folded name, once asked for

    @classmethod
    def load(cls, tables: Sequence[Mapping[str, Any]]) -> "PolicySet":
        """Check tables and freeze them. A table with the name of a preset replaces the preset.

        Raises:
            PolicyError: with every problem, each naming policy, key and value and what to write
                instead; PolicyConflict for policies that would claim one ticket with equal right.
        """
        return cls._frozen([Written(table) for table in tables])

    @classmethod
    def load_files(
        cls,
        files: Mapping[str, str],
        base: Sequence[Mapping[str, Any]] = (),
        *,
        inboxes: Mapping[str, str] = _NO_INBOXES,
    ) -> "PolicySet":
        """The policies of whole files (name → text) on top of `base`, as a desk works with them.

        `inboxes` tells which channel an inbox is of: a rule for it is one for that channel only.
        Besides what `load` refuses, so are a ticket that no policy matches, and an internal target
        above the limit that the ticket's channel has.

        Raises:
            PolicyError: with every problem of every file, each naming file and line.
        """
        written = [Written(table) for table in base]
        problems: list[str] = []
        for name, text in files.items():
            try:
                written += read_rules(name, text)
            except PolicyError as exc:
                problems += exc.problems
        read = _checked(written, problems)
        whole = not problems
        found = cls(policies=tuple(_freeze(each) for each in read))
        narrowed = _narrowed(found.policies, inboxes)
        sorts = cells(narrowed)
        conflicts = ties(sorts)
        if whole:
            # A policy with a mistake may be the one that fills the hole.
            place = f"{next(iter(files))}:1: " if files else ""
            problems += [f"{place}{each}" for each in unmatched(sorts)]
        problems += beyond_limits(narrowed, _Targets(read))
        if conflicts:
            raise PolicyConflict(*conflicts, *problems)
        if problems:
            raise PolicyError(*problems)
        return found

    @classmethod
    def _frozen(cls, written: Sequence[Written]) -> "PolicySet":
        problems: list[str] = []
        read = _checked(written, problems)
        if problems:
            raise PolicyError(*problems)
        policies = tuple(_freeze(each) for each in read)
        refuse_ties(policies)
        return cls(policies=policies)

    def select(self, facts: TicketFacts) -> Policy | None:
        """The policy with the most specific match, None when none matches.

        Raises:
            PolicyConflict: naming both, when two are equally specific.
        """
        channel = folded(facts.channel)
        if channel not in self._of_channel:
            self._of_channel[channel] = tuple(
                each
                for each in self.policies
                if not each.match.channel or channel in each.match.channel
            )
        return most_specific(self._of_channel[channel], facts)

    def warnings(self, inboxes: Mapping[str, str] = _NO_INBOXES) -> tuple[str, ...]:
        """What is allowed but seldom meant: a rule that drops the limit its channel has.

        `inboxes` tells which channel an inbox is of.
        """
        return tuple(dropped_limits(_narrowed(self.policies, inboxes)))

    def meetings(self, inboxes: Iterable[tuple[str, str]]) -> Iterator[tuple[Policy, ...]]:
        """For each inbox (channel, name): every policy that some ticket of it falls under."""
        cutter = Cutter(self.policies)
        for channel, inbox in inboxes:
            found = cutter.cells({"channel": [channel], "inbox": [inbox]})
            names = {policy.name for cell in found for policy in cell.best}
            yield tuple(policy for policy in self.policies if policy.name in names)


def presets() -> list[dict[str, Any]]:
    """The channels' own rules, as tables for `PolicySet.load`; each carries its source."""
    return [dict(table) for table in _preset_tables()]


@cache
def _preset_tables() -> tuple[dict[str, Any], ...]:
    tables: list[dict[str, Any]] = []
    for file in preset_files():
        for written in read_rules(f"presets/{file.name}", file.read_text(encoding="utf-8")):
            origin = written.origin.at() if written.origin else None
            tables.append({**written.table, "preset": True, "origin": origin})
    return tuple(tables)


def _narrowed(policies: Sequence[Policy], inboxes: Mapping[str, str]) -> tuple[Policy, ...]:
    return tuple(replace(each, match=narrowed(each.match, inboxes)) for each in policies)


@dataclass(frozen=True, slots=True)
class _Targets:
    """Where the target of a policy's clock is written."""

    read: Sequence["_Read"]

    def __call__(self, policy: Checked, metric: Metric) -> str:
        meant = (metric, "response") if metric.endswith("response") else (metric,)
        places = (
            each.written.at(("clock", index, "target"))
            for each in self.read
            if not each.preset and each.table.name == policy.name
            for index, clock in enumerate(each.written.table["clock"])
            if clock["metric"] in meant and clock["scope"] == Scope.INTERNAL
        )
        return next(places, f"{policy.origin}: " if policy.origin else "")


@dataclass(frozen=True, slots=True)
class _Read:
    """A table that can be, and what is known of it besides."""

    table: PolicyTable
    written: Written
    preset: bool
    origin: str | None


def _checked(written: Iterable[Written], problems: list[str]) -> list[_Read]:
    """The tables that can be, presets replaced; what is wrong with the others is told."""
    kept: dict[str, _Read] = {}
    for each in written:
        try:
            read = _read(each)
        except ValidationError as exc:
            problems += refusals(each.table, exc, each.at)
            # The preset that it would have replaced is nothing to compare the others with.
            kept.pop(str(each.table.get("name")), None)
            continue
        name = read.table.name
        earlier = kept.get(name)
        if earlier is not None and earlier.preset == read.preset:
            first = f" (first in {earlier.origin})" if earlier.origin else ""
            problems.append(
                f'{each.at(("name",))}policies "{name}" → name: "{name}" is used twice{first}. '
                "Give one of them another name."
            )
        elif earlier is None or earlier.preset:
            kept[name] = read
    return list(kept.values())


def _read(written: Written) -> _Read:
    if written.origin is not None:
        table = PolicyTable.model_validate(written.table)
        return _Read(table, written, preset=False, origin=written.origin.at())
    # What `presets` says about a table is no key that a file may have.
    plain = dict(written.table)
    preset, origin = plain.pop("preset", False) is True, plain.pop("origin", None)
    return _Read(PolicyTable.model_validate(plain), written, preset=preset, origin=origin)


def _freeze(read: _Read) -> Policy:
    table = read.table
    match = match_of(table.match)
    clocks = tuple(rule for clock in table.clock for rule in _rules(clock))
    return Policy(
        name=table.name,
        version=content_hash(
            table.name,
            match,
            clocks,
            table.safety_margin,
            grace=table.grace,
            auto_reply_satisfies=table.auto_reply_satisfies,
        ),
        match=match,
        clocks=clocks,
        source=table.source,
        safety_margin=table.safety_margin,
        grace=table.grace,
        auto_reply_satisfies=table.auto_reply_satisfies,
        rates=tuple(
            RatePromise(
                share=rate.share,
                within=rate.within,
                over=rate.over,
                source=rate.source,
                metrics=rate.metrics,
                opt_in=rate.opt_in,
            )
            for rate in table.rate
        ),
        precedence=table.precedence,
        preset=read.preset,
        origin=read.origin,
    )


def match_of(table: MatchTable) -> Match:
    """The match that a table says."""
    return Match(
        channel=frozenset(table.channel),
        inbox=frozenset(table.inbox),
        kind=frozenset(table.kind),
        stage=frozenset(table.stage),
        risk=frozenset(table.risk),
        vip=table.vip,
        marketplace=frozenset(table.marketplace),
        language=frozenset(table.language),
        topic=frozenset(table.topic),
        tag=frozenset(table.tag),
        customer_tag=frozenset(table.customer_tag),
        order_value_from=table.order_value_from,
        order_value_below=table.order_value_below,
        season=frozenset(table.season),
    )


def _rules(table: ClockTable) -> list[ClockRule]:
    days = table.target if isinstance(table.target, int) else 0
    # By dates the target is only what stands in when the calendar has none: a day for each.
    target = table.target if isinstance(table.target, timedelta) else max(days, 1) * _DAY
    return [
        ClockRule(
            metric=metric,
            scope=table.scope,
            target=target,
            calendar=table.calendar,
            warn=table.shares,
            warn_left=table.times_left,
            business_days=days,
            cutoff=_cutoff(table.cutoff),
            reopen=table.reopen or Reopen.RESUME,
            pause_on=frozenset(table.pause_on),
            ping_calendar=table.ping_calendar,
            ladder=table.steps,
        )
        for metric in table.metrics
    ]


def _cutoff(table: CutoffTable | None) -> Cutoff | None:
    if table is None:
        return None
    return Cutoff(received_before=table.received_before, reply_by=table.reply_by)
