"""What an audit is told to expect, and what it says."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.domain.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What counts as late, in desk time.

    `pings`: two ticks after a ping was due. `effects`: an effect that could go and did not.
    `answers`: one that is not settled, or whose doubt nobody was shown. `leases`: a send whose time
    is over. `polls`: three intervals of each inbox this process reads. `silences`: a source that
    was not read successfully, by inbox; `silence` where nothing is said of one. `slowed` are read
    less often on purpose. `since` is when this process began: nothing is late by an earlier time.
    """

    since: datetime
    pings: timedelta
    effects: timedelta
    answers: timedelta = timedelta(minutes=10)
    leases: timedelta = timedelta(minutes=3)
    polls: Mapping[str, timedelta] = field(default_factory=dict)
    silence: timedelta = timedelta(minutes=15)
    silences: Mapping[str, timedelta] = field(default_factory=dict)
    slowed: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken promise. `code` and `subject` stay the same while it lasts."""

    code: str
    subject: str
    detail: str

    @property
    def key(self) -> str:
        """What it is told and remembered by."""
        return f"{self.code}:{self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The findings of one moment."""

    at: datetime
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether every promise is kept."""
        return not self.findings


Check = Callable[[Connection, Desk, Expectations, datetime], Sequence[Finding]]
"""One question to the rows."""
