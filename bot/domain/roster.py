"""Who works here, with which role and at which hours, and who hears of what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.quiet_hours import PingWay, QuietHours
from bot.language import Language
from sla_rules.calendar import Calendar
from sla_rules.vocabulary import Audience


class Role(StrEnum):
    """What a person may do, least first."""

    VIEWER = "viewer"
    AGENT = "agent"
    LEAD = "lead"
    MANAGER = "manager"
    ADMIN = "admin"


_ORDER = tuple(Role)


class Verb(StrEnum):
    """What can be asked of the desk; each needs a role."""

    VIEW = "view"
    WORK = "work"  # claim, reply, note, snooze, resolve, no answer needed, acknowledge
    ASSIGN = "assign"
    CURATE = "curate"  # write the macros that everybody shares
    STAFF = "staff"  # say that somebody else is away, or back
    JUDGE = "judge"  # say that a message was not what the desk took it for
    REVIEW = "review"  # what other rules or another roster would have done
    APPROVE = "approve"  # let out, or send back, an answer that wants a second person
    LIFT = "lift"  # take away that a macro wants a second person


_NEEDS: Mapping[Verb, Role] = {
    Verb.VIEW: Role.VIEWER,
    Verb.WORK: Role.AGENT,
    Verb.ASSIGN: Role.AGENT,
    Verb.CURATE: Role.LEAD,
    Verb.STAFF: Role.LEAD,
    Verb.JUDGE: Role.LEAD,
    Verb.REVIEW: Role.LEAD,
    Verb.APPROVE: Role.LEAD,
    # Those who let answers out do not decide alone that nobody has to.
    Verb.LIFT: Role.MANAGER,
}


def needs(verb: Verb) -> Role:
    """The least role that may do it."""
    return _NEEDS[verb]


class Seniority(StrEnum):
    """How experienced somebody is; nobody has to be either."""

    JUNIOR = "junior"
    SENIOR = "senior"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A person of the desk. `slack_id` is the Slack user id.

    `languages` and `skills` stand here in small letters. `capacity` is how much weighted open work
    routes give to them at once; None: as much as there is. `timezone` is their own, where they
    have another than the desk; `quiet` is when they are not called, `pings` where they are.
    `speaks` is what the bot speaks to them; None: what it speaks where nobody says otherwise.
    `inboxes` are the only ones whose tickets they see and touch; None: all of them.
    """

    slack_id: str
    name: str
    role: Role
    active: bool = True
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    seniority: Seniority | None = None
    capacity: int | None = None
    timezone: str | None = None
    quiet: QuietHours | None = None
    pings: PingWay = PingWay.THREAD
    speaks: Language | None = None
    inboxes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkShift:
    """People (Slack ids) who work the hours of one calendar; for every inbox where none is named.

    `user_group` is the handle, without `@`, of the Slack user group that is kept equal to them.
    """

    name: str
    calendar: Calendar
    people: frozenset[str]
    inboxes: frozenset[str] = frozenset()
    user_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody by Slack id, and the managers (user or group ids) who hear of breaches.

    `away` is who is away at the moment that is decided about, until when; None: nobody knows.
    """

    agents: Mapping[str, Agent]
    managers: Sequence[str] = ()
    shifts: Sequence[WorkShift] = ()
    away: Mapping[str, datetime | None] = field(default_factory=dict)

    def without(self, away: Mapping[str, datetime | None]) -> "Roster":
        """The same people while those of `away` are away."""
        return replace(self, away=away) if away else self

    def may(self, slack_id: str, verb: Verb) -> bool:
        """Deny by default: an unknown or deactivated person may do nothing."""
        person = self.agents.get(slack_id)
        if person is None or not person.active:
            return False
        return _ORDER.index(person.role) >= _ORDER.index(_NEEDS[verb])

    def inboxes(self, slack_id: str) -> frozenset[str] | None:
        """The inboxes whose tickets this person sees; None: all, and none for who is not of the desk."""
        return self.agents[slack_id].inboxes if self.is_active(slack_id) else frozenset()

    def sees(self, slack_id: str, inbox: str) -> bool:
        """Whether the tickets of an inbox are this person's business."""
        allowed = self.inboxes(slack_id)
        return allowed is None or inbox in allowed

    def concerned(self, targets: Sequence[str], inbox: str) -> tuple[str, ...]:
        """Those of some users and groups who may hear of a ticket; of a group nobody is left out."""
        return tuple(one for one in targets if self._concerns(one, inbox))

    def _concerns(self, target: str, inbox: str) -> bool:
        person = self.agents.get(target)
        return person is None or person.inboxes is None or inbox in person.inboxes

    def may_in(self, slack_id: str, verb: Verb, inbox: str) -> bool:
        """`may`, with a ticket of this inbox."""
        return self.may(slack_id, verb) and self.sees(slack_id, inbox)

    def as_they_stand(self, standing: Mapping[str, bool]) -> "Roster":
        """The same people, where Slack said since whether they are full members of the workspace."""
        changed = {
            who: replace(agent, active=standing[who])
            for who, agent in self.agents.items()
            if standing.get(who, agent.active) is not agent.active
        }
        return replace(self, agents={**self.agents, **changed}) if changed else self

    def is_active(self, slack_id: str) -> bool:
        """Whether this person is of the desk and has not left."""
        person = self.agents.get(slack_id)
        return person is not None and person.active

    def is_here(self, slack_id: str) -> bool:
        """Whether this person is active and not away: only then they are pinged."""
        return self.is_active(slack_id) and slack_id not in self.away

    def name(self, slack_id: str) -> str:
        """The name to show, or the id where nobody of that id is known."""
        person = self.agents.get(slack_id)
        return person.name if person else slack_id

    def approvers(self, inbox: str, *, but: str) -> Sequence[str]:
        """Who may let an answer of an inbox out that `but` wrote; the first of them hear of it."""
        able = [one for one in self.agents if self.may_in(one, Verb.APPROVE, inbox) and one != but]
        called = [one for one in self.leads(but=but, inbox=inbox) if one in able]
        return list(dict.fromkeys([*called, *able]))

    def leads(self, *, but: str = "", inbox: str | None = None) -> Sequence[str]:
        """Who hears of an escalation: the managers and leads, else the admins; without `but`.

        With `inbox`, without those who see no ticket of it.
        """
        known = [one for one in self.agents.values() if one.active]
        people = [one for one in known if inbox is None or self.sees(one.slack_id, inbox)]
        lead = [one.slack_id for one in people if one.role in {Role.LEAD, Role.MANAGER}]
        hidden = {one.slack_id for one in known} - {one.slack_id for one in people}
        told = dict.fromkeys([*self.managers, *lead])
        found = [one for one in told if one != but and one not in hidden]
        return found or [
            one.slack_id for one in people if one.role is Role.ADMIN and one.slack_id != but
        ]

    def audience(
        self, wanted: Audience, *, assignee: str | None, group: Sequence[str]
    ) -> tuple[Audience, Sequence[str]]:
        """Who is really mentioned: an assignee who left or is away, or nobody, means the group.

        Those of a group or of the managers who are away are left out, unless all of them are.
        """
        if wanted is Audience.MANAGERS and self.managers:
            return Audience.MANAGERS, self._there(self.managers) or self.managers
        if wanted is Audience.ASSIGNEE and assignee is not None and self.is_here(assignee):
            return Audience.ASSIGNEE, (assignee,)
        there = self._there(group) or self._there(self.managers)
        return Audience.GROUP, there or group or self.managers

    def _there(self, targets: Sequence[str]) -> Sequence[str]:
        return [one for one in targets if one not in self.away] if self.away else targets
