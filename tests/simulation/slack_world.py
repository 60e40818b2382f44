"""Slack, as far as the desk uses it: the sandbox's own workspace without its server.

Methods, limits, validation and shapes are those of `sandbox.slack`, called in process; the desk's
calls come through Slack's own client, whose session ends here. What is added is the weather.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, cast

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.desk import Desk
from sandbox.slack.arguments import Arguments
from sandbox.slack.errors import ApiError, RateLimited
from sandbox.slack.limits import LimitSettings
from sandbox.slack.methods.registry import Call
from sandbox.slack.methods.table import METHODS
from sandbox.slack.model import Channel, JsonObject, Message, User, UserGroup
from sandbox.slack.seed import BOT_USER
from tests.simulation.faults import FaultKind
from tests.simulation.ports import Around
from tests.simulation.processes import current
from tests.simulation.slack_parts import TOKEN, Heard, furnished
from tests.simulation.waits import Waits

ADDRESS: Final = "http://slack.invalid/api/"
SILENCE: Final = 120.0
"""Seconds until a line that says nothing is cut; the desk gives up long before."""

WAITS_FOR_A_LOCK: Final = timedelta(seconds=6)
"""An effect that is on its way to Slack may wait that long for the database."""

_READS: Final = frozenset({"conversations.history", "conversations.replies"})
_OK, _TOO_MANY, _BROKEN = 200, 429, 503


@dataclass(slots=True, kw_only=True, eq=False)
class Posted:
    """One message that Slack took. `told` says that the caller was given the answer.

    `begun_at` is when the call began, `at` when Slack had it; `visible_at` when history shows it.
    """

    outbox_id: int
    channel: str
    ts: str
    thread_ts: str | None
    begun_at: datetime
    at: datetime
    visible_at: datetime
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    status: int
    body: JsonObject
    headers: Mapping[str, str] = field(default_factory=dict)


class _Answer:
    """What the client reads of a response."""

    content_type = "application/json"

    def __init__(self, reply: _Reply) -> None:
        self.status = reply.status
        self.headers = reply.headers
        self._body = reply.body

    async def json(self) -> JsonObject:
        if self.status == _BROKEN:
            raise json.JSONDecodeError("not JSON", "<html>", 0)
        return self._body

    async def text(self) -> str:
        return "<html>Something went wrong</html>"


class _Exchange:
    """One request, as `async with session.request(…)` uses it."""

    def __init__(self, world: "SlackWorld", method: str, values: Mapping[str, Any]) -> None:
        self._world = world
        self._method = method
        self._values = values

    async def __aenter__(self) -> _Answer:
        return _Answer(await self._world.exchange(self._method, self._values))

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        return None


class _Line:
    """What stands in for the client's session."""

    closed = False

    def __init__(self, world: "SlackWorld") -> None:
        self._world = world

    def request(self, verb: str, url: str, **given: Any) -> _Exchange:
        del verb
        values = {**(given.get("params") or {}), **(given.get("json") or {})}
        values |= given.get("data") or {}
        return _Exchange(self._world, url.rpartition("/")[2], values)

    async def close(self) -> None:
        """There is nothing to close."""


