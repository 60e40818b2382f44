"""Figures of a seller's account that a platform's API told while it was read."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.db.health_rows import Kept, keep
from bot.db.unit import Tx
from connectors.report_files.reading import Reading

API: Final = "api"
IMPORT: Final = "import"

AHEAD: Final = timedelta(days=1)
"""How far ahead of our day a marketplace's may be."""

OLDEST: Final = timedelta(days=400)
"""What is older says nothing of today, and a trend does not reach back to it."""


def keep_readings(tx: Tx, inbox_id: int, readings: Sequence[Reading]) -> Kept:
    """Store what an API told, in the transaction that stores where reading has come to.

    A figure of no day that can be, such as one in the future, is passed over: the page it came
    with matters more.
    """
    today = tx.now.date()
    likely = [one for one in readings if today - OLDEST <= one.until <= today + AHEAD]
    unique = {(one.marketplace, one.measure, one.until): one for one in likely}
    return keep(tx, inbox_id, tuple(unique.values()), source=API)
