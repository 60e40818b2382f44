"""The rules that tickets were frozen to: kept at the start of a process, made again when needed."""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from bot.db.rule_rows import (
    KeptRule,
    RuleKind,
    keep_rules,
    kept_rules,
    seen_since,
    versions_in_use,
)
from bot.db.unit import Tx
from bot.domain.clocks import StoredClock
from bot.domain.desk import Desk
from bot.domain.frozen_rules import Rules, Versions, frozen_of, versions_of_rows
from bot.domain.ticket import Ticket
from sla_rules.archive import (
    ArchiveError,
    read_calendar,
    read_policy,
    write_calendar,
    write_policy,
)
from sla_rules.calendar import ALWAYS, BusinessCalendar, Calendar
from sla_rules.platform_calendars import platform_calendars
from sla_rules.policy import Policy

log = structlog.get_logger(__name__)

SEEN_AGAIN: Final = timedelta(days=1)
"""How old the note that rules are in use may grow; far less than they are kept for."""

_NOT_KEPT: Final = "it is not kept"


def keep_own_rules(tx: Tx, desk: Desk) -> None:
    """Keep the rules of this process's file, before any ticket is frozen to them."""
    seen = seen_since(tx.conn, tx.now - SEEN_AGAIN)
    policies = [
        KeptRule(
            kind=RuleKind.POLICY,
            name=policy.name,
            version=policy.version,
            content=write_policy(policy),
        )
        for policy in desk.policies.policies
        if (RuleKind.POLICY, policy.name, policy.version) not in seen
    ]
    calendars = [
        KeptRule(
            kind=RuleKind.CALENDAR,
            name=name,
            version=calendar.version,
            content=write_calendar(calendar),
        )
        for name, calendar in {**platform_calendars(), **desk.calendars}.items()
        if isinstance(calendar, BusinessCalendar)
        and (RuleKind.CALENDAR, name, calendar.version) not in seen
    ]
    keep_rules(tx.conn, [*policies, *calendars], tx.now)


def meet_rules(
    conn: Connection,
    desk: Desk,
    tickets: Iterable[Ticket],
    clocks: Iterable[Iterable[StoredClock]] = (),
) -> None:
    """Have at hand what the tickets and their clocks go by. Reads only what this process lacks.

    What cannot be made again is logged once; `rules_of` then answers None for it.
    """
    frozen = (frozen_of(ticket) for ticket in tickets)
    wanted = [versions for versions in frozen if versions is not None]
    wanted += [versions_of_rows([clock]) for each in clocks for clock in each]
    _meet(conn, desk, wanted)


def lost_in_use(conn: Connection, desk: Desk) -> list[str]:
    """Versions that open tickets go by although they cannot be made again, each with why."""
    wanted = [
        Versions(policy="", policy_version=version, calendars=calendars)
        for version, calendars in versions_in_use(conn)
    ]
    _meet(conn, desk, wanted)
    named = sorted({each for versions in wanted for each in _named(versions)})
    return [f"{each}: {desk.known.lost[each]}" for each in named if each in desk.known.lost]


def rules_of(desk: Desk, versions: Versions) -> Rules | None:
    """The rules of those versions, if they are at hand."""
    policy = _policy(desk, versions.policy_version)
    found = {name: _calendar(desk, each) for name, each in versions.calendars.items()}
    calendars = {name: each for name, each in found.items() if each is not None}
    if policy is None or len(calendars) < len(found):
        return None
    return Rules(policy=policy, calendars=calendars, versions=versions)


def _meet(conn: Connection, desk: Desk, wanted: Collection[Versions]) -> None:
    known = desk.known
    missing = {each for versions in wanted for each in _missing(desk, versions)} - known.lost.keys()
    if not missing:
        return
    for kept in kept_rules(conn, missing):
        try:
            _make(desk, kept)
        except ArchiveError as exc:
            known.lost[kept.version] = str(exc)
    at_hand = known.policies.keys() | known.calendars.keys()
    for version in missing - at_hand:
        why = known.lost.setdefault(version, _NOT_KEPT)
        log.error("rules.version_lost", version=version, why=why)


def _make(desk: Desk, kept: KeptRule) -> None:
    if kept.kind is RuleKind.POLICY:
        desk.known.policies[kept.version] = read_policy(kept.content, kept.version)
        return
    made = read_calendar(kept.content, kept.version)
    # Rows planned with newer zone data name the version it has by that.
    desk.known.calendars[kept.version] = desk.known.calendars[made.calendar.version] = made.calendar
    if made.moved:
        log.warning(
            "rules.zone_data_changed",
            calendar=kept.name,
            version=kept.version,
            kept_with=made.kept_with,
        )


def _missing(desk: Desk, versions: Versions) -> Iterator[str]:
    if _policy(desk, versions.policy_version) is None:
        yield versions.policy_version
    for version in versions.calendars.values():
        if _calendar(desk, version) is None:
            yield version


def _named(versions: Versions) -> Iterator[str]:
    yield versions.policy_version
    yield from versions.calendars.values()


def _policy(desk: Desk, version: str) -> Policy | None:
    known = desk.known.policies
    if version not in known:
        known.update((each.version, each) for each in desk.policies.policies)
    return known.get(version)


def _calendar(desk: Desk, version: str) -> Calendar | None:
    known = desk.known.calendars
    if version not in known:
        own = (ALWAYS, *platform_calendars().values(), *desk.calendars.values())
        known.update((each.version, each) for each in own)
    return known.get(version)
