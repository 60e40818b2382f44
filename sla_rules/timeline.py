"""The frozen events of one ticket that clocks depend on, and nothing else of the ticket."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Metric, Risk, Stage, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMessage:
    """A message that awaits a human answer. `at` is marketplace time.

    `seen_at` is when the desk first saw it: a later `at` is a forged or skewed date and counts
    as that. `due_at` is the instant the platform itself named for the answer to it,
    `waiting_since` since when it counts its author as waiting, `closes_at` when it stops taking
    answers to it.
    """

    ref: str
    at: datetime
    seen_at: datetime | None = None
    due_at: datetime | None = None
    waiting_since: datetime | None = None
    closes_at: datetime | None = None


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
class AutomaticAnswer:
    """An answer nobody wrote. It satisfies nothing unless the policy says the platform counts it."""

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


Event = CustomerMessage | HumanAnswer | AutomaticAnswer | NoAnswerNeeded | Resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The desk waits for somebody else from `since` to `until`; None: it still does.

    Waiting for the customer also ends with the customer's next message.
    """

    on: Waiting
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassified:
    """The ticket's class changed at `at`, and with it its policy; `what` says how.

    `missed` are the metrics of waits that were late by then under the rule before.
    """

    at: datetime
    what: str
    missed: frozenset[Metric] = frozenset()


def folded(name: str) -> str:
    """A channel, marketplace, language or tag as it is compared: "TH" and "th" are the same."""
    return name.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """What a policy may look at to match a ticket. Capital and small letters are the same there.

    `order_value` is in the shop's own currency. `on` is the local date the ticket began, which is
    what seasons are about; without it only rules for the whole year match.
    """

    channel: str
    inbox: str
    kind: Kind = Kind.MESSAGE
    stage: Stage = Stage.UNKNOWN
    risk: Risk = Risk.NORMAL
    vip: bool = False
    marketplace: str = ""
    language: str = ""
    topic: Topic = Topic.OTHER
    tags: frozenset[str] = frozenset()
    customer_tags: frozenset[str] = frozenset()
    order_value: Decimal | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """One ticket's facts and clock-relevant events, in any order.

    `platform_limit` is the time the platform itself stated in its notice ("you have 3 days to
    answer"); it replaces the marketplace target of the policy, when given. `platform_due_at` is
    the instant it stated (a case's "respond by"): it replaces the due of the newest wait.
    """

    facts: TicketFacts
    events: Sequence[Event] = field(default=())
    platform_limit: timedelta | None = None
    platform_due_at: datetime | None = None
    holds: Sequence[Hold] = field(default=())
    reclassified: Reclassified | None = None
