"""A language model's provider on loopback, as an OpenAI-compatible server speaks; it says what it is told to.

With `obeys` it does the worst a customer could talk a model into.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self

from aiohttp import web

HOST: Final = "127.0.0.1"
Say = Callable[[Mapping[str, Any]], str]
"""What the model writes to a request."""

PAGE: Final = "<html><body><h1>502 Bad Gateway</h1></body></html>"


class FakeLanguageModel:
    """`say` writes the answer; `fault` spoils it: see `FAULTS`. `asked` are the requests as they came."""

    FAULTS: Final = (
        "busy", "broken", "unauthorised", "unknown_model", "html", "not_json", "no_choices", "empty",
        "wrong_shape", "huge", "cut_off", "slow", "hang_up", "redirect",
    )  # fmt: skip

    def __init__(self, say: Say | str = "Hello", *, token: str = "") -> None:
        self.say: Say = (lambda _request: say) if isinstance(say, str) else say
        self.token = token
        self.fault = ""
        self.streams = False
        self.counts = True
        self.models: Sequence[str] | None = ("tiny-1",)
        self.asked: list[Mapping[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._go_on = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{HOST}:{port}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._go_on.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def last_words(self) -> str:
        """Everything of the last request that a model would read."""
        return "\n".join(str(one["content"]) for one in self.asked[-1]["messages"])

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return _refusal(401, "Incorrect API key")
        if self.models is None:
            return _refusal(404, "Not found")
        return web.json_response({"object": "list", "data": [{"id": one} for one in self.models]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.asked.append(asked)
        self.headers.append(dict(request.headers))
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return _refusal(401, f"Incorrect API key: {request.headers.get('Authorization')}")
        if self.fault:
            return await self._spoilt(request)
        return self._answer(self.say(asked))

    def _answer(self, text: str, reason: str = "stop") -> web.Response:
        if self.streams:
            return _stream(text)
        told: dict[str, Any] = {
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": reason,
                }
            ],
        }
        if self.counts:
            told["usage"] = {"prompt_tokens": 100, "completion_tokens": 23, "total_tokens": 123}
        return web.json_response(told)

    async def _spoilt(self, request: web.Request) -> web.StreamResponse:
        if self.fault == "slow":
            await self._go_on.wait()
        if self.fault == "hang_up" and request.transport is not None:
            request.transport.close()
        answers: Mapping[str, Callable[[], web.Response]] = {
            "busy": lambda: _refusal(429, "Rate limit reached", {"Retry-After": "90"}),
            "broken": lambda: _refusal(500, "The server had an error"),
            "unauthorised": lambda: _refusal(401, "Incorrect API key provided"),
            "unknown_model": lambda: _refusal(404, "The model does not exist"),
            "html": lambda: web.Response(text=PAGE, content_type="text/html"),
            "not_json": lambda: web.Response(text='{"choices": [', content_type="application/json"),
            "no_choices": lambda: web.json_response({"choices": []}),
            "empty": lambda: self._answer("   \n"),
            "wrong_shape": lambda: web.json_response([{"text": "Hello"}]),
            "huge": lambda: self._answer("Hello " * 200_000),
            "cut_off": lambda: self._answer("Hello, we are", reason="length"),
            "redirect": lambda: web.Response(status=302, headers={"Location": "/elsewhere"}),
        }
        return answers.get(self.fault, lambda: web.Response(status=500))()


def _refusal(status: int, said: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": said}}, status=status, headers=headers)


def _stream(text: str) -> web.Response:
    pieces = [text[at : at + 7] for at in range(0, len(text), 7)]
    lines = [f"data: {json.dumps({'choices': [{'delta': {'content': each}}]})}" for each in pieces]
    lines += ['data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}', "data: [DONE]"]
    return web.Response(text="\n\n".join(lines), content_type="text/event-stream")
