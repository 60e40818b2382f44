"""A Slack that only listens: keeps every call the bot makes and every private answer it gives."""

import json
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from sandbox.slack.blocks import validate_blocks, validate_view


class LoopbackSlack:
    """Serves `/api/*` and response addresses on loopback; refuses blocks that Slack would refuse."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[dict[str, Any]] = []
        self.failing: dict[str, str] = {}
        self.says: dict[str, dict[str, Any]] = {}
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/api/{method}", self._api)
        app.router.add_get("/api/{method}", self._api)
        app.router.add_post("/response", self._response)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def of(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    async def _api(self, request: web.Request) -> web.Response:
        arguments = await _arguments(request)
        method = request.match_info["method"]
        self.calls.append((method, arguments))
        if method in self.failing:
            return web.json_response({"ok": False, "error": self.failing[method]})
        if "view" in arguments:
            assert validate_view(as_object(arguments["view"])) == []
        if "blocks" in arguments:
            assert validate_blocks(as_object(arguments["blocks"])) == []
        told = {"ok": True, "view": {"id": "V0OPENED1"}} | self.says.get(method, {})
        return web.json_response(told)

    async def _response(self, request: web.Request) -> web.Response:
        answer = await request.json()
        assert validate_blocks(answer["blocks"]) == []
        self.answers.append(answer)
        return web.Response(text="ok")


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Calls that read come as a query or a form, the others as JSON."""
    if request.content_type == "application/json":
        return dict(await request.json())
    return {**request.query, **await request.post()}


def as_object(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
