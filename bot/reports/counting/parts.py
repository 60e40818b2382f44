"""The parts that figures are cut into: which part each ticket and each wait belongs to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.reports.counting.columns import Columns, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Numbers below `size`, one for each ticket, wait and rating; `keys` are the parts' names."""

    keys: Sequence[str]
    tickets: Ints
    waits: Ints
    ratings: Ints

    @property
    def size(self) -> int:
        """How many parts there are."""
        return len(self.keys)


def whole(columns: Columns) -> Parts:
    """Everything as one part."""
    return of_tickets(columns, [""], np.zeros(len(columns.tickets.ids), dtype=np.int64))


def of_tickets(
    columns: Columns, keys: Sequence[str], tickets: Ints, waits: Ints | None = None
) -> Parts:
    """Parts by what tickets are; waits belong where their tickets do unless `waits` tells."""
    return Parts(
        keys=keys,
        tickets=tickets,
        waits=tickets[columns.waits.place] if waits is None else waits,
        ratings=tickets[columns.ratings.place],
    )


def merged(first: Sequence[str], second: Sequence[str]) -> tuple[list[str], Callable[[Ints], Ints]]:
    """The names of two columns as one list, and how codes of the second become codes of it."""
    names = list(dict.fromkeys([*first, *second]))
    place = {name: at for at, name in enumerate(names)}
    codes = np.array([place[name] for name in second], dtype=np.int64)
    return names, lambda found: codes[found]
