"""How long to wait before trying again, in real seconds."""

import random

CEILING = 300.0
"""Five minutes: the longest a mended connection stays unused."""


def delay(failures: int, *, spread: float | None = None) -> float:
    """Seconds before the next try after so many failures in a row: 2, 4, 8 … up to five minutes.

    The wait is between half and all of that; `spread` (0 to 1) picks the place, at random when not
    given, so that what failed together does not come back together.
    """
    if spread is None:
        spread = random.random()  # noqa: S311 - spreads retries, protects nothing
    longest: float = min(CEILING, 2.0 ** min(max(1, failures), 16))
    return longest * (0.5 + 0.5 * spread)
