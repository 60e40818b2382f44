"""The JSON that tests and the demo drive the sandbox with. Errors are answered as in ui.py.

`POST /control/acts/ACT` acts as a person: the same acts, bodies and answers as `/ui/acts/ACT`.

`GET /control/log?method=M&after=SEQ` → `{"calls": [Call], "seq"}`: the Web API calls the app made, oldest first::

    Call = {"seq", "method", "args", "ok", "error", "status", "result", "at", "seconds", "fault"}

`GET /control/feed?user=U…&after=SEQ&wait=SECONDS` → `{"entries": [{"seq", "kind", "data", "channel"}], "seq"}`: what this
person saw happen (kinds as in ui.py); waits up to `wait` real seconds for something newer than `after`.

`GET /control/sockets` → `{"connections": [{"number", "silent", "delivered"}], "lost_events": [callback]}`.
`POST /control/sockets` `{"action": "drop" | "silence" | "reconnect"}` → `{"count"}`, or `{"action": "duplicate", "times": 1}`:
the next acknowledged envelopes are sent a second time.

`POST /control/faults` `{"method", "kind", "times"?, "retry_after"?, "seconds"?, "code"?}`: what the next calls of `method` (`*`: any)
end in; kinds: ratelimited, server_error, server_error_after, error, timeout_before, timeout_after, cut_before, cut_after
(`_after`: done, but not answered); and no_charts: blocks with charts and tables are refused. `DELETE /control/faults` disarms all.

`POST /control/token` `{"error": "token_revoked" | "account_inactive" | "invalid_auth" | null}`: what the bot token is answered with;
the app gets the event `tokens_revoked` when it is revoked.

`POST /control/channels` `{"name", "is_private"?, "members"?: ["anna"], "topic"?}` → `{"channel": Channel}`: a new channel.
`POST /control/channels/CHANNEL` `{"archived"?: bool, "add"?: name, "remove"?: name, "rename"?: name}` → `{"channel": Channel}`.

`POST /control/users` `{"name": "Full Name", "email"?, "tz"?, "locale"?, "is_restricted"?}` → `{"user": User}`: somebody new.
`POST /control/users/NAME` `{"deleted"?: bool, "is_restricted"?: bool, "tz"?, "locale"?, "email"?}` → `{"user": User}`.
`POST /control/usergroups/HANDLE` `{"users": ["anna", …], "disabled"?: bool}` → `{"usergroup"}`; made when new.

`POST /control/manifest` with a manifest: the app's new manifest. `POST /control/limits` `{"enabled": bool}`: rate limits on or off.
"""

from dataclasses import replace

from aiohttp import web

from sandbox.slack.acts import Acts
from sandbox.slack.admin import Admin
from sandbox.slack.core import Core
from sandbox.slack.faults import read_fault
from sandbox.slack.manifest import read_manifest
from sandbox.slack.model import JsonObject
from sandbox.slack.shapes import channel_json, user_json
from sandbox.slack.ui import answered, read_object

_LONGEST_WAIT = 30.0


