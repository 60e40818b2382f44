"""Slack's requests by HTTP: proven, known once, then handed to whoever listens."""

from dataclasses import dataclass, field
from typing import Final

from slack_bolt.adapter.starlette.async_handler import (
    to_async_bolt_request,
    to_starlette_response,
)
from slack_bolt.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.clock import Clock
from bot.web.bodies import TooSlow, body_of
from bot.web.guard import Refusal, SlackGuard
from bot.web.slack_calls import SlackCalls
from bot.web.tokens import Budget, source_of

WRONG_A_MINUTE: Final = 60
"""Requests without Slack's signature that one address may send before it is not heard for a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackDoor:
    """`calls` are known to all processes of the desk; without them this one knows its own."""

    guard: SlackGuard
    slack: AsyncApp
    clock: Clock
    calls: SlackCalls | None = None
    wrong: Budget = field(default_factory=lambda: Budget(WRONG_A_MINUTE))

    async def endpoint(self, request: Request) -> Response:
        """Answer one request."""
        body = await self._taken(request)
        if isinstance(body, Refusal):
            return self._turn_away(body)
        try:
            call = to_async_bolt_request(request, body)
        except (ValueError, RecursionError):  # neither a form nor JSON that can be read
            return self._turn_away(Refusal.SENSELESS)
        return to_starlette_response(await self.slack.async_dispatch(call))

    async def _taken(self, request: Request) -> bytes | Refusal:
        """The body of a request that may be acted on."""
        source = source_of(request)
        if self.wrong.is_spent(source, self.clock.monotonic()):
            return Refusal.TOO_MANY
        try:
            body = await body_of(request)
        except TooSlow:
            return Refusal.TOO_SLOW
        signature = request.headers.get("x-slack-signature", "")
        refusal = self._refusal(request, body, signature)
        if body is None or refusal is not None:
            self.wrong.wait(source, self.clock.monotonic())
            return refusal or Refusal.TOO_LARGE
        known = None if self.calls is None else await self.calls.refuse(signature)
        return body if known is None else known

    def _refusal(self, request: Request, body: bytes | None, signature: str) -> Refusal | None:
        if body is None:
            return Refusal.TOO_LARGE
        at = request.headers.get("x-slack-request-timestamp", "")
        return self.guard.refuse(body, at, signature)

    def _turn_away(self, refusal: Refusal) -> Response:
        if self.calls is not None:
            self.calls.count(refusal)
        return PlainTextResponse(refusal.reason, status_code=refusal.status)
