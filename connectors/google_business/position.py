"""Where reading stopped, as a value and as the cursor's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract import Cursor, Json
from connectors.pages import kept_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Nothing from before `first` is ever read; `since` is up to when each location is stored."""

    first: datetime
    since: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None, start: datetime) -> "Position":
        """The position a cursor holds; what it does not hold begins at `start`."""
        kept = cursor.state if cursor else {}
        since = kept.get("since")
        entries = since.items() if isinstance(since, dict) else ()
        told = {name: kept_instant(value) for name, value in entries}
        return cls(
            first=kept_instant(kept.get("first")) or start,
            since={name: at for name, at in told.items() if at is not None},
        )

    def cursor(self) -> Cursor:
        """As it is stored."""
        since: dict[str, Json] = {name: at.isoformat() for name, at in self.since.items()}
        return Cursor(state={"first": self.first.isoformat(), "since": since})