class ControlApi:
    """The `/control/*` routes."""

    def __init__(self, core: Core, acts: Acts) -> None:
        self._core = core
        self._acts = acts
        self._admin = Admin(core)

    def routes(self) -> list[web.AbstractRouteDef]:
        """Everything a test needs."""
        return [
            web.post("/control/acts/{act}", answered(self._act)),
            web.get("/control/log", answered(self._log)),
            web.get("/control/feed", answered(self._feed)),
            web.get("/control/sockets", answered(self._sockets)),
            web.post("/control/sockets", answered(self._disturb_sockets)),
            web.post("/control/faults", answered(self._arm)),
            web.delete("/control/faults", answered(self._disarm)),
            web.post("/control/token", answered(self._token)),
            web.post("/control/channels", answered(self._new_channel)),
            web.post("/control/channels/{channel}", answered(self._channel)),
            web.post("/control/users", answered(self._new_user)),
            web.post("/control/users/{user}", answered(self._user)),
            web.post("/control/usergroups/{handle}", answered(self._group)),
            web.post("/control/manifest", answered(self._manifest)),
            web.post("/control/limits", answered(self._limits)),
        ]

    async def _act(self, request: web.Request) -> web.StreamResponse:
        body = await read_object(request)
        return _fine(await self._acts.run(request.match_info["act"], body))

    async def _log(self, request: web.Request) -> web.StreamResponse:
        method = request.query.get("method")
        after = int(request.query.get("after", "0"))
        calls = [
            record.to_json()
            for record in self._core.calls
            if record.seq > after and method in {None, record.method}
        ]
        return _fine({"calls": calls, "seq": self._core.call_count})

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        user = self._core.workspace.user(request.query.get("user", "")).id
        after = int(request.query.get("after", self._core.feed.seq))
        wait = min(float(request.query.get("wait", "0")), _LONGEST_WAIT)
        if wait > 0:
            await self._core.feed.wait(after, wait)
        entries = [
            {"seq": e.seq, "kind": e.kind, "data": e.data, "channel": e.channel}
            for e in self._core.feed.after(after)
            if e.user == user
            or (
                e.user is None
                and (e.channel is None or self._core.workspace.can_see(user, e.channel))
            )
        ]
        return _fine({"entries": entries, "seq": self._core.feed.seq})

    async def _sockets(self, _request: web.Request) -> web.StreamResponse:
        connections = [
            {"number": c.number, "silent": c.silent, "delivered": c.delivered}
            for c in self._core.hub.connections
        ]
        return _fine({"connections": connections, "lost_events": self._core.link.lost_events})

    async def _disturb_sockets(self, request: web.Request) -> web.StreamResponse:
        body = await read_object(request)
        hub = self._core.hub
        match body.get("action"):
            case "drop":
                return _fine({"count": await hub.drop()})
            case "silence":
                return _fine({"count": hub.silence()})
            case "reconnect":
                return _fine({"count": await hub.ask_to_reconnect()})
            case "duplicate":
                times = int(body.get("times", 1))
                hub.duplicate_next(times)
                return _fine({"count": times})
            case _:
                raise ValueError("action must be drop, silence, reconnect or duplicate")

    async def _arm(self, request: web.Request) -> web.StreamResponse:
        self._core.faults.add(read_fault(await read_object(request)))
        return _fine({})

    async def _disarm(self, _request: web.Request) -> web.StreamResponse:
        self._core.faults.clear()
        return _fine({})

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self._admin.set_token_error((await read_object(request)).get("error"))
        return _fine({})

    async def _new_channel(self, request: web.Request) -> web.StreamResponse:
        channel = self._admin.new_channel(await read_object(request))
        return _fine({"channel": channel_json(channel)})

    async def _channel(self, request: web.Request) -> web.StreamResponse:
        channel = self._core.workspace.channel_named(request.match_info["channel"])
        self._admin.change_channel(channel, await read_object(request))
        return _fine({"channel": channel_json(channel)})

    async def _new_user(self, request: web.Request) -> web.StreamResponse:
        return _fine({"user": user_json(self._admin.new_user(await read_object(request)))})

    async def _user(self, request: web.Request) -> web.StreamResponse:
        user = self._core.workspace.user_named(request.match_info["user"])
        self._admin.change_user(user, await read_object(request))
        return _fine({"user": user_json(user)})

    async def _group(self, request: web.Request) -> web.StreamResponse:
        handle = request.match_info["handle"].removeprefix("@")
        group = self._admin.put_group(handle, await read_object(request))
        return _fine({"usergroup": {"id": group.id, "handle": handle, "users": group.users}})

    async def _manifest(self, request: web.Request) -> web.StreamResponse:
        self._core.app.manifest = read_manifest(await read_object(request))
        return _fine({})

    async def _limits(self, request: web.Request) -> web.StreamResponse:
        enabled = bool((await read_object(request))["enabled"])
        self._core.limits.settings = replace(self._core.limits.settings, enabled=enabled)
        return _fine({})


def _fine(body: JsonObject) -> web.StreamResponse:
    return web.json_response({"ok": True, **body})
