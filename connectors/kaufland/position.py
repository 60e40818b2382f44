"""Where reading stopped, as a value and as the cursor's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract import Cursor, Json
from connectors.pages import kept_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """`first` is before everything ever read; changes up to `since` are read.

    Until a look is through, what changed last may also hold what was written long before `since`,
    so tickets are read from `base` on: where the last whole look ended.
    `seen` is what each ticket of the overlap looked like when it was opened last: one that looks
    the same is not opened again.
    """

    first: datetime
    since: datetime
    base: datetime
    seen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None, start: datetime) -> "Position":
        """The position a cursor holds; what it does not hold begins at `start`."""
        kept = cursor.state if cursor else {}
        since = kept_instant(kept.get("since")) or start
        seen = kept.get("seen")
        entries = seen.items() if isinstance(seen, dict) else ()
        return cls(
            first=kept_instant(kept.get("first")) or min(start, since),
            since=since,
            base=kept_instant(kept.get("base")) or since,
            seen={name: mark for name, mark in entries if isinstance(mark, str)},
        )

    def cursor(self) -> Cursor:
        """As it is stored."""
        seen: dict[str, Json] = dict(self.seen)
        return Cursor(
            state={
                "first": self.first.isoformat(),
                "since": self.since.isoformat(),
                "base": self.base.isoformat(),
                "seen": seen,
            }
        )
