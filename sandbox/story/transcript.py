"""What happens in the workspace, printed as it happens, the way Anna reads it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from sandbox.slack.plain import names_of, to_plain
from sandbox.story.stage import ROME, Stage

_SHOWN: Final = frozenset({"message", "ephemeral"})
_WIDTH: Final = 12


class Transcript:
    """Follows the workspace's feed and prints every new message once."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self._stage = stage
        self._console = console
        self._seq = stage.slack.core.feed.seq
        self.posts = 0

    async def run(self) -> None:
        """Print until cancelled."""
        while True:
            self.catch_up()
            await asyncio.sleep(0.1)

    def catch_up(self) -> None:
        """Print what has happened since the last time."""
        for entry in self._stage.slack.core.feed.after(self._seq):
            self._seq = entry.seq
            if entry.kind in _SHOWN:
                self._print(entry.data["channel"], entry.data["message"])

    def heading(self, text: str) -> None:
        """Announce a scene."""
        self._console.print()
        self._console.print(Text(f"── {text} ", style="bold magenta"))

    def _print(self, channel: str, message: Mapping[str, Any]) -> None:
        workspace = self._stage.slack.workspace
        names = names_of(workspace)
        self.posts += 1
        is_reply = message["thread_ts"] not in {None, message["ts"]}
        at = self._stage.clock.now().astimezone(ROME).strftime("%a %H:%M")
        mark = "↳ " if is_reply else ""
        head = Text.assemble(
            (f"{at}  ", "dim"),
            (f"#{names.get(channel, channel)} ", "cyan"),
            (f"{mark}{names.get(message['user'], message['user'])}", "bold"),
        )
        self._console.print(head)
        body = to_plain(message, "Europe/Rome", self._stage.clock.now(), names)
        for line in body.splitlines():
            self._console.print(Text(f"{'':{_WIDTH}}{line}"), soft_wrap=True)
