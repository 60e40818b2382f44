"""Who works here, with which role, and who hears of what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

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
    REVIEW = "review"  # what other rules or another roster would have done


_NEEDS: Mapping[Verb, Role] = {
    Verb.VIEW: Role.VIEWER,
    Verb.WORK: Role.AGENT,
    Verb.ASSIGN: Role.AGENT,
    Verb.REVIEW: Role.LEAD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A person of the desk. `slack_id` is the Slack user id."""

    slack_id: str
    name: str
    role: Role
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody by Slack id, and the managers (user or group ids) who hear of breaches."""

    agents: Mapping[str, Agent]
    managers: Sequence[str] = ()

    def may(self, slack_id: str, verb: Verb) -> bool:
        """Deny by default: an unknown or deactivated person may do nothing."""
        person = self.agents.get(slack_id)
        if person is None or not person.active:
            return False
        return _ORDER.index(person.role) >= _ORDER.index(_NEEDS[verb])

    def is_active(self, slack_id: str) -> bool:
        """Whether this person can be given tickets and pings."""
        person = self.agents.get(slack_id)
        return person is not None and person.active

    def name(self, slack_id: str) -> str:
        """The name to show, or the id where nobody of that id is known."""
        person = self.agents.get(slack_id)
        return person.name if person else slack_id

    def audience(
        self, wanted: Audience, *, assignee: str | None, group: Sequence[str]
    ) -> tuple[Audience, Sequence[str]]:
        """Who is really mentioned: an assignee who left, or nobody, means the inbox's group."""
        if wanted is Audience.MANAGERS and self.managers:
            return Audience.MANAGERS, self.managers
        if wanted is Audience.ASSIGNEE and assignee is not None and self.is_active(assignee):
            return Audience.ASSIGNEE, (assignee,)
        return Audience.GROUP, group or self.managers
