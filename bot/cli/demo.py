"""`threadline demo`: hands over to the sandbox, which only a checkout has."""

import importlib
import re
from typing import Final, Protocol, cast

from bot.cli.console import fail

MODULE = "sandbox.demo"
EXTRAS = ("pymap", "aiosmtpd", "proxyprotocol", "pysasl")

LONGEST: Final = 400
"""Days of a past that is made up."""

_DAYS: Final = re.compile(r"([0-9]{1,4})d")


class Demo(Protocol):
    """What the sandbox offers."""

    def main(
        self, *, headless: bool, speed: float | None, history_days: int | None, seed: int
    ) -> int:
        """Play the story; the exit code."""
        ...


def play(*, headless: bool, speed: float | None, history: str | None, seed: int) -> int:
    """Play the story and return its exit code. Says what to install where it cannot be played.

    `history` is how much of a past is made up before, such as 90d; the same `seed` makes the same.
    """
    days = None if history is None else _days_of(history)
    try:
        # By name: the desk must work, and be checked, without the sandbox.
        demo = cast("Demo", importlib.import_module(MODULE))
    except ModuleNotFoundError as exc:
        missing = (exc.name or "").partition(".")[0]
        if missing in EXTRAS:
            fail(
                f"The demo needs a mail server that is not installed ({missing}). "
                "Install the extra `demo`: pip install 'threadline[demo]', or use `make demo`."
            )
        fail("The demo is part of the source tree: get a checkout and run `make demo` in it.")
    return demo.main(headless=headless, speed=speed, history_days=days, seed=seed)


def _days_of(text: str) -> int:
    found = _DAYS.fullmatch(text.strip())
    days = int(found[1]) if found else 0
    if not 1 <= days <= LONGEST:
        fail(f'--seed-history "{text}": write a number of days from 1d to {LONGEST}d, such as 90d.')
    return days
