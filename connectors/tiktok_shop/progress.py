"""How far an inbox has been read: its cursor, typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from connectors.contract import Cursor, Json
from connectors.fields import Fields

KEPT: Final = 400
"""Conversations that are remembered one by one; of older ones only the newest instant is."""

OVERLAP: Final = 300
"""Seconds that are read again in a conversation that has news, for messages that came late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A conversation as it was last read: newest message, its epoch second, what it was about."""

    message: str
    at: int
    about: str = ""


@dataclass(slots=True, kw_only=True)
class Progress:
    """Everything below `floor` (epoch seconds) in a conversation that is not in `seen` is known.

    `depth` is how many pages of the list an unfinished sweep had walked, `swept_at` when the last
    deep one ended. Returns are read from `returns_from`, and were asked for at `returns_at`.
    """

    floor: int
    swept_at: int = 0
    depth: int = 0
    returns_from: int
    returns_at: int = 0
    seen: dict[str, Seen] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None, now: datetime, since_days: int) -> "Progress":
        """What a cursor says; without one, `since_days` back."""
        start = int((now.astimezone(UTC) - timedelta(days=since_days)).timestamp())
        state = Fields(dict(cursor.state) if cursor else {})
        return cls(
            floor=state.number("floor", default=start),
            swept_at=state.number("swept_at", default=0),
            depth=state.number("depth", default=0),
            returns_from=state.number("returns_from", default=start),
            returns_at=state.number("returns_at", default=0),
            seen=dict(_seen(state.inner("seen").value)),
        )

    def cursor(self) -> Cursor:
        """The cursor of this very moment."""
        seen: dict[str, Json] = {
            name: [one.message, one.at, one.about] for name, one in self.seen.items()
        }
        return Cursor(
            state={
                "floor": self.floor,
                "swept_at": self.swept_at,
                "depth": self.depth,
                "returns_from": self.returns_from,
                "returns_at": self.returns_at,
                "seen": seen,
            }
        )

    def has_news(self, conversation: str, message: str, at: int) -> bool:
        """Whether a conversation's newest message says that something has not been read."""
        known = self.seen.get(conversation)
        return at >= self.floor if known is None else known.message != message

    def read_from(self, conversation: str) -> int:
        """From which epoch second on its messages have to be read."""
        known = self.seen.get(conversation)
        return self.floor if known is None else known.at - OVERLAP

    def forget_the_oldest(self) -> None:
        """Only after a whole sweep: until then an old conversation may still be unread."""
        newest_first = sorted(self.seen.items(), key=lambda entry: -entry[1].at)
        for name, one in newest_first[KEPT:]:
            del self.seen[name]
            self.floor = max(self.floor, one.at + 1)


def _seen(raw: Mapping[str, Json]) -> list[tuple[str, Seen]]:
    found = []
    for name, value in raw.items():
        match value:
            case [str(message), int(at), str(about)]:
                found.append((name, Seen(message=message, at=at, about=about)))
            case _:
                continue
    return found
