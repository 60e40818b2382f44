"""The desk's rules as one frozen snapshot: what every use case is handed beside its command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.assist.llm.uses import Help
from bot.configuration.companions import Companion
from bot.configuration.macros import Macro
from bot.domain.digests import DigestTimes
from bot.domain.frozen_rules import KnownRules
from bot.domain.links import Links
from bot.domain.roster import Roster
from bot.domain.routes import Route
from bot.language import SOURCE, Language
from connectors.data_rules import DataRules, SlackBody
from sla_rules.calendar import Calendar
from sla_rules.policy import PolicySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The Slack workspace the desk belongs to; empty where Slack did not say.

    `enterprise` is the organisation that it is of, if it is of one.
    """

    team: str = ""
    enterprise: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRoute:
    """Where an inbox's tickets go. `channel` is a Slack channel id; `group` user or group ids.

    `badge` holds the inbox to the promises that a platform leaves to choice. An inbox to
    `observe` is read and timed like any other, and nothing goes out through it. `data_rules` are
    what its platform demands of whoever keeps its data, `slack_body` how much of a customer's
    words is posted.
    """

    name: str
    connector: str
    channel: str
    group: Sequence[str] = ()
    label: str = ""
    calendar: str | None = None
    fetches_context: bool = False  # its platform tells about orders and customers
    fetches_attachments: bool = False  # files of customers can be had from its platform
    marks_no_reply: bool = False  # its platform can be told that nobody awaits an answer
    badge: bool = False
    survey: Literal["csat", "nps"] | None = None  # what customers may be asked to rate
    observe: bool = False
    replies_in_portal: bool = False  # its platform takes answers in its own console only
    platform: str = ""  # the channel its connector reads, where that has another name
    claim_expires: timedelta | None = None  # an owner who does nothing that long loses the claim
    data_rules: DataRules | None = None
    slack_body: SlackBody = "full"
    keep_days: int | None = None  # words go so long after the last message; None: as rules say
    llm: frozenset[Help] = frozenset()  # what a language model may be asked for here
    invites: bool = False  # one's own shop, whose channel lets an answer tell of an offer
    language: Language | None = None  # of what its Slack channel is told; None: the desk's

    @property
    def rule_channel(self) -> str:
        """What rules call its channel: two connectors may read one platform."""
        return self.platform or self.connector


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One version of the configuration. Swapped whole, never changed.

    `known` remembers the rules of before that open tickets go by; it decides nothing.
    """

    inboxes: Mapping[str, InboxRoute]
    policies: PolicySet
    calendars: Mapping[str, Calendar]
    roster: Roster
    ops_channel: str | None
    undo_window: timedelta
    acknowledge_for: timedelta = timedelta(hours=4)  # longer than the repeats of a miss go on
    reopen_within: timedelta = timedelta(days=30)
    timezone: str = "UTC"  # where Slack cannot write a time in the reader's own zone
    shop_name: str = ""  # as customers know it; empty where nobody said
    macros: Sequence[Macro] = ()  # those written in files
    companions: Sequence[Companion] = ()  # what goes with what, for hints on one's own shop
    routes: Sequence[Route] = ()  # to whom new tickets go; none: to nobody, people claim them
    digests: DigestTimes = field(default_factory=DigestTimes)  # of channels and managers; never
    reassign_away: bool = False  # whoever goes away, their tickets go to others at once
    language: Language = SOURCE  # of channels and readers for whom there is no other
    rank_people: bool = False  # reports may tell figures apart by person
    workspace: Workspace = Workspace()  # whose members may be people of the desk
    links: Links | None = field(default=None, compare=False, repr=False)  # None: nothing is served
    known: KnownRules = field(default_factory=KnownRules, compare=False, repr=False)

    def language_in(self, channel: str) -> Language:
        """What is spoken in a Slack channel (its id): one of its inboxes says it, else the desk."""
        said = (one.language for one in self.inboxes.values() if one.channel == channel)
        return next((language for language in said if language), self.language)

    def language_for(self, slack_id: str) -> Language:
        """What is spoken to a person: theirs, or the desk's where nobody knows it."""
        person = self.roster.agents.get(slack_id)
        return (person.speaks if person else None) or self.language
