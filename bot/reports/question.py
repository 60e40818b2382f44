"""What is asked of the past: a stretch of time, cut by what, and who may see what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import DeskError


class QuestionError(DeskError):
    """A question that cannot be answered. Its text says what was wrong and shows one that can."""


class Dimension(StrEnum):
    """What figures can be cut by."""

    CHANNEL = "channel"
    INBOX = "inbox"
    MARKETPLACE = "marketplace"
    AGENT = "agent"
    LANGUAGE = "language"
    STAGE = "stage"
    RISK = "risk"
    INTENT = "intent"
    KIND = "kind"
    COMPLEXITY = "complexity"
    VIP = "vip"
    WEEKDAY = "weekday"
    HOUR = "hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `since` on and before `until`, both UTC; `zone` is where its days begin and end."""

    since: datetime
    until: datetime
    zone: str

    @property
    def before(self) -> "Period":
        """The stretch of the same length that ends where this one begins."""
        length = self.until - self.since
        return Period(since=self.since - length, until=self.since, zone=self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`inboxes` are the names of those that count, None is every one.

    `names_people`: figures may be told apart by person, which an owner has to allow.
    """

    period: Period
    by: Dimension | None = None
    inboxes: frozenset[str] | None = None
    names_people: bool = False
