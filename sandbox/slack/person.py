"""Somebody of the sandbox workspace, driven over the control API: what tests and the demo act through."""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession

from sandbox.slack.model import JsonObject

_ANSWERS = frozenset({"ephemeral", "ephemeral_changed", "views", "home", "notice"})
_SETTLE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message as a person sees it; `json` is the page's Message."""

    ts: str
    channel: str
    user: str
    text: str
    thread_ts: str | None
    reply_count: int
    json: Mapping[str, Any]

    @property
    def blocks(self) -> list[JsonObject]:
        """Slack's block JSON."""
        blocks: list[JsonObject] = self.json["blocks"]
        return blocks

    def action_ids(self) -> list[str]:
        """The action ids of the buttons and menus on it."""
        found: list[str] = []
        for block in self.blocks:
            elements = [*block.get("elements", []), block.get("accessory") or {}]
            found += [e["action_id"] for e in elements if "action_id" in e]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenView:
    """A modal or Home as a person sees it; `json` is the page's View."""

    id: str
    callback_id: str
    title: str
    json: Mapping[str, Any]

    @property
    def blocks(self) -> list[JsonObject]:
        """Slack's block JSON."""
        blocks: list[JsonObject] = self.json["blocks"]
        return blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of an act. `refused` is the client's code when it did not go through, `errors` a form's by block id."""

    refused: str | None = None
    sentence: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    ephemerals: tuple[Post, ...] = ()
    notices: tuple[str, ...] = ()
    views: tuple[OpenView, ...] = ()
    post: Post | None = None

    @property
    def text(self) -> str:
        """All private answers, one below the other."""
        return "\n".join(post.text for post in self.ephemerals)


def _post(shape: Mapping[str, Any]) -> Post:
    return Post(
        ts=shape["ts"],
        channel=shape["channel"],
        user=shape["user"],
        text=shape["text"],
        thread_ts=shape["thread_ts"],
        reply_count=shape["reply_count"],
        json=shape,
    )


def _view(shape: Mapping[str, Any]) -> OpenView:
    title = (shape.get("title") or {}).get("text", "")
    return OpenView(id=shape["id"], callback_id=shape["callback_id"], title=title, json=shape)


class Person:
    """One person. `views` is her modal stack after her last act (the top one last), `ephemerals` all she was told privately."""

    def __init__(
        self, session: ClientSession, base_url: str, *, user_id: str, name: str, tz: str
    ) -> None:
        self._session = session
        self._base = base_url
        self.id = user_id
        self.name = name
        self.tz = tz
        self.views: tuple[OpenView, ...] = ()
        self.ephemerals: list[Post] = []
        self._filled: dict[str, Any] = {}

    # acts

    async def command(
        self,
        command: str,
        text: str = "",
        *,
        channel: str,
        thread_ts: str | None = None,
        wait: float = 2.0,
    ) -> Seen:
        """Type a slash command; waits up to `wait` seconds for its private answer or form."""
        body = {"command": command, "text": text, "channel": channel, "thread_ts": thread_ts}
        return await self._act("command", body, wait=wait)

    async def upload(self, name: str, content: bytes) -> str:
        """Put a file into Slack, where only this person sees it; its id, for a message or a form."""
        body = {"user": self.id, "name": name, "content": base64.b64encode(content).decode()}
        async with self._session.post(f"{self._base}/control/acts/upload", json=body) as response:
            return str((await response.json())["file"])

    async def post(
        self, channel: str, text: str, thread_ts: str | None = None, files: Sequence[str] = ()
    ) -> Post:
        """Write a message, or share uploaded files by their ids. Raises ActRefused."""
        body = {"channel": channel, "text": text, "thread_ts": thread_ts, "files": list(files)}
        seen = await self._act("post", body)
        if seen.post is None:
            raise ActRefused(seen)
        return seen.post

    async def mention(
        self, channel: str, thread_ts: str | None, text: str, *, wait: float = 2.0
    ) -> Seen:
        """Write `@threadline TEXT`, in a thread when there is one; waits for a private answer."""
        state = await self._get("/ui/state", {"user": self.id})
        bot_id = state["app"]["bot_user_id"]
        handle = next(user["name"] for user in state["users"] if user["id"] == bot_id)
        body = {"channel": channel, "text": f"@{handle} {text}", "thread_ts": thread_ts}
        return await self._act("post", body, wait=wait)

    async def click(
        self,
        message_ts: str,
        action_id: str,
        *,
        channel: str,
        value: Any = None,
        block_id: str | None = None,
        wait: float = 1.0,
    ) -> Seen:
        """Press a button or choose in a menu of a message; waits for a private answer, a form or the message's change."""
        body = {
            "channel": channel,
            "message_ts": message_ts,
            "action_id": action_id,
            "block_id": block_id,
            "value": value,
        }
        return await self._act("click", body, wait=wait, until_changed=message_ts)

    async def click_view(self, action_id: str, *, value: Any = None, wait: float = 1.0) -> Seen:
        """Press or choose in the modal in front. Raises LookupError when none is open."""
        typed = dict(self._filled)
        body = {"view_id": self._front().id, "action_id": action_id, "value": value}
        seen = await self._act("click", body | {"values": typed}, wait=wait)
        if seen.refused is None:
            self._filled.clear()
        return seen

    async def click_home(self, action_id: str, *, value: Any = None, wait: float = 1.0) -> Seen:
        """Press or choose in the app's Home. Raises LookupError when nothing was published."""
        home = await self.home()
        if home is None:
            raise LookupError("the app published no Home")
        body = {"view_id": home.id, "action_id": action_id, "value": value}
        return await self._act("click", body, wait=wait)

    async def shortcut(
        self,
        callback_id: str,
        message_ts: str | None = None,
        *,
        channel: str | None = None,
        wait: float = 1.0,
    ) -> Seen:
        """Use a message shortcut, or a global one without `message_ts`."""
        body = {"callback_id": callback_id, "message_ts": message_ts, "channel": channel}
        return await self._act("shortcut", body, wait=wait)

    async def react(self, channel: str, message_ts: str, name: str) -> Seen:
        """Put an emoji on a message."""
        body = {"channel": channel, "message_ts": message_ts, "name": name}
        return await self._act("react", body)

    async def edit(self, channel: str, ts: str, text: str) -> Seen:
        """Change a message of hers."""
        return await self._act("edit", {"channel": channel, "ts": ts, "text": text})

    async def delete(self, channel: str, ts: str) -> Seen:
        """Delete a message of hers."""
        return await self._act("delete", {"channel": channel, "ts": ts})

    async def open_home(self, *, wait: float = 2.0) -> OpenView | None:
        """Open the app's Home; waits for the app to publish it. Raises ActRefused."""
        seen = await self._act("home", {}, wait=wait)
        if seen.refused is not None:
            raise ActRefused(seen)
        return await self.home()

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fill inputs of the modal in front, by block id."""
        self._filled.update(values)

    async def submit(self, *, wait: float = 0.0) -> Seen:
        """Submit the modal in front with what was filled in. Raises LookupError when none is open."""
        body = {"view_id": self._front().id, "values": dict(self._filled)}
        seen = await self._act("submit", body, wait=wait)
        if seen.refused is None:
            self._filled.clear()
        return seen

    async def close(self) -> Seen:
        """Close the modal in front. Raises LookupError when none is open."""
        self._filled.clear()
        return await self._act("close", {"view_id": self._front().id})

    def _front(self) -> OpenView:
        if not self.views:
            raise LookupError(f"{self.name} has no form open")
        return self.views[-1]

    # reading

    async def messages(self, channel: str) -> list[Post]:
        """The channel, oldest first, private messages included."""
        body = await self._get("/ui/messages", {"user": self.id, "channel": channel})
        return [_post(shape) for shape in body["messages"]]

    async def thread(self, channel: str, ts: str) -> list[Post]:
        """A thread, its root first."""
        body = await self._get("/ui/thread", {"user": self.id, "channel": channel, "ts": ts})
        return [_post(shape) for shape in body["messages"]]

    async def look(self) -> tuple[OpenView, ...]:
        """Her modals as they are now, also what changed in them without an act of hers."""
        shapes = await self._get("/ui/views", {"user": self.id})
        self.views = tuple(_view(shape) for shape in shapes["views"])
        return self.views

    async def home(self) -> OpenView | None:
        """The Home the app last published for her."""
        shape = (await self._get("/ui/home", {"user": self.id}))["view"]
        return _view(shape) if shape else None

    async def wait_for(
        self, channel: str, wanted: Callable[[Post], bool], *, seconds: float = 5.0
    ) -> Post:
        """The first message of the channel, threads included, that is `wanted`. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            seq = await self._feed_now()
            for post in await self._everything(channel):
                if wanted(post):
                    return post
            while True:
                entries, seq = await self._feed(seq, seconds)
                for entry in entries:
                    if "message" in entry["data"] and wanted(_post(entry["data"]["message"])):
                        return _post(entry["data"]["message"])

    async def _everything(self, channel: str) -> list[Post]:
        found: list[Post] = []
        for root in await self.messages(channel):
            found += await self.thread(channel, root.ts) if root.reply_count else [root]
        return found

    # plumbing

    async def _act(
        self,
        act: str,
        body: Mapping[str, Any],
        *,
        wait: float = 0.0,
        until_changed: str | None = None,
    ) -> Seen:
        seq = await self._feed_now()
        address = f"{self._base}/control/acts/{act}"
        async with self._session.post(address, json={"user": self.id, **body}) as response:
            answer = await response.json()
        if answer.get("error") in {"bad_request", "not_found"}:
            raise LookupError(answer["message"])
        entries = await self._collect(seq, wait if answer["ok"] else 0.0, until_changed)
        return await self._seen(answer, entries)

    async def _collect(
        self, seq: int, wait: float, until_changed: str | None
    ) -> list[Mapping[str, Any]]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        entries, newest = await self._feed(seq, 0.0)
        while not _is_answered(entries, until_changed) and (left := deadline - loop.time()) > 0:
            more, newest = await self._feed(newest, left)
            entries += more
        if wait > 0:
            await asyncio.sleep(_SETTLE_SECONDS)
            entries += (await self._feed(newest, 0.0))[0]
        return entries

    async def _seen(self, answer: Mapping[str, Any], entries: list[Mapping[str, Any]]) -> Seen:
        await self.look()
        private = [e for e in entries if e["kind"] in {"ephemeral", "ephemeral_changed"}]
        ephemerals = tuple(_post(entry["data"]["message"]) for entry in private)
        self.ephemerals += ephemerals
        return Seen(
            refused=None if answer["ok"] else answer["error"],
            sentence=answer.get("message", "") if not answer["ok"] else "",
            errors=answer.get("errors", {}),
            ephemerals=ephemerals,
            notices=tuple(e["data"]["text"] for e in entries if e["kind"] == "notice"),
            views=self.views,
            post=_post(answer["message"]) if answer["ok"] and "message" in answer else None,
        )

    async def _feed_now(self) -> int:
        newest: int = (await self._get("/control/feed", {"user": self.id}))["seq"]
        return newest

    async def _feed(self, after: int, wait: float) -> tuple[list[Mapping[str, Any]], int]:
        query = {"user": self.id, "after": str(after), "wait": f"{wait:.3f}"}
        body = await self._get("/control/feed", query)
        return body["entries"], body["seq"]

    async def _get(self, path: str, query: Mapping[str, str]) -> Any:
        async with self._session.get(self._base + path, params=query) as response:
            body = await response.json()
        if body.get("error") in {"bad_request", "not_found"}:
            raise LookupError(body["message"])
        return body


def _is_answered(entries: list[Mapping[str, Any]], until_changed: str | None) -> bool:
    for entry in entries:
        if entry["kind"] in _ANSWERS:
            return True
        changed = entry["data"].get("message", {}).get("ts")
        if entry["kind"] == "message_changed" and changed == until_changed:
            return True
    return False


class ActRefused(Exception):
    """Slack's client did not let her."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(f"{seen.refused}: {seen.sentence}")
        self.seen = seen