class SlackWorld:
    """One workspace that outlives every process of the desk.

    `posted` is every message that was taken, in order; `in_flight` names, by outbox id, the
    processes that call just now, and `twice_in_flight` keeps those that were ever made twice at the
    same time. `held_until` is the
    last instant until which somebody was told to wait.
    """

    def __init__(
        self, around: Around, *, desk: Desk | None = None, limits: LimitSettings | None = None
    ) -> None:
        self.around = around
        self.core = furnished(Heard(around), limits or LimitSettings())
        self.posted: list[Posted] = []
        self.calls: Counter[str] = Counter()
        self.in_flight: dict[int, list[int]] = {}
        self.twice_in_flight: list[int] = []
        self.held_until = around.now()
        locked = around.chance.dials.of(FaultKind.DB_LOCKED) > 0
        self.waits = Waits(around.now, WAITS_FOR_A_LOCK if locked else timedelta())
        self._shut: dict[str, datetime] = {}
        if desk is not None:
            self.furnish(desk)

    def client(self) -> AsyncWebClient:
        """A client for the process at work, which starts now. What it was before is dead."""
        for callers in self.in_flight.values():
            callers[:] = [each for each in callers if each != current()]
        self.waits.forget()
        session = cast("aiohttp.ClientSession", _Line(self))
        return AsyncWebClient(token=TOKEN, base_url=ADDRESS, session=session, retry_handlers=[])

    def furnish(self, desk: Desk) -> None:
        """Give the workspace the channels, the people and the groups that `desk` names."""
        workspace = self.core.workspace
        for agent in desk.roster.agents.values():
            name = agent.name.split(" ", maxsplit=1)[0].lower()
            person = User(id=agent.slack_id, name=name, real_name=agent.name)
            person.deleted = not agent.active
            workspace.users.setdefault(agent.slack_id, person)
        members = [*workspace.users]
        channels = [route.channel for route in desk.inboxes.values()]
        for channel in (*channels, desk.ops_channel):
            if channel and channel not in workspace.channels:
                workspace.add_channel(
                    Channel(id=channel, name=channel.lower(), members=[BOT_USER, *members])
                )
        groups = [one for route in desk.inboxes.values() for one in route.group]
        for group in (*groups, *desk.roster.managers):
            if group.startswith("S"):
                named = UserGroup(id=group, handle=group.lower(), name=group)
                workspace.groups.setdefault(group, named)

    def message(self, channel: str, ts: str) -> Message | None:
        """A message as readers see it now."""
        return self.core.workspace.posted(channel, ts)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies below a message, oldest first."""
        return self.core.workspace.replies(channel, ts)

    def copies(self, outbox_id: int) -> list[Posted]:
        """Every message that carries this outbox id, oldest first."""
        return [each for each in self.posted if each.outbox_id == outbox_id]

    async def exchange(self, method: str, values: Mapping[str, Any]) -> _Reply:
        """One call, with whatever goes wrong on its way. Raises aiohttp's errors."""
        chance, outbox_id = self.around.chance, _outbox_id(values)
        self.calls[method] += 1
        begun_at = self.around.now()
        self._began(outbox_id)
        if method == "chat.postMessage":
            self.waits.asked(_gate(method, values))
        try:
            self.around.crash.point(f"slack.{method}.before")
            await asyncio.sleep(chance.dice("slack.latency").uniform(0.05, 0.6))
            refused = await self._refused(method, values)
            if refused is not None:
                return refused
            reply, posted = self._done(method, values, outbox_id, begun_at)
            self.around.crash.point(f"slack.{method}.after")
            await self._answered_badly(method, posted)
            if chance.happens(FaultKind.SLACK_5XX_AFTER):
                self._show_late(posted)
                return self._broken(method, "done all the same")
            if posted is not None:
                posted.told = True
            return reply
        finally:
            if outbox_id and current() in self.in_flight[outbox_id]:
                self.in_flight[outbox_id].remove(current())

    def _began(self, outbox_id: int) -> None:
        if not outbox_id:
            return
        callers = self.in_flight.setdefault(outbox_id, [])
        callers[:] = [each for each in callers if each not in self.around.crash.gone]
        callers.append(current())
        if len(callers) > 1:
            self.twice_in_flight.append(outbox_id)

    async def _refused(self, method: str, values: Mapping[str, Any]) -> _Reply | None:
        """What ends a call before Slack did anything."""
        chance, gate = self.around.chance, _gate(method, values)
        if chance.clogged("slack"):
            await self._silent(method, "the line is clogged")
        if chance.happens(FaultKind.SLACK_TIMEOUT_BEFORE):
            if chance.dice("slack.unreached").random() < 0.5:
                self.around.tell("slack", f"is not reached by {method}")
                raise aiohttp.ConnectionTimeoutError
            await self._silent(method, "not done")
        if chance.happens(FaultKind.SLACK_5XX):
            return self._broken(method, "not done")
        if chance.happens(FaultKind.SLACK_429):
            self._shut[gate] = self.around.now() + timedelta(seconds=self._drawn_wait())
        left = (self._shut.get(gate, self.around.now()) - self.around.now()).total_seconds()
        if left <= 0:
            return None
        self.waits.told(gate, self._shut[gate])
        return self._too_many(method, int(left) + 1)

    def _drawn_wait(self) -> int:
        dice = self.around.chance.dice("slack.retry_after")
        luck = dice.random()
        if luck < 0.8:
            return dice.randint(1, 30)
        return dice.randint(31, 300) if luck < 0.97 else dice.randint(301, 3600)

    def _done(
        self, method: str, values: Mapping[str, Any], outbox_id: int, begun_at: datetime
    ) -> tuple[_Reply, Posted | None]:
        """The effect, in one go."""
        known = METHODS.get(method)
        if known is None:
            return _Reply(status=_OK, body=ApiError("unknown_method").body()), None
        try:
            self.core.limits.take_method(method, known.tier)
            body = known.run(Call(core=self.core, args=Arguments(values)))
        except RateLimited as limited:
            return self._too_many(method, limited.seconds), None
        except ApiError as error:
            self.around.tell("slack", f"refuses {method}: {error.code}")
            return _Reply(status=_OK, body=error.body()), None
        posted = self._noted(method, values, body, outbox_id, begun_at)
        return _Reply(status=_OK, body={"ok": True, **self._seen(method, body)}), posted

    def _noted(
        self,
        method: str,
        values: Mapping[str, Any],
        body: JsonObject,
        outbox_id: int,
        begun_at: datetime,
    ) -> Posted | None:
        if method == "chat.update":
            self.around.tell("slack", f"edits a card in {body['channel']}")
        if method != "chat.postMessage":
            return None
        posted = Posted(
            outbox_id=outbox_id,
            channel=body["channel"],
            ts=body["ts"],
            thread_ts=values.get("thread_ts"),
            begun_at=begun_at,
            at=self.around.now(),
            visible_at=self.around.now(),
        )
        self.posted.append(posted)
        where = "a thread of " if posted.thread_ts else ""
        words = str(values.get("text") or "")[:70]
        self.around.tell("slack", f"posts in {where}{posted.channel}: {words}")
        return posted

    def _seen(self, method: str, body: JsonObject) -> JsonObject:
        """Without what history does not show yet."""
        if method not in _READS:
            return body
        now = self.around.now()
        hidden = {each.ts for each in self.posted if each.visible_at > now}
        return {**body, "messages": [one for one in body["messages"] if one["ts"] not in hidden]}

    async def _answered_badly(self, method: str, posted: Posted | None) -> None:
        if self.around.chance.happens(FaultKind.SLACK_ANSWER_LOST):
            self._show_late(posted)
            await self._silent(method, "done, but the answer is lost")

    def _show_late(self, posted: Posted | None) -> None:
        """History is a little behind, now and then."""
        dice = self.around.chance.dice("slack.history_behind")
        if posted is not None and dice.random() < 0.2:
            posted.visible_at += timedelta(seconds=dice.uniform(1, 20))

    async def _silent(self, method: str, why: str) -> None:
        self.around.tell("slack", f"says nothing to {method}: {why}")
        await asyncio.sleep(SILENCE)
        raise aiohttp.ServerDisconnectedError

    def _broken(self, method: str, what: str) -> _Reply:
        self.around.tell("slack", f"answers {_BROKEN} to {method}: {what}")
        return _Reply(status=_BROKEN, body={})

    def _too_many(self, method: str, seconds: int) -> _Reply:
        self.held_until = max(self.held_until, self.around.now() + timedelta(seconds=seconds))
        self.around.tell("slack", f"has {method} wait {seconds} s")
        body = {"ok": False, "error": "ratelimited"}
        return _Reply(status=_TOO_MANY, body=body, headers={"Retry-After": str(seconds)})


def _gate(method: str, values: Mapping[str, Any]) -> str:
    return f"{method}:{values.get('channel')}" if method == "chat.postMessage" else method


def _outbox_id(values: Mapping[str, Any]) -> int:
    told = values.get("metadata")
    told = json.loads(told) if isinstance(told, str) else told
    payload = (told or {}).get("event_payload") or {}
    return int(payload.get("outbox_id") or 0)
