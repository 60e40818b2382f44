"""The clock on the wall for a whole column of instants: days, weekdays and hours of one zone."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_DAY: Final = 86_400
_HOUR: Final = 3_600
_WEEK: Final = 7
_THURSDAY: Final = 3
"""1970 began on one; Monday is 0."""

_EPOCH: Final = date(1970, 1, 1).toordinal()


class LocalTime:
    """Instants of one zone, across its changes of the clock. Instants are seconds since 1970."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def days(self, instants: Ints) -> Ints:
        """The day of each instant, counted from the first of January 1970, there."""
        return self._wall(instants) // _DAY

    def weekdays(self, instants: Ints) -> Ints:
        """The weekday of each instant; 0 is Monday."""
        return (self.days(instants) + _THURSDAY) % _WEEK

    def hours(self, instants: Ints) -> Ints:
        """The hour of the day of each instant, 0 … 23."""
        return self._wall(instants) % _DAY // _HOUR

    def _wall(self, instants: Ints) -> Ints:
        if not len(instants):
            return instants
        begins, offsets = self._offsets(int(instants.min()), int(instants.max()))
        return instants + offsets[np.searchsorted(begins, instants, side="right") - 1]

    def _offsets(self, first: int, last: int) -> tuple[Ints, Ints]:
        """From when on which offset holds, from `first` to `last`."""
        begins, offsets = [first], [self._offset(first)]
        at = first
        while at < last:
            after = min(at + _DAY, last)
            if self._offset(after) != offsets[-1]:
                begins.append(self._change(at, after))
                offsets.append(self._offset(after))
            at = after
        return np.array(begins, dtype=np.int64), np.array(offsets, dtype=np.int64)

    def _change(self, before: int, after: int) -> int:
        """The first instant of the offset of `after`, when `before` has another."""
        wanted = self._offset(after)
        while after - before > 1:
            middle = (before + after) // 2
            if self._offset(middle) == wanted:
                after = middle
            else:
                before = middle
        return after

    def _offset(self, at: int) -> int:
        offset = datetime.fromtimestamp(at, UTC).astimezone(self._zone).utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0


def date_of(day: int) -> date:
    """The date of a day counted from the first of January 1970."""
    return date.fromordinal(_EPOCH + day)
