"""The JSON the sandbox's web page lives on: read the workspace, act as a person, follow changes.

Every answer is JSON. A body that is no JSON object, or lacks a field, is HTTP 400
`{"ok": false, "error": "bad_request", "message": …}`; an unknown user, channel or message is HTTP 404
with `"error": "not_found"`. Instants are Slack `ts` strings or float seconds since 1970, UTC.

Reading
=======
`GET /ui/state?user=U…` (without `user`: the same with `"me": null`, to choose who to be)::

    {"team": {"id", "name", "domain"}, "me": "U…" | null,
     "app": {"id", "name", "bot_user_id", "bot_id", "connected": bool},
     "users": [{"id", "name", "real_name", "display_name", "email", "tz", "locale", "is_bot", "deleted",
                "is_admin", "is_restricted", "color", "title"}],
     "usergroups": [{"id", "handle", "name", "users": ["U…"]}],
     "channels": [Channel],               # those this person can open; her DMs have is_im true
     "commands": [{"command", "description", "usage_hint"}],
     "shortcuts": [{"name", "type": "message" | "global", "callback_id", "description"}],
     "clock": {"now": 1766…, "speed": 60.0},   # desk time now; it passes `speed` times real time
     "seq": 42}                           # pass to /ui/events?after=

    Channel = {"id", "name", "is_private", "is_im", "is_archived", "is_member", "topic",
               "num_members", "members": ["U…"], "im_user": "U…" | null}

`GET /ui/messages?user=U…&channel=C…` → `{"channel": Channel, "messages": [Message]}`, oldest first: roots,
replies also sent to the channel, and this person's ephemeral messages outside threads (newest 300).
`GET /ui/thread?user=U…&channel=C…&ts=…` → `{"channel": Channel, "messages": [root, reply, …]}`::

    Message = {"ts", "channel", "user": "U…", "bot": bool, "text": mrkdwn, "blocks": [Block, …],
               "thread_ts": ts | null,   # equals ts on a root that has replies
               "reply_count", "reply_users": ["U…"], "latest_reply": ts | null, "broadcast": bool,
               "edited": bool, "ephemeral": bool, "subtype": str | null,
               "reactions": [{"name", "users", "count"}], "metadata": {…} | null, "permalink"}

Blocks are Slack's own JSON, completed with `block_id` and `action_id`. `ts` of an ephemeral message is its handle.

`GET /ui/views?user=U…` → `{"views": [View, …]}`, the modal stack, the top one last (empty: no modal)::

    View = {"id", "type": "modal" | "home", "title", "submit", "close", "blocks", "hash", "callback_id",
            "state": {"values": {block_id: {action_id: {"type", "value" | "selected_option" | …}}}}, …}

`GET /ui/home?user=U…` → `{"view": View | null}`, the last Home the app published for her.
`GET /ui/permalink?link=…` → `{"channel": "C…", "ts": …, "thread_ts": ts | null}`.

Following
=========
`GET /ui/events?user=U…&after=SEQ` is a `text/event-stream`; each event has `id: SEQ`, `event: KIND`, `data: JSON`,
and a comment line every 15 s. A lost connection resumes by `Last-Event-ID`. Kinds and data::

    message, message_changed      {"channel": "C…", "message": Message}
    message_deleted               {"channel": "C…", "ts": …, "thread_ts": ts | null}
    ephemeral, ephemeral_changed  {"channel": "C…", "message": Message}      only to its reader
    ephemeral_deleted             {"channel": "C…", "ts": …}
    views                         {"views": [View, …]}                       her modal stack changed
    home                          {"view": View}
    channel                       {"channel": Channel}                       joined, archived, new DM …
    notice                        {"text": …}        what Slackbot or the client says, only to her
    app                           {"connected": bool}
    reload                        {}                 she missed too much: read everything again

Acting
======
`POST /ui/acts/ACT` with a JSON object that always has `"user"`. Answers `{"ok": true, …}` or, when Slack's client
would refuse or complain, `{"ok": false, "error": CODE, "message": sentence to show}` (HTTP 200 both)::

    post      {user, channel, text, thread_ts?, broadcast?}   → {"message": Message}
              `@name`, `@group`, `#channel` are linked as Slack does; text starting with "/" is not a command here
    command   {user, channel, command: "/ticket", text, thread_ts?} → {"acked": true}
              errors: not_supported_in_thread, unknown_command, operation_timeout, dispatch_failed
    click     {user, channel, message_ts, action_id, block_id?, value?}  a message's element, or
              {user, view_id, action_id, block_id?, value?, values?}     a modal's or Home's → {"acked": true}
              `values`: what is typed into the modal's inputs by then, as for submit; the app sees it
              value by element: button none · static_select, radio_buttons, overflow: the option's `value` ·
              checkboxes, multi_static_select: list of `value`s · users_select "U…" (lists for multi_*) · datepicker
              "2026-11-21" · timepicker "14:00" · datetimepicker seconds · text inputs: the text
              errors: no_such_element, operation_timeout, dispatch_failed
    suggest   {user, view_id | channel + message_ts, action_id, query} → {"options": [Option]}   (external_select)
    shortcut  {user, callback_id}                              a global one
              {user, callback_id, channel, message_ts}         a message one (never on ephemeral messages)
    submit    {user, view_id, values: {block_id: value}}       values as for click; omitted blocks keep theirs
              → {"ok": true, "views": [View]} or {"ok": false, "error": "errors", "errors": {block_id: sentence}}
              (the client's own checks: required, lengths, e-mail, URL, number; then the app's)
    close     {user, view_id}                                  → {"views": [View]}
    home      {user, tab?: "home" | "messages"}                opens the app's Home → {"acked": true}
    react, unreact  {user, channel, message_ts, name}
    edit      {user, channel, ts, text} · delete {user, channel, ts}     her own messages
    dismiss   {user, ts}                                       hides an ephemeral message
    join, leave  {user, channel} · invite {user, channel, who} · dm {user, who} → {"channel": Channel}

Static files of `sandbox/web/` are served at `/`; `index.html` for `/` itself.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from sandbox.slack.acts import Acts
from sandbox.slack.core import Core
from sandbox.slack.errors import ApiError, ClientRefused
from sandbox.slack.feed import FeedEntry
from sandbox.slack.model import Channel, JsonObject
from sandbox.slack.shapes import channel_json, user_json, view_json
from sandbox.slack.workspace import NotFound

WEB_ROOT = Path(__file__).parent.parent / "web"
_SHOWN = 300
_BEAT_SECONDS = 15.0
_LINK = re.compile(r"/archives/(\w+)/p(\d+)(\d{6})(?:\?thread_ts=([\d.]+))?")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def read_object(request: web.Request) -> JsonObject:
    """The JSON object of a request. Raises ApiError for anything else."""
    try:
        body = json.loads(await request.text() or "{}")
    except json.JSONDecodeError:
        raise ApiError("bad_request", ["the body is not JSON"]) from None
    if not isinstance(body, dict):
        raise ApiError("bad_request", ["the body is not a JSON object"])
    return body


def answered(handler: Handler) -> Handler:
    """Turn what a handler raises into this API's answers."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ClientRefused as refused:
            body = {"ok": False, "error": refused.code, "message": refused.sentence}
            return web.json_response(body | refused.extra)
        except NotFound as missing:
            body = {"ok": False, "error": "not_found", "message": str(missing)}
            return web.json_response(body, status=404)
        except (ApiError, KeyError, ValueError) as error:
            sentences = error.messages if isinstance(error, ApiError) else [str(error)]
            body = {"ok": False, "error": "bad_request", "message": "; ".join(sentences)}
            return web.json_response(body, status=400)

    return answer


