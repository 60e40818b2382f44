"""Where reading stopped, as a value and as the cursor's JSON."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.allegro.client import stamp
from connectors.contract import Cursor, Json
from connectors.fields import Fields
from connectors.pages import kept_instant

OVERLAP: Final = timedelta(minutes=5)
"""Read again at every poll: a change may come into view a little after its own time."""

SETTLED: Final = timedelta(seconds=5)
"""What was opened sooner after its change may change again without looking changed."""

Marks = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Changes of one list up to `since` are read.

    Until a look is through, what changed last may also hold what was written long before `since`,
    so entries are read from `base` on: where the last whole look ended.
    `seen` is what each entry of the overlap looked like when it was opened last, beginning with
    the instant of its change: one that looks the same is not opened again.
    """

    since: datetime
    base: datetime
    seen: Marks = field(default_factory=dict)

    @property
    def floor(self) -> datetime:
        """The beginning of the overlap."""
        return self.since - OVERLAP

    def only(self, shown: Collection[str]) -> "Trail":
        """Without the marks of entries that the list does not show any more."""
        return replace(self, seen={key: mark for key, mark in self.seen.items() if key in shown})

    def whole(self) -> "Trail":
        """Once a look is through."""
        return replace(self, base=self.since)

    def after(self, key: str, at: datetime, mark: str, now: datetime) -> "Trail":
        """Once everything of an entry is stored."""
        # A time in the future would hide whatever changes until then.
        moved = replace(self, since=max(self.since, min(at, now)))
        seen = {name: old for name, old in self.seen.items() if name != key}
        if now - at > SETTLED:
            seen[key] = mark
        floor = stamp(moved.floor)
        return replace(moved, seen={name: old for name, old in seen.items() if old >= floor})


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """`first` is before everything ever read, `trails` one for each list.

    `open` is the state in which each open issue was last told; `waiting` are threads with an
    answer of the shop that Allegro still verifies, and since when; `swept` is when issues that
    wait for nobody were last looked through.
    """

    first: datetime
    trails: Mapping[str, Trail] = field(default_factory=dict)
    open: Marks = field(default_factory=dict)
    waiting: Mapping[str, datetime] = field(default_factory=dict)
    swept: datetime | None = None

    @classmethod
    def of(cls, cursor: Cursor | None, start: datetime) -> "Position":
        """The position a cursor holds; what it does not hold begins at `start`."""
        kept = Fields(dict(cursor.state) if cursor else {})
        trails = kept.inner("trails")
        first = kept_instant(kept.value.get("first")) or start
        read = {name: _trail(trails.inner(name), first) for name in trails.value}
        waiting = {
            name: at
            for name, value in kept.inner("waiting").value.items()
            if (at := kept_instant(value)) is not None
        }
        return cls(
            first=first,
            trails=read,
            open=_marks(kept.inner("open")),
            waiting=waiting,
            swept=kept_instant(kept.value.get("swept")),
        )

    def trail(self, name: str) -> Trail:
        """Where the reading of a list stopped; where it was never read, at the beginning."""
        return self.trails.get(name) or Trail(since=self.first, base=self.first)

    def with_trail(self, name: str, trail: Trail) -> "Position":
        """The same, further on in one list."""
        return replace(self, trails={**self.trails, name: trail})

    def cursor(self) -> Cursor:
        """As it is stored."""
        trails: dict[str, Json] = {
            name: {
                "since": trail.since.isoformat(),
                "base": trail.base.isoformat(),
                "seen": dict[str, Json](trail.seen),
            }
            for name, trail in self.trails.items()
        }
        return Cursor(
            state={
                "first": self.first.isoformat(),
                "trails": trails,
                "open": dict[str, Json](self.open),
                "waiting": {name: at.isoformat() for name, at in self.waiting.items()},
                "swept": self.swept.isoformat() if self.swept else None,
            }
        )


def _trail(kept: Fields, start: datetime) -> Trail:
    since = kept_instant(kept.value.get("since")) or start
    base = kept_instant(kept.value.get("base")) or min(since, start)
    return Trail(since=since, base=base, seen=_marks(kept.inner("seen")))


def _marks(kept: Fields) -> Marks:
    return {name: mark for name, mark in kept.value.items() if isinstance(mark, str)}
