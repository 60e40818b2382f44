"""What all routes of one running sandbox share."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from sandbox.slack.app_link import AppLink, InstalledApp
from sandbox.slack.delivery import Timing
from sandbox.slack.faults import Faults
from sandbox.slack.feed import Feed
from sandbox.slack.file_store import FileStore
from sandbox.slack.handles import ResponseAddresses, Triggers
from sandbox.slack.limits import RateLimits
from sandbox.slack.model import JsonObject
from sandbox.slack.posts import Posts
from sandbox.slack.sockets import SocketHub
from sandbox.slack.workspace import Workspace

_CALLS_KEPT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One Web API call. `at` is desk time, `seconds` how long it took; `args` never hold the token."""

    seq: int
    method: str
    args: Mapping[str, Any]
    ok: bool
    error: str | None
    status: int
    result: Mapping[str, Any]
    at: float
    seconds: float
    fault: str | None = None

    def to_json(self) -> JsonObject:
        return {
            "seq": self.seq,
            "method": self.method,
            "args": dict(self.args),
            "ok": self.ok,
            "error": self.error,
            "status": self.status,
            "result": dict(self.result),
            "at": self.at,
            "seconds": self.seconds,
            "fault": self.fault,
        }


@dataclass(slots=True, kw_only=True)
class Core:
    """The parts of a running sandbox. `base_url` has no slash at its end."""

    clock: Clock
    feed: Feed
    workspace: Workspace
    app: InstalledApp
    link: AppLink
    hub: SocketHub
    posts: Posts
    files: FileStore
    limits: RateLimits
    faults: Faults
    triggers: Triggers
    responses: ResponseAddresses
    timing: Timing
    base_url: str = ""
    calls: deque[CallRecord] = field(default_factory=lambda: deque(maxlen=_CALLS_KEPT))
    call_count: int = 0

    @property
    def granted(self) -> frozenset[str]:
        """The scopes of the bot token."""
        return self.app.manifest.scopes
