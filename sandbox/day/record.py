"""What Slack took and refused, noted while it happens: the sandbox keeps only its last calls."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.day.wall import mentioned
from sandbox.slack.core import CallRecord, Core

EVERY: Final = 20.0
"""Seconds; the sandbox keeps twenty thousand calls, and Slack takes fewer than ten a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackCall:
    """One call of the Web API. `outbox` is the effect that a post carried out, `called` whom it named."""

    at: float
    method: str
    status: int
    error: str | None
    channel: str = ""
    ts: str = ""
    thread_ts: str = ""
    outbox: int | None = None
    called: tuple[str, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether Slack did it."""
        return self.error is None

    @property
    def is_direct(self) -> bool:
        """Whether it is a message to one person alone."""
        return self.channel[:1] in {"D", "U"}


@dataclass(slots=True)
class Record:
    """Notes every call, oldest first, while `run` runs."""

    core: Core
    calls: list[SlackCall] = field(default_factory=list)
    _seen: int = 0

    async def run(self) -> None:
        """Note, for ever."""
        while True:
            self.note()
            await asyncio.sleep(EVERY)

    def note(self) -> None:
        """Note what was called since the last time."""
        for call in self._fresh():
            self.calls.append(noted(call))

    def _fresh(self) -> Iterator[CallRecord]:
        newest = self.core.call_count - self._seen
        if newest > len(self.core.calls):
            raise OverflowError("calls were forgotten before they were noted")
        kept = list(self.core.calls)[len(self.core.calls) - newest :]
        self._seen = self.core.call_count
        yield from kept


def noted(call: CallRecord) -> SlackCall:
    """The part of a call that the table is made of."""
    args, result = call.args, call.result
    metadata = _read(args.get("metadata")) or {}
    outbox = metadata.get("event_payload", {}).get("outbox_id")
    posts = call.method == "chat.postMessage"
    return SlackCall(
        at=call.at,
        method=call.method,
        status=call.status,
        error=None if call.ok else call.error,
        channel=str(result.get("channel") or args.get("channel") or ""),
        ts=str(result.get("ts") or args.get("ts") or ""),
        thread_ts=str(args.get("thread_ts") or ""),
        outbox=int(outbox) if outbox else None,
        called=tuple(mentioned(_read(args.get("blocks")) or [])) if posts else (),
    )


def _read(value: Any) -> Any:
    """An argument that may be JSON in a string, as form bodies have it."""
    return json.loads(value) if isinstance(value, str) and value else value
