"""Items whose reading ended because the database failed: that try is not held against them.

A try is counted before an item is read, so that one that kills its reader is found out. Where the
database was away when the result was to be written, the item has done nothing; without a pardon
a server that restarts twice would have a customer's message set aside as unreadable.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from bot.db.outage import is_outage

MOST_PARDONS = 10
"""Per item and life of a process: one that breaks the connection every time is found out after all."""


class Pardons:
    """Remembers whom to pardon once the database answers again."""

    def __init__(self) -> None:
        self._due: set[int] = set()
        self._given: Counter[int] = Counter()

    def failed(self, raw_ids: Collection[int], exc: BaseException) -> None:
        """Reading these ended with `exc`."""
        if is_outage(exc):
            self._due.update(each for each in raw_ids if self._given[each] < MOST_PARDONS)

    def due(self) -> Sequence[int]:
        """Whose try is to be taken back."""
        return sorted(self._due)

    def given(self, raw_ids: Collection[int]) -> None:
        """It was taken back."""
        self._due.difference_update(raw_ids)
        self._given.update(raw_ids)

    def read(self, raw_ids: Collection[int]) -> None:
        """They are understood: nothing is left to remember."""
        for each in raw_ids:
            self._given.pop(each, None)
