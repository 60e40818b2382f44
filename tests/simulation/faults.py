"""What may go wrong in a world, how often, and the dice that decide it.

One `Chance` belongs to one world. Each fault kind has dice of its own, so that turning one dial off
leaves the throws of all the others as they were: that is what makes shrinking work.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self


class FaultKind(StrEnum):
    """A way in which the outside, the machine or the process lets the desk down."""

    # Asked by the Slack model, once a call.
    SLACK_ANSWER_LOST = "slack_answer_lost"  # done, then no answer
    SLACK_TIMEOUT_BEFORE = "slack_timeout_before"  # not done, no answer
    SLACK_5XX = "slack_5xx"  # not done, and Slack says that it is broken
    SLACK_5XX_AFTER = "slack_5xx_after"  # done, and Slack says that it is broken
    SLACK_429 = "slack_429"  # not done, Retry-After up to an hour
    # Asked by a marketplace model, once a call.
    MARKET_ANSWER_LOST = "market_answer_lost"
    MARKET_TIMEOUT_BEFORE = "market_timeout_before"
    MARKET_5XX = "market_5xx"
    MARKET_429 = "market_429"
    MARKET_AUTH = "market_auth"  # credentials are refused for a while
    # Asked by a marketplace model, once a page or a message.
    DUPLICATE = "duplicate"  # an item comes twice, in one page or in two
    REORDER = "reorder"  # a page is in another order
    PAGING_DRIFT = "paging_drift"  # what came in between shifts the pages
    LATE_VISIBLE = "late_visible"  # an item shows up after newer ones
    POISON = "poison"  # an item that cannot be understood
    BOUNCE_LATER = "bounce_later"  # an accepted answer comes back
    # Asked by whoever clicks, once a click.
    DOUBLE_CLICK = "double_click"
    STALE_CLICK = "stale_click"  # on a card that is not true any more
    # Asked by the database, once a transaction.
    DB_LOCKED = "db_locked"  # SQLITE_BUSY at BEGIN or at COMMIT
    COMMIT_LOST = "commit_lost"  # committed, and the driver raises
    # Asked by the weather, once in five virtual minutes.
    DISK_FULL = "disk_full"  # SQLITE_FULL for every write, for some minutes
    CLOG = "clog"  # one port answers nothing for some minutes
    CLOCK_STEP = "clock_step"  # the wall clock is set, up to an hour either way
    CANCEL_STORM = "cancel_storm"  # tasks are cancelled in the middle of anything
    KILL = "kill"  # the process dies at one of the next points, and starts again
    DOWNTIME = "downtime"  # it dies, and stays away for up to hours
    SECOND_WORKER = "second_worker"  # a lease is held by somebody who is gone


_USUAL: Final[Mapping[FaultKind, tuple[float, float]]] = {
    FaultKind.SLACK_ANSWER_LOST: (0.02, 0.25),
    FaultKind.SLACK_TIMEOUT_BEFORE: (0.02, 0.25),
    FaultKind.SLACK_5XX: (0.02, 0.3),
    FaultKind.SLACK_5XX_AFTER: (0.01, 0.1),
    FaultKind.SLACK_429: (0.02, 0.2),
    FaultKind.MARKET_ANSWER_LOST: (0.05, 0.4),
    FaultKind.MARKET_TIMEOUT_BEFORE: (0.03, 0.3),
    FaultKind.MARKET_5XX: (0.03, 0.3),
    FaultKind.MARKET_429: (0.02, 0.2),
    FaultKind.MARKET_AUTH: (0.01, 0.05),
    FaultKind.DUPLICATE: (0.1, 0.5),
    FaultKind.REORDER: (0.1, 0.8),
    FaultKind.PAGING_DRIFT: (0.1, 0.5),
    FaultKind.LATE_VISIBLE: (0.1, 0.4),
    FaultKind.POISON: (0.02, 0.1),
    FaultKind.BOUNCE_LATER: (0.1, 0.4),
    FaultKind.DOUBLE_CLICK: (0.1, 0.5),
    FaultKind.STALE_CLICK: (0.1, 0.3),
    FaultKind.DB_LOCKED: (0.005, 0.1),
    FaultKind.COMMIT_LOST: (0.003, 0.03),
    FaultKind.DISK_FULL: (0.02, 0.1),
    FaultKind.CLOG: (0.03, 0.2),
    FaultKind.CLOCK_STEP: (0.03, 0.2),
    FaultKind.CANCEL_STORM: (0.03, 0.2),
    FaultKind.KILL: (0.05, 0.3),
    FaultKind.DOWNTIME: (0.01, 0.03),
    FaultKind.SECOND_WORKER: (0.03, 0.2),
}
"""By kind, an ordinary and an extreme probability each time it is asked for."""


@dataclass(frozen=True, slots=True)
class Dials:
    """The probability of each kind, each time it is asked for. A kind that is not named is off."""

    by_kind: tuple[tuple[FaultKind, float], ...] = ()

    @classmethod
    def drawn(cls, chance: random.Random) -> Self:
        """A mix for one world: a third of the kinds off, some extreme."""
        drawn = []
        for kind in FaultKind:
            usual, extreme = _USUAL[kind]
            luck = chance.random()
            if luck >= 0.33:
                share = extreme if luck > 0.9 else usual
                drawn.append((kind, round(share * chance.uniform(0.5, 1.5), 4)))
        return cls(tuple(drawn))

    @classmethod
    def only(cls, **shares: float) -> Self:
        """Just these kinds, by name."""
        return cls(tuple((FaultKind(name), share) for name, share in shares.items()))

    def of(self, kind: FaultKind) -> float:
        """The probability of `kind`."""
        return dict(self.by_kind).get(kind, 0.0)

    @property
    def on(self) -> tuple[FaultKind, ...]:
        """The kinds that can happen."""
        return tuple(kind for kind, share in self.by_kind if share > 0)

    def without(self, kind: FaultKind) -> Self:
        """The same with one dial off."""
        return type(self)(tuple(each for each in self.by_kind if each[0] is not kind))

    def to_json(self) -> str:
        """One line that `from_json` reads back."""
        return json.dumps({kind.value: share for kind, share in self.by_kind})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote."""
        read = json.loads(text)
        return cls(tuple((FaultKind(kind), float(share)) for kind, share in read.items()))


