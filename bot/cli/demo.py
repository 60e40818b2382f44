"""`threadline demo`: hands over to the sandbox, which only a checkout has."""

import importlib
from typing import Protocol, cast

from bot.cli.console import fail

MODULE = "sandbox.demo"
EXTRAS = ("pymap", "aiosmtpd", "proxyprotocol", "pysasl")


class Demo(Protocol):
    """What the sandbox offers."""

    def main(self, *, headless: bool, speed: float | None) -> int:
        """Play the story; the exit code."""
        ...


def play(*, headless: bool, speed: float | None) -> int:
    """Play the story and return its exit code. Says what to install where it cannot be played."""
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
    return demo.main(headless=headless, speed=speed)
