"""Whom a ping really calls: the people it is for, their quiet hours and their choices considered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.quiet_hours import PingWay, Preference, QuietHours, read_quiet
from bot.domain.roster import Agent, Roster
from bot.domain.shifts import has_hours, on_shift
from sla_rules.vocabulary import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Who is mentioned in the thread, and who is told in a message of their own.

    `spared` have quiet hours and are not called. `woken` have them too and are called all the
    same: the platform's limit ends before they do, at `back_at` the earliest of them.
    """

    mentioned: Sequence[str] = ()
    told: Sequence[str] = ()
    spared: Sequence[str] = ()
    woken: Sequence[str] = ()
    back_at: datetime | None = None


def who_is_called(
    roster: Roster,
    wanted: Audience,
    *,
    assignee: str | None,
    group: Sequence[str],
    limit_at: datetime | None,
    now: datetime,
    inbox: str | None = None,
) -> Called:
    """The people of `wanted`, or who stands in for those with quiet hours: group, then managers.

    An assignee outside of their shift is not called while colleagues work for the `inbox` (or for
    any): their group is. Where nobody works, it is theirs as before. Whoever is kept to other inboxes
    than the `inbox` hears nothing of it.

    `limit_at` is when the ticket's next platform limit ends, passed or to come. Where that is
    before the first of them is back, it calls them in their quiet hours.
    """
    if inbox is not None:
        group = roster.concerned(group, inbox)
        roster = replace(roster, managers=roster.concerned(roster.managers, inbox))
    if assignee is not None and _went_home(roster, assignee, inbox, now):
        assignee = None
    _, people = roster.audience(wanted, assignee=assignee, group=group)
    quiet = {one: hours for one in people if (hours := _quiet(roster, one, now)) is not None}
    awake = [one for one in people if one not in quiet]
    if not quiet:
        return _by_choice(roster, Called(mentioned=awake))
    back_at = min(hours.over_at(now) for hours in quiet.values())
    if awake:
        return _by_choice(roster, Called(mentioned=awake, spared=tuple(quiet), back_at=back_at))
    if limit_at is not None and limit_at <= back_at:
        return _by_choice(roster, Called(mentioned=people, woken=tuple(quiet), back_at=back_at))
    others = [] if wanted is Audience.MANAGERS else [group, roster.managers]
    for stand_in in others:
        found = [one for one in stand_in if _quiet(roster, one, now) is None and one not in quiet]
        if found:
            spared = Called(mentioned=found, spared=tuple(quiet), back_at=back_at)
            return _by_choice(roster, spared)
    return Called(spared=tuple(quiet), back_at=back_at)


def _went_home(roster: Roster, who: str, inbox: str | None, now: datetime) -> bool:
    """Whether it is not their shift, and somebody else's."""
    if not has_hours(roster, who) or who in on_shift(roster, now):
        return False
    return any(map(roster.is_here, on_shift(roster, now, inbox)))


def as_chosen(roster: Roster, chosen: Mapping[str, Preference], zone: str) -> Roster:
    """The roster with what people chose themselves; `zone` is of those without one of their own."""
    agents = dict(roster.agents)
    for slack_id, preference in chosen.items():
        if slack_id in agents:
            agents[slack_id] = _chosen(agents[slack_id], preference, zone)
    return replace(roster, agents=agents)


def _chosen(agent: Agent, preference: Preference, zone: str) -> Agent:
    agent = replace(
        agent,
        pings=preference.pings or agent.pings,
        speaks=preference.speaks or agent.speaks,
    )
    if preference.quiet is None:
        return agent
    hours = read_quiet(preference.quiet, agent.timezone or zone) if preference.quiet else None
    return replace(agent, quiet=hours)


def _quiet(roster: Roster, slack_id: str, now: datetime) -> QuietHours | None:
    """The quiet hours that somebody has at this moment; a group has none."""
    agent = roster.agents.get(slack_id)
    quiet = agent.quiet if agent else None
    return quiet if quiet is not None and quiet.holds(now) else None


def _by_choice(roster: Roster, called: Called) -> Called:
    ways = {one: agent.pings for one, agent in roster.agents.items()}
    told = [one for one in called.mentioned if ways.get(one) in {PingWay.DM, PingWay.BOTH}]
    mentioned = [one for one in called.mentioned if ways.get(one) is not PingWay.DM]
    return replace(called, mentioned=tuple(mentioned), told=tuple(told))