class PageApi:
    """The `/ui/*` routes and the page's files."""

    def __init__(self, core: Core, acts: Acts) -> None:
        self._core = core
        self._acts = acts

    def routes(self) -> list[web.AbstractRouteDef]:
        """Everything the page needs."""
        routes: list[web.AbstractRouteDef] = [
            web.get("/ui/state", answered(self._state)),
            web.get("/ui/messages", answered(self._messages)),
            web.get("/ui/thread", answered(self._thread)),
            web.get("/ui/views", answered(self._views)),
            web.get("/ui/home", answered(self._home)),
            web.get("/ui/permalink", answered(self._permalink)),
            web.get("/ui/events", answered(self._events)),
            web.post("/ui/acts/{act}", answered(self._act)),
        ]
        if WEB_ROOT.is_dir():
            routes += [web.get("/", self._index), web.static("/", WEB_ROOT)]
        return routes

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(WEB_ROOT / "index.html")

    async def _act(self, request: web.Request) -> web.StreamResponse:
        body = await read_object(request)
        result = await self._acts.run(request.match_info["act"], body)
        return web.json_response({"ok": True, **result})

    def _user(self, request: web.Request) -> str:
        return self._core.workspace.user(request.query.get("user", "")).id

    def _channel(self, request: web.Request, user: str) -> Channel:
        channel = self._core.workspace.channel_named(request.query.get("channel", ""))
        if not self._core.workspace.can_see(user, channel.id):
            raise NotFound(f"no channel {channel.id!r}")
        return channel

    async def _state(self, request: web.Request) -> web.StreamResponse:
        me = self._user(request) if request.query.get("user") else None
        workspace, app = self._core.workspace, self._core.app
        return web.json_response(
            {
                "team": {
                    "id": workspace.team_id,
                    "name": workspace.name,
                    "domain": workspace.domain,
                },
                "me": me,
                "app": {
                    "id": app.app_id,
                    "name": app.manifest.name,
                    "bot_user_id": app.bot_user,
                    "bot_id": app.bot_id,
                    "connected": self._core.link.connected,
                },
                "users": [user_json(user) for user in workspace.users.values()],
                "usergroups": self._groups(),
                "channels": self._channels(me),
                **self._registrations(),
                "clock": {
                    "now": self._core.clock.now().timestamp(),
                    "speed": self._core.clock.speed,
                },
                "seq": self._core.feed.seq,
            }
        )

    def _groups(self) -> list[JsonObject]:
        return [
            {"id": group.id, "handle": group.handle, "name": group.name, "users": group.users}
            for group in self._core.workspace.groups.values()
        ]

    def _channels(self, me: str | None) -> list[JsonObject]:
        workspace = self._core.workspace
        return [
            channel_json(channel, me)
            for channel in workspace.channels.values()
            if me is not None and workspace.can_see(me, channel.id)
        ]

    def _registrations(self) -> JsonObject:
        manifest = self._core.app.manifest
        return {
            "commands": [
                {"command": c.command, "description": c.description, "usage_hint": c.usage_hint}
                for c in manifest.commands
            ],
            "shortcuts": [
                {
                    "name": s.name,
                    "type": s.kind,
                    "callback_id": s.callback_id,
                    "description": s.description,
                }
                for s in manifest.shortcuts
            ],
        }

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        user = self._user(request)
        channel = self._channel(request, user)
        workspace = self._core.workspace
        shown = [m for m in workspace.messages(channel.id) if not m.is_reply or m.broadcast]
        shown += [m for m in workspace.ephemerals_of(user, channel.id) if m.thread_ts is None]
        shown.sort(key=lambda message: message.ts)
        messages = [workspace.message_json(message) for message in shown[-_SHOWN:]]
        return web.json_response({"channel": channel_json(channel, user), "messages": messages})

    async def _thread(self, request: web.Request) -> web.StreamResponse:
        user = self._user(request)
        channel = self._channel(request, user)
        workspace = self._core.workspace
        root = workspace.message(channel.id, request.query.get("ts", ""))
        replies = workspace.replies(channel.id, root.ts)
        replies += [m for m in workspace.ephemerals_of(user, channel.id) if m.thread_ts == root.ts]
        replies.sort(key=lambda message: message.ts)
        messages = [workspace.message_json(message) for message in (root, *replies)]
        return web.json_response({"channel": channel_json(channel, user), "messages": messages})

    async def _views(self, request: web.Request) -> web.StreamResponse:
        workspace = self._core.workspace
        stack = workspace.modals[self._user(request)]
        return web.json_response({"views": [view_json(view, workspace.team_id) for view in stack]})

    async def _home(self, request: web.Request) -> web.StreamResponse:
        workspace = self._core.workspace
        home = workspace.homes.get(self._user(request))
        shape = view_json(home, workspace.team_id) if home else None
        return web.json_response({"view": shape})

    async def _permalink(self, request: web.Request) -> web.StreamResponse:
        match = _LINK.search(request.query.get("link", ""))
        if match is None:
            raise NotFound("no link to a message")
        channel, seconds, micro, thread_ts = match.groups()
        ts = f"{seconds}.{micro}"
        self._core.workspace.message(channel, ts)
        return web.json_response({"channel": channel, "ts": ts, "thread_ts": thread_ts})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        user = self._user(request)
        since = request.headers.get("Last-Event-ID") or request.query.get("after") or ""
        seq = int(since) if since.isdigit() else self._core.feed.seq
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        await response.prepare(request)
        try:
            await self._stream(response, user, seq)
        except (ConnectionError, asyncio.CancelledError):
            return response
        return response

    async def _stream(self, response: web.StreamResponse, user: str, seq: int) -> None:
        feed = self._core.feed
        if feed.has_gap(seq):
            seq = feed.seq
            await response.write(f"id: {seq}\nevent: reload\ndata: {{}}\n\n".encode())
        while True:
            for entry in feed.after(seq):
                seq = entry.seq
                if self._is_for(entry, user):
                    data = json.dumps(self._data_for(entry, user))
                    text = f"id: {seq}\nevent: {entry.kind}\ndata: {data}\n\n"
                    await response.write(text.encode())
            if not await feed.wait(seq, _BEAT_SECONDS):
                await response.write(b": still here\n\n")

    def _is_for(self, entry: FeedEntry, user: str) -> bool:
        if entry.user is not None:
            return entry.user == user
        return entry.channel is None or self._core.workspace.can_see(user, entry.channel)

    def _data_for(self, entry: FeedEntry, user: str) -> JsonObject:
        if entry.kind != "channel" or entry.channel is None:
            return entry.data
        return {"channel": channel_json(self._core.workspace.channel(entry.channel), user)}
