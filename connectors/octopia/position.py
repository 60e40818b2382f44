"""Where reading stopped, as a value and as the cursor's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract import Cursor, Json
from connectors.pages import kept_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a discussion looked like in the lists when it was opened last."""

    mark: str
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """`first` is before everything ever read; changes up to `since` are read.

    `seen` are the discussions that the lists still show: one that looks the same is not opened
    again.
    """

    first: datetime
    since: datetime
    seen: Mapping[str, Seen] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None, start: datetime) -> "Position":
        """The position a cursor holds; what it does not hold begins at `start`."""
        kept = cursor.state if cursor else {}
        since = kept_instant(kept.get("since")) or start
        seen = kept.get("seen")
        return cls(
            first=kept_instant(kept.get("first")) or min(start, since),
            since=since,
            seen=dict(_seen(seen)) if isinstance(seen, dict) else {},
        )

    def cursor(self) -> Cursor:
        """As it is stored."""
        seen: dict[str, Json] = {name: [one.mark, one.level] for name, one in self.seen.items()}
        return Cursor(
            state={
                "first": self.first.isoformat(),
                "since": self.since.isoformat(),
                "seen": seen,
            }
        )


def _seen(kept: Mapping[str, Json]) -> list[tuple[str, Seen]]:
    found = []
    for name, one in kept.items():
        match one:
            case [str(mark), str(level)]:
                found.append((name, Seen(mark=mark, level=level)))
            case _:
                continue
    return found
