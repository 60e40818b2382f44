"""The Web API: authentication, scopes, limits, faults and the log around every method."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack.arguments import Arguments, read_arguments
from sandbox.slack.core import CallRecord, Core
from sandbox.slack.errors import COMMON_ERRORS, ApiError, RateLimited
from sandbox.slack.faults import Fault, FaultKind
from sandbox.slack.methods.registry import Call, Method, need_scope
from sandbox.slack.methods.table import METHODS
from sandbox.slack.model import JsonObject

_TOKEN_PREFIXES = {"bot": "xoxb-", "app": "xapp-"}
_NOTHING_DONE = {
    FaultKind.RATELIMITED,
    FaultKind.SERVER_ERROR,
    FaultKind.ERROR,
    FaultKind.TIMEOUT_BEFORE,
    FaultKind.CUT_BEFORE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    status: int
    body: JsonObject
    headers: Mapping[str, str]


def _too_many(seconds: int) -> _Reply:
    return _Reply(
        status=429,
        body={"ok": False, "error": "ratelimited"},
        headers={"Retry-After": str(seconds)},
    )


class WebApi:
    """`/api/METHOD`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name = request.match_info["method"]
        began = time.monotonic()
        fault = self._core.faults.take(name)
        values: dict[str, Any] = {}
        try:
            values = await read_arguments(request)
            token = self._token(request, values)
            if self._core.timing.answer_seconds:
                await asyncio.sleep(self._core.timing.answer_seconds)
            reply = self._answer(name, token, values, fault)
        except ApiError as error:
            reply = _Reply(status=200, body=error.body(), headers={})
        self._record(name, values, reply, began, fault)
        return await self._send(request, reply, fault)

    def _token(self, request: web.Request, values: dict[str, Any]) -> str:
        header = request.headers.get("Authorization", "")
        in_body = str(values.pop("token", ""))
        return header.removeprefix("Bearer ").strip() or in_body

    def _answer(
        self, name: str, token: str, values: Mapping[str, Any], fault: Fault | None
    ) -> _Reply:
        if fault is not None and fault.kind in _NOTHING_DONE:
            return self._faulty(fault)
        method = METHODS.get(name)
        if method is None:
            raise ApiError("unknown_method", extra={"req_method": name})
        if self._core.faults.refuses(values.get("blocks")):
            return _Reply(status=200, body={"ok": False, "error": "invalid_blocks"}, headers={})
        try:
            self._authorize(method, token)
            self._core.limits.take_method(name, method.tier)
            body = method.run(Call(core=self._core, args=Arguments(values)))
        except RateLimited as limited:
            return _too_many(limited.seconds)
        except ApiError as error:
            self._must_be_documented(method, error)
            return _Reply(status=200, body=error.body(), headers=self._scopes(method))
        return _Reply(status=200, body={"ok": True, **body}, headers=self._scopes(method))

    def _faulty(self, fault: Fault) -> _Reply:
        if fault.kind is FaultKind.RATELIMITED:
            return _too_many(fault.retry_after)
        if fault.kind is FaultKind.ERROR:
            return _Reply(status=200, body={"ok": False, "error": fault.code}, headers={})
        return _Reply(status=500, body={"ok": False, "error": "fault"}, headers={})

    def _authorize(self, method: Method, token: str) -> None:
        app = self._core.app
        if method.caller == "anybody":
            return
        if not token:
            raise ApiError("not_authed")
        if not token.startswith(_TOKEN_PREFIXES[method.caller]):
            known = token in {app.bot_token, app.app_token}
            raise ApiError("not_allowed_token_type" if known else "invalid_auth")
        if token != (app.bot_token if method.caller == "bot" else app.app_token):
            raise ApiError("invalid_auth")
        if method.caller == "bot":
            if app.token_error is not None:
                raise ApiError(app.token_error)
            need_scope(self._core, method.scopes)

    @staticmethod
    def _must_be_documented(method: Method, error: ApiError) -> None:
        if error.code not in method.errors | COMMON_ERRORS:
            raise AssertionError(f"{method.name} does not document {error.code}") from error

    def _scopes(self, method: Method) -> dict[str, str]:
        headers = {"x-oauth-scopes": ",".join(sorted(self._core.granted))}
        if method.scopes:
            headers["x-accepted-oauth-scopes"] = ",".join(sorted(method.scopes))
        return headers

    def _record(
        self,
        name: str,
        values: Mapping[str, Any],
        reply: _Reply,
        began: float,
        fault: Fault | None,
    ) -> None:
        self._core.call_count += 1
        self._core.calls.append(
            CallRecord(
                seq=self._core.call_count,
                method=name,
                args=dict(values),
                ok=bool(reply.body.get("ok")),
                error=reply.body.get("error"),
                status=reply.status,
                result=reply.body,
                at=self._core.clock.now().timestamp(),
                seconds=time.monotonic() - began,
                fault=str(fault.kind) if fault else None,
            )
        )

    async def _send(
        self, request: web.Request, reply: _Reply, fault: Fault | None
    ) -> web.StreamResponse:
        kind = fault.kind if fault else None
        if fault is not None and kind in {FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER}:
            await self._hang(request, fault.seconds)
        if kind in {FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER} and request.transport is not None:
            request.transport.abort()
        if kind in {FaultKind.SERVER_ERROR, FaultKind.SERVER_ERROR_AFTER}:
            return web.Response(status=500, text="<html>Something went wrong</html>")
        return web.json_response(reply.body, status=reply.status, headers=reply.headers)

    async def _hang(self, request: web.Request, seconds: float) -> None:
        """Say nothing until the client gives up or the time is over, then cut the line."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and request.transport is not None:
            if request.transport.is_closing():
                return
            await asyncio.sleep(0.05)
        if request.transport is not None:
            request.transport.abort()
