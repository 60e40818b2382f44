"""How far an eBay inbox has been read: the cursor, typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from connectors.contract import Cursor, Json
from connectors.fields import Fields

OVERLAP: Final = timedelta(minutes=15)
"""Read again every time: how much later than its own time a message may come into view."""

_MOST_RATED: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How far each source has been read.

    `newest` and `system_newest` are the times of the newest messages read, of members and of
    eBay; nothing before `since` is read at all. `swept` is when the last whole sweep began.
    `open` are the disputes that somebody was told of, each with the state they were in.
    `rated` are ids of feedback seen; None before the first look.
    """

    since: datetime
    newest: datetime
    system_newest: datetime
    swept: datetime
    open: Mapping[str, str] = field(default_factory=dict)
    rated: tuple[str, ...] | None = None

    @classmethod
    def of(cls, cursor: Cursor | None, *, begins: datetime) -> Self:
        """The marks in a cursor. What it lacks begins anew, at `begins`."""
        state = Fields(dict(cursor.state) if cursor else {})
        since = state.instant_or_none("since") or begins
        unread = since + OVERLAP
        rated = state.value.get("rated")
        return cls(
            since=since,
            newest=state.instant_or_none("newest") or unread,
            system_newest=state.instant_or_none("system_newest") or unread,
            swept=state.instant_or_none("swept") or unread,
            open={
                key: value
                for key, value in state.inner("open").value.items()
                if isinstance(value, str)
            },
            rated=tuple(state.texts("rated")) if isinstance(rated, list) else None,
        )

    def cursor(self) -> Cursor:
        """The same as the desk keeps it."""
        state: dict[str, Json] = {
            "version": 1,
            "since": self.since.isoformat(),
            "newest": self.newest.isoformat(),
            "system_newest": self.system_newest.isoformat(),
            "swept": self.swept.isoformat(),
            "open": dict(self.open),
        }
        if self.rated is not None:
            state["rated"] = list(self.rated[-_MOST_RATED:])
        return Cursor(state=state)


def moment(fields: Fields, key: str) -> datetime | None:
    """An instant, plain or as Post-Order writes it, in an object with `value`."""
    return fields.instant_or_none(key) or fields.inner(key).instant_or_none("value")
