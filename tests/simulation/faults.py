"""What may go wrong in a world, how often, and the dice that decide it.

One `Chance` belongs to one world. Each fault kind has dice of its own, so that turning one dial off
leaves the throws of all the others as they were: that is what makes shrinking work.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
    # Asked by a mailbox, once a command or a mail.
    UIDVALIDITY = "uidvalidity"  # the folder is made anew, with other numbers
    LINE_CUT = "line_cut"  # the connection ends in the middle
    HALF_AN_ANSWER = "half_an_answer"  # a mail is missing in an answer, and there the next time
    SAME_ID = "same_id"  # two mails of one customer carry one Message-ID


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
    FaultKind.UIDVALIDITY: (0.03, 0.2),
    FaultKind.LINE_CUT: (0.02, 0.15),
    FaultKind.HALF_AN_ANSWER: (0.05, 0.3),
    FaultKind.SAME_ID: (0.05, 0.3),
}
"""By kind, an ordinary and an extreme probability each time it is asked for."""


OF_MAIL: Final = frozenset(
    {FaultKind.UIDVALIDITY, FaultKind.LINE_CUT, FaultKind.HALF_AN_ANSWER, FaultKind.SAME_ID}
)
"""Kinds that only a mailbox is asked for."""

SURE: Final = 3
"""So often at least each kind that is on happens in a drawn world, if it is asked for that often."""

_ONCE: Final = frozenset(
    {
        FaultKind.DISK_FULL,
        FaultKind.CLOG,
        FaultKind.CLOCK_STEP,
        FaultKind.CANCEL_STORM,
        FaultKind.KILL,
        FaultKind.DOWNTIME,
        FaultKind.SECOND_WORKER,
        FaultKind.UIDVALIDITY,
    }
)
"""What befalls a whole machine: once is enough."""

_SELDOM: Final = frozenset(
    {
        FaultKind.BOUNCE_LATER,
        FaultKind.DOUBLE_CLICK,
        FaultKind.STALE_CLICK,
        FaultKind.LATE_VISIBLE,
        FaultKind.POISON,
        FaultKind.SAME_ID,
    }
)
"""Asked for a few times a world only."""

MOST_OFF: Final = 7
"""Kinds that are off in one world, apart from those of a mailbox."""


@dataclass(frozen=True, slots=True)
class Dials:
    """The probability of each kind, each time it is asked for. A kind that is not named is off.

    Each of them happens `sure` times at least, early, if it is asked for that often.
    """

    by_kind: tuple[tuple[FaultKind, float], ...] = ()
    sure: int = 0

    @classmethod
    def drawn(cls, chance: random.Random) -> Self:
        """A mix for one world: a third of the kinds off, some extreme."""
        drawn, off = [], 0
        for kind in FaultKind:
            usual, extreme = _USUAL[kind]
            luck = chance.random()
            if luck < 0.33 and off < MOST_OFF:
                off += kind not in OF_MAIL
                continue
            share = extreme if luck > 0.9 else usual
            drawn.append((kind, round(share * chance.uniform(0.5, 1.5), 4)))
        return cls(tuple(drawn), sure=SURE)

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
        return replace(self, by_kind=tuple(each for each in self.by_kind if each[0] is not kind))

    def to_json(self) -> str:
        """One line that `from_json` reads back."""
        shares = {kind.value: share for kind, share in self.by_kind}
        return json.dumps({"sure": self.sure, **shares} if self.sure else shares)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote."""
        read = json.loads(text)
        sure = int(read.pop("sure", 0))
        return cls(tuple((FaultKind(kind), float(share)) for kind, share in read.items()), sure)


class Chance:
    """The dice of one world. `injected` counts the faults that happened, by kind."""

    def __init__(self, seed: int, dials: Dials, now: Callable[[], datetime]) -> None:
        self.seed = seed
        self.dials = dials
        self.injected: Counter[FaultKind] = Counter()
        self._shares = dict(dials.by_kind)
        self._now = now
        self._dice: dict[str, random.Random] = {}
        self._asked: Counter[FaultKind] = Counter()
        self._sure = {kind: self._drawn_sure(kind) for kind in dials.on}
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
        if share <= 0:
            return False
        self._asked[kind] += 1
        if self.dice(kind).random() >= share and self._asked[kind] not in self._sure[kind]:
            return False
        self.injected[kind] += 1
        return True

    def _drawn_sure(self, kind: FaultKind) -> frozenset[int]:
        """The times of asking at which it happens whatever the dice say."""
        dice, at, found = self.dice(f"sure:{kind}"), 0, set()
        for most in (2, 2, 3) if kind in _SELDOM else (6, 8, 20):
            at += dice.randint(1, most)
            found.add(at)
        return frozenset(sorted(found)[: min(self.dials.sure, 1 if kind in _ONCE else SURE)])

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
