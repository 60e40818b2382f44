"""How often one address, and everybody together, may use the contact form. Bounded memory."""

from collections import OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

WITHIN: Final = timedelta(minutes=10)
EACH: Final = 5
"""Messages of one address within `WITHIN`: a person writes one or two."""

ALL: Final = 120
"""Messages of everybody within `WITHIN`: far more than a shop gets, far less than a flood."""

KNOWN: Final = 2_000
"""Addresses remembered at most; the one heard of longest ago is forgotten."""


@dataclass(slots=True)
class Visitors:
    """Counts messages by the names a visitor is known by: e-mail address, network address."""

    each: int = EACH
    total: int = ALL
    _by_name: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)
    _all: deque[datetime] = field(default_factory=deque)

    def may_write(self, names: Collection[str], now: datetime) -> bool:
        """Whether whoever has these names may write now; if so, it is counted."""
        _forget(self._all, now)
        own = [self._times(name.lower(), now) for name in names if name]
        if len(self._all) >= self.total or any(len(times) >= self.each for times in own):
            return False
        for times in (self._all, *own):
            times.append(now)
        return True

    def _times(self, name: str, now: datetime) -> deque[datetime]:
        times = self._by_name.setdefault(name, deque())
        self._by_name.move_to_end(name)
        while len(self._by_name) > KNOWN:
            self._by_name.popitem(last=False)
        _forget(times, now)
        return times

    def __len__(self) -> int:
        return len(self._by_name)


def _forget(times: deque[datetime], now: datetime) -> None:
    while times and now - times[0] >= WITHIN:
        times.popleft()
