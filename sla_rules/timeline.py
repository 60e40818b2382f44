"""The frozen events of one ticket that clocks depend on, and nothing else of the ticket."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sla_rules.vocabulary import Kind, Risk, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMessage:
    """A message that awaits a human answer. `at` is marketplace time, never later than seen."""

    ref: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanAnswer:
    """An answer a person gave and that was handed over (not bounced, not automatic).

    `knew` is the time up to which its author can have known the customer's words; a message of
    after that is not answered by it, even when it was sent before `at`. None: all up to `at`.
    """

    ref: str
    at: datetime
    knew: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswerNeeded:
    """Somebody said explicitly that what is unanswered so far needs no answer."""

    at: datetime
    knew: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The ticket was resolved; whatever was unanswered is no longer awaited."""

    at: datetime
    knew: datetime | None = None


Event = CustomerMessage | HumanAnswer | NoAnswerNeeded | Resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """What a policy may look at to match a ticket."""

    channel: str
    inbox: str
    kind: Kind = Kind.MESSAGE
    stage: Stage = Stage.UNKNOWN
    risk: Risk = Risk.NORMAL
    vip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """One ticket's facts and clock-relevant events, in any order.

    `platform_limit` is the time the platform itself stated in its notice ("you have 3 days to
    answer"); it replaces the marketplace target of the policy, when given.
    """

    facts: TicketFacts
    events: Sequence[Event] = field(default=())
    platform_limit: timedelta | None = None