class Chance:
    """The dice of one world. `injected` counts the faults that happened, by kind."""

    def __init__(self, seed: int, dials: Dials, now: Callable[[], datetime]) -> None:
        self.seed = seed
        self.dials = dials
        self.injected: Counter[FaultKind] = Counter()
        self._shares = dict(dials.by_kind)
        self._now = now
        self._dice: dict[str, random.Random] = {}
        self._clogged: dict[str, datetime] = {}
        self._calm = False

    def dice(self, name: str) -> random.Random:
        """The dice called `name`: the same throws whatever else is thrown in this world."""
        if name not in self._dice:
            self._dice[name] = random.Random(f"{self.seed}:{name}")
        return self._dice[name]

    def happens(self, kind: FaultKind) -> bool:
        """Whether `kind` happens this time. Ask once where it could; the answer is counted."""
        share = 0.0 if self._calm else self._shares.get(kind, 0.0)
        if share <= 0 or self.dice(kind).random() >= share:
            return False
        self.injected[kind] += 1
        return True

    def clog(self, port: str, length: timedelta) -> None:
        """Have `port` answer nothing for `length`."""
        self._clogged[port] = self._now() + length

    def clogged(self, port: str) -> bool:
        """Whether `port` ("slack", or "market:" with the inbox) answers nothing just now."""
        until = self._clogged.get(port)
        return not self._calm and until is not None and self._now() < until

    @property
    def is_calm(self) -> bool:
        """Whether the faults are over."""
        return self._calm

    def calm(self) -> None:
        """From now on nothing goes wrong any more."""
        self._calm = True
