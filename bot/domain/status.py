"""How the desk stands, inbox by inbox, as people are shown it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DUE_SOON: Final = timedelta(hours=2)
"""The horizon of "due soon": the shortest limit of the presets that a person can still meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxStatus:
    """One inbox: what waits in it, and whether it is still being read.

    `due_soon` counts tickets with a deadline within `DUE_SOON`, `missed` tickets whose
    running deadline has passed. `unread` counts raw items that are stored and not yet understood.
    """

    name: str
    connector: str
    open: int
    unclaimed: int
    due_soon: int
    missed: int
    oldest_waiting: datetime | None
    next_due_at: datetime | None
    last_ok_at: datetime | None
    failures: int
    last_error: str | None
    paused_reason: str | None
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaStatus:
    """The whole desk, inbox by inbox in the order of their names."""

    inboxes: Sequence[InboxStatus] = ()

    @property
    def open(self) -> int:
        """Tickets somebody waits in."""
        return sum(each.open for each in self.inboxes)

    @property
    def missed(self) -> int:
        """Tickets with a running deadline that has passed."""
        return sum(each.missed for each in self.inboxes)

    @property
    def due_soon(self) -> int:
        """Tickets with a deadline within the next two hours."""
        return sum(each.due_soon for each in self.inboxes)
