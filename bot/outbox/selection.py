"""Which effects may go now: what is due, in the order of urgency, past everything that has to wait."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from bot.db.unit import Database
from bot.outbox import store
from bot.outbox.executor import OutboxRow
from bot.outbox.lanes import Gatekeeper
from bot.outbox.store import Head, Held

PAGE = 50
"""Rows read at once, and effects begun at once."""


class Selection:
    """Chooses for one dispatcher, and knows how much of each lane group is under way."""

    def __init__(self, db: Database, gates: Gatekeeper, kinds: Collection[str]) -> None:
        self._db = db
        self._gates = gates
        self._kinds = list(kinds)
        self._under_way: Counter[str] = Counter()
        self._opening: float | None = None

    @property
    def opens_in(self) -> float | None:
        """Real seconds until something that was passed over may go; None when nothing was."""
        return self._opening

    def begun(self, row: OutboxRow) -> None:
        """An effect is under way."""
        self._under_way[row.lane_group] += 1

    def ended(self, row: OutboxRow) -> None:
        """It is not any more."""
        self._under_way[row.lane_group] -= 1
        if not self._under_way[row.lane_group]:
            del self._under_way[row.lane_group]

    async def doubtful(self, now: datetime, *, but: Collection[int]) -> list[Head]:
        """Rows to look up now. None of a paused gate: nobody would answer."""
        rows = await self._db.read(
            lambda conn: store.doubtful(conn, now=now, kinds=self._kinds, limit=PAGE)
        )
        paused = self._gates.paused()
        chosen: list[Head] = []
        for row in rows:
            waits = any(gate in paused for gate in self.gates_of(row))
            if row.id not in but and not waits and self._has_room(row, chosen):
                chosen.append(row)
        return chosen

    async def due(self, now: datetime) -> list[Head]:
        """The heads to send now, most urgent first, their tokens taken.

        Each page is read past all that was held back so far, so that a full channel with a
        thousand cards hides no other channel's.
        """
        self._opening = None
        lanes: set[str] = set()
        streams: set[tuple[str, str]] = set()
        chosen: list[Head] = []
        while len(chosen) < PAGE:
            page = await self._page(now, Held(lanes=tuple(lanes), streams=tuple(streams)))
            for head in page:
                if head.lane in lanes:
                    continue  # the other head of a lane whose breach ping goes past it
                blocked_by = self._blocked_by(head, chosen)
                if blocked_by is None:
                    self._gates.take(self.gates_of(head))
                    chosen.append(head)
                if blocked_by in {None, head.lane}:
                    lanes.add(head.lane)
                else:
                    streams.add((head.lane_group, head.kind))
            if len(page) < PAGE:
                break
        return chosen

    def give_back(self, heads: Collection[Head | OutboxRow]) -> None:
        """These were chosen, and did not go: somebody else took them, or nobody wants them any more."""
        for head in heads:
            self._gates.give_back(self.gates_of(head))

    def gates_of(self, row: Head | OutboxRow) -> list[str]:
        """Every gate this effect passes."""
        gates = self._gates.limits.gates(kind=row.kind, lane=row.lane, lane_group=row.lane_group)
        return list(gates)

    async def _page(self, now: datetime, held: Held) -> list[Head]:
        kinds = self._kinds
        return await self._db.read(
            lambda conn: store.heads(conn, now=now, kinds=kinds, held=held, limit=PAGE)
        )

    def _blocked_by(self, head: Head, chosen: Collection[Head]) -> str | None:
        """The gate that holds `head` back, or None. Remembers when the next one opens."""
        if not self._has_room(head, chosen):
            return head.lane_group
        seconds, gate = self._gates.wait(self.gates_of(head))
        if gate is not None:
            self._opening = seconds if self._opening is None else min(self._opening, seconds)
        return gate

    def _has_room(self, head: Head, chosen: Collection[Head]) -> bool:
        begun = sum(1 for other in chosen if other.lane_group == head.lane_group)
        most = self._gates.limits.in_flight(head.lane_group)
        return self._under_way[head.lane_group] + begun < most
