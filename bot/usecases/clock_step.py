"""Several workers of one machine notice that its clock was set: one of them has the rows follow."""

from datetime import timedelta
from typing import Final

from bot.db.state_rows import CLOCK_STEP, get_state, swap_state
from bot.db.unit import Tx

ALIKE: Final = timedelta(seconds=2)
"""Two workers measure the same step so nearly alike: one that is seen late has slept through some."""

KNOWN_FOR: Final = 60.0
"""Real seconds within which every worker notices: far more than the longest sleep of any."""


def is_first_to_see(tx: Tx, *, by: int, moved: timedelta, known_for: timedelta) -> bool:
    """Whether the step is nobody else's yet; then it is noted, by the transaction that follows it.

    `by` names a worker. One that notices the like again was set again; its own word counts.
    """
    kept = get_state(tx.conn, CLOCK_STEP)
    if kept is not None and kept.value["by"] != by:
        same = abs(timedelta(seconds=kept.value["seconds"]) - moved) <= ALIKE
        if same and abs(tx.now - kept.at) <= known_for:
            return False
    value = {"by": by, "seconds": moved.total_seconds()}
    return swap_state(tx.conn, CLOCK_STEP, value, tx.now, seen=kept.at if kept else None)
