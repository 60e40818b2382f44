"""`[[policies]]` together with the channels' own presets, and whether every inbox can use them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from bot.configuration.problems import Problem, did_you_mean
from bot.settings import InboxSettings, Settings
from connectors.registry import Registry
from sla_rules.calendar import Calendar
from sla_rules.durations import in_words
from sla_rules.policy import Policy, PolicyError, PolicySet, presets
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Kind, Risk, Scope, Stage

SHOP = "shop"
"""What presets call the calendar of the inbox at hand."""


def load_policies(tables: Sequence[Mapping[str, Any]], problems: list[Problem]) -> PolicySet:
    """The presets and the file's policies; empty when any of them is refused."""
    before = len(problems)
    for table in tables:
        try:
            own = PolicySet.load([table])
        except PolicyError as exc:
            problems.append(_refused(exc))
        else:
            problems.extend(_beyond_the_limit(own.policies[0]))
    if len(problems) > before:
        return PolicySet()
    try:
        return PolicySet.load([*presets(), *tables])
    except PolicyError as exc:
        problems.append(_refused(exc))
        return PolicySet()


def _refused(exc: PolicyError) -> Problem:
    return Problem(where="[[policies]]", wrong=f"{exc}.", remedy="")


def _beyond_the_limit(policy: Policy) -> Iterator[Problem]:
    limits = {c.metric: c.target for c in policy.clocks if c.scope is Scope.MARKETPLACE}
    for clock in policy.clocks:
        limit = limits.get(clock.metric)
        if clock.scope is Scope.INTERNAL and limit is not None and clock.target > limit:
            yield Problem(
                where=f'policies "{policy.name}" → clock {clock.metric} → target',
                value=in_words(clock.target),
                wrong="our own target is later than the marketplace's limit.",
                remedy=f"Write at most {in_words(limit)}.",
            )


def check_choices(
    settings: Settings,
    registry: Registry,
    policies: PolicySet,
    calendars: Mapping[str, Calendar],
    problems: list[Problem],
) -> None:
    """Names in policies and inboxes lead somewhere, and every clock has a calendar."""
    problems.extend(_unknown_names(settings, registry, policies, calendars))
    for inbox in settings.inboxes:
        where = f'inboxes "{inbox.name}" → calendar'
        if inbox.calendar is not None:
            if inbox.calendar not in calendars:
                known = [name for name in calendars if name != "always"]
                problems.append(_no_calendar(where, inbox.calendar, known))
            continue
        needing = [p for p in possible_policies(inbox, registry, policies) if SHOP in p.calendars]
        if needing and SHOP not in calendars:
            problems.append(
                Problem(
                    where=where,
                    wrong=f'is missing: policy "{needing[0].name}" counts the shop\'s hours.',
                    remedy="Write the name of a [calendars.NAME] table.",
                )
            )


def possible_policies(
    inbox: InboxSettings, registry: Registry, policies: PolicySet
) -> tuple[Policy, ...]:
    """Every policy that some ticket of this inbox can fall under."""
    spec = registry.specs.get(inbox.connector)
    if spec is None:
        return ()
    found: dict[str, Policy] = {}
    for kind, stage, risk, vip in product(Kind, Stage, Risk, (False, True)):
        facts = TicketFacts(
            channel=spec.manifest.channel,
            inbox=inbox.name,
            kind=kind,
            stage=stage,
            risk=risk,
            vip=vip,
        )
        policy = policies.select(facts)
        if policy is not None:
            found[policy.name] = policy
    return tuple(found.values())


def _unknown_names(
    settings: Settings,
    registry: Registry,
    policies: PolicySet,
    calendars: Mapping[str, Calendar],
) -> Iterator[Problem]:
    own = {str(table.get("name")) for table in settings.policies}
    inboxes = {inbox.name for inbox in settings.inboxes}
    channels = {spec.manifest.channel for spec in registry.specs.values()}
    # Rules may be written and tried for a channel that we have rules, but no connector for.
    channels |= set(_preset_channels())
    for policy in policies.policies:
        if policy.name not in own:
            continue
        where = f'policies "{policy.name}"'
        for name in sorted(policy.match.inbox - inboxes):
            yield _unknown(f"{where} → match → inbox", name, sorted(inboxes))
        for name in sorted(policy.match.channel - channels):
            yield _unknown(f"{where} → match → channel", name, sorted(channels))
        for name in sorted(policy.calendars - {SHOP} - set(calendars)):
            yield _no_calendar(f"{where} → clock → calendar", name, list(calendars))


def _preset_channels() -> Iterator[str]:
    for table in presets():
        named = table.get("match", {}).get("channel", ())
        yield from [named] if isinstance(named, str) else named


def _unknown(where: str, name: str, known: Sequence[str]) -> Problem:
    remedy = did_you_mean(name, known) or f"Known: {', '.join(known) or 'none'}."
    return Problem(
        where=where, value=f'"{name}"', wrong="there is none of this name.", remedy=remedy
    )


def _no_calendar(where: str, name: str, known: Sequence[str]) -> Problem:
    remedy = did_you_mean(name, known) or f"Add a [calendars.{name}] table."
    return Problem(
        where=where, value=f'"{name}"', wrong="there is no such calendar.", remedy=remedy
    )
