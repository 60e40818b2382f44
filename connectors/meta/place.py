"""How far an account was read: the cursor, typed.

Conversations come newest first and move up when somebody writes, so until a sweep has reached what
is known, only its own beginning is true; a sweep that was cut short goes on where it stopped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Cursor, Json

OVERLAP: Final = timedelta(minutes=2)
"""Read again each time: Meta counts whole seconds, and shows some messages late."""

COMMENT_OVERLAP: Final = timedelta(hours=1)
COMMENT_PAUSE: Final = timedelta(minutes=10)
"""Between two looks at the posts. Calls are few where few people write (200 a day for each)."""


@dataclass(slots=True, kw_only=True)
class Place:
    """Up to where all is known.

    `floor` is where the first poll began; nothing older is read. `mark` is the instant up to which
    conversations are known, `seen` how those looked that changed right before it. `after` and `top` belong to a sweep that is under way: its next page, and the `mark` it brings.
    """

    floor: datetime
    mark: datetime
    seen: dict[str, str] = field(default_factory=dict)
    after: str = ""
    top: datetime | None = None
    comment_mark: datetime
    comments_at: datetime | None = None

    @property
    def horizon(self) -> datetime:
        """What changed before it is known."""
        return self.mark - OVERLAP

    @property
    def comment_horizon(self) -> datetime:
        """Comments from before it are known."""
        return max(self.comment_mark - COMMENT_OVERLAP, self.floor)

    def begin(self, newest: Iterable[datetime]) -> None:
        """A sweep starts; its end will be true up to the newest change there is now."""
        if self.top is None:
            self.top = max([self.mark, *newest])

    def saw(self, looks: Mapping[str, tuple[datetime, str]]) -> None:
        """These conversations were opened. Only the newest can be met again by the next sweep."""
        known_from = (self.top or self.mark) - OVERLAP
        self.seen |= {key: look for key, (at, look) in looks.items() if at >= known_from}

    def finish(self, current: Mapping[str, tuple[datetime, str]]) -> None:
        """The sweep has reached what was known. `current` is how the newest look."""
        self.mark = self.top or self.mark
        near = {key: look for key, (at, look) in current.items() if at >= self.horizon}
        self.seen = {key: look for key, look in self.seen.items() if near.get(key) == look}
        self.after, self.top = "", None

    def cursor(self) -> Cursor:
        """As it is stored."""
        state: dict[str, Json] = {
            "floor": self.floor.isoformat(),
            "mark": self.mark.isoformat(),
            "seen": dict(self.seen),
            "comment_mark": self.comment_mark.isoformat(),
        }
        if self.top is not None:
            state |= {"after": self.after, "top": self.top.isoformat()}
        if self.comments_at is not None:
            state["comments_at"] = self.comments_at.isoformat()
        return Cursor(state=state)


def place_of(cursor: Cursor | None, now: datetime, back: timedelta) -> Place:
    """Where to go on; without a cursor, `back` before now."""
    state: Mapping[str, Json] = cursor.state if cursor is not None else {}
    start = now - back
    floor = _instant(state, "floor") or start
    seen = state.get("seen")
    after = state.get("after")
    return Place(
        floor=floor,
        mark=_instant(state, "mark") or floor,
        seen={k: v for k, v in seen.items() if isinstance(v, str)}
        if isinstance(seen, dict)
        else {},
        after=after if isinstance(after, str) else "",
        top=_instant(state, "top"),
        comment_mark=_instant(state, "comment_mark") or floor,
        comments_at=_instant(state, "comments_at"),
    )


def _instant(state: Mapping[str, Json], key: str) -> datetime | None:
    value = state.get(key)
    return datetime.fromisoformat(value) if isinstance(value, str) else None
