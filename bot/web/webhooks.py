"""The door for platforms: `/webhooks/{inbox}`. Proof first; what came is kept before it is thanked for.

A call is a hint and an accelerator: whatever is turned away here, the next poll finds. So this
door may refuse, but never lose: what it answers with success is committed.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import Clock
from bot.db.unit import Database
from bot.outbox.lanes import Rate, TokenBucket
from bot.outbox.traces import broke
from bot.usecases.webhooks import take_call
from bot.web.bodies import TooSlow, body_of
from bot.web.pages import page_to_embed
from bot.web.tokens import Budget, source_of
from connectors.capabilities import WebhookOutcome, WebhookRequest, Webhooks
from connectors.contract import RawItem
from connectors.errors import ConnectorError, Malformed, WebhookRefused

log = structlog.get_logger(__name__)

ANSWER_SECONDS: Final = 2.5
"""Real seconds until a platform gets an answer. TikTok Shop waits three, Meta and Shopify five."""

CALLS: Final = Rate(per_second=20.0, burst=200)
"""Calls one inbox takes. A busy shop's platform sends a few a second; what is turned away is polled."""

WRONG_A_MINUTE: Final = 60
"""Refused calls of one address, to all inboxes; then it is not heard for the rest of the minute."""

TRY_AGAIN_SECONDS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAnswer:
    """What the caller is told. `refused` answers count against whoever called."""

    status: int
    body: str = ""
    media_type: str = "text/plain"
    retry_after: int | None = None
    refused: bool = False


_UNKNOWN: Final = WebhookAnswer(status=404, body="not found")
_THROTTLED: Final = WebhookAnswer(status=429, body="too many calls", retry_after=1)
_TOO_LARGE: Final = WebhookAnswer(status=413, body="too large", refused=True)
_LATER: Final = WebhookAnswer(status=503, body="try again", retry_after=TRY_AGAIN_SECONDS)


class WebhookDoor:
    """Takes calls for the inboxes of `connectors`, by inbox name.

    `pushed_only` are those that nothing is polled from: what a proven call of theirs says is kept
    even where the connector cannot understand it. `counts` is by inbox and what became of a call.
    """

    def __init__(
        self,
        connectors: Mapping[str, Webhooks],
        db: Database,
        clock: Clock,
        *,
        pushed_only: frozenset[str] = frozenset(),
        calls: Rate = CALLS,
        wrong_a_minute: int = WRONG_A_MINUTE,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._connectors = connectors
        self._db = db
        self._clock = clock
        self._pushed_only = pushed_only
        self._answer_seconds = answer_seconds
        self._wrong = Budget(wrong_a_minute)
        self._buckets = {name: TokenBucket(calls, clock.monotonic()) for name in connectors}
        self.counts: Counter[tuple[str, str]] = Counter()

    def knows(self, inbox: str) -> bool:
        """Whether calls for this inbox are taken at all."""
        return inbox in self._connectors

    async def take(self, inbox: str, request: WebhookRequest) -> WebhookAnswer:
        """Prove, understand, keep, answer. Never raises for what a caller or a source may do."""
        connector = self._connectors.get(inbox)
        if connector is None:
            return _UNKNOWN
        if not self._has_room(inbox):
            return self._counted(inbox, "throttled", _THROTTLED)
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await self._taken(inbox, connector, request)
        except WebhookRefused as exc:
            log.warning("webhook.refused", inbox=inbox, reason=str(exc))
            answer = WebhookAnswer(status=exc.status, body="refused", refused=True)
            return self._counted(inbox, "refused", answer)
        except (ConnectorError, SQLAlchemyError, TimeoutError, OSError) as exc:
            log.warning("webhook.postponed", inbox=inbox, kind=type(exc).__name__)
            return self._counted(inbox, "postponed", _LATER)
        except Exception as exc:  # noqa: BLE001 - one broken connector must not close the door for others
            broke("webhook.broke", exc, inbox=inbox)
            return self._counted(inbox, "broke", _LATER)

    async def _taken(
        self, inbox: str, connector: Webhooks, request: WebhookRequest
    ) -> WebhookAnswer:
        try:
            outcome = await connector.parse_webhook(request)
        except Malformed as exc:
            log.warning("webhook.malformed", inbox=inbox, pointer=exc.pointer)
            outcome = self._not_understood(inbox, request)
        taken = await self._db.write(
            lambda tx: take_call(tx, inbox, outcome), now=self._clock.now(), urgent=True
        )
        answer = WebhookAnswer(
            status=outcome.status, body=outcome.body, media_type=outcome.media_type
        )
        return self._counted(inbox, "repeated" if taken.repeated else "taken", answer)

    def _not_understood(self, inbox: str, request: WebhookRequest) -> WebhookOutcome:
        """What a proven call means that the connector has no words for: look, or keep it whole."""
        if inbox not in self._pushed_only:
            return WebhookOutcome(poll=True)
        digest = hashlib.sha256(request.body).hexdigest()
        item = RawItem(
            source_id=f"call:{digest}", received_at=request.received_at, payload=request.body
        )
        return WebhookOutcome(items=(item,))

    def _has_room(self, inbox: str) -> bool:
        bucket, now = self._buckets[inbox], self._clock.monotonic()
        if bucket.wait(now) > 0:
            return False
        bucket.take(now)
        return True

    def _counted(self, inbox: str, what: str, answer: WebhookAnswer) -> WebhookAnswer:
        self.counts[inbox, what] += 1
        return answer

    async def endpoint(self, request: Request) -> Response:
        """The HTTP side of `take`: whoever was refused too often is not heard, and uses nothing up."""
        inbox = request.path_params["inbox"]
        if not self.knows(inbox):
            return _response(_UNKNOWN)
        source = source_of(request)
        if self._wrong.is_spent(source, self._clock.monotonic()):
            return _response(self._counted(inbox, "throttled", _THROTTLED))
        try:
            body = await body_of(request)
        except TooSlow:
            return _response(WebhookAnswer(status=408, body="too slow"))
        if body is None:
            answer = self._counted(inbox, "refused", _TOO_LARGE)
        else:
            answer = await self.take(inbox, self._call(request, body, source))
        if answer.refused:
            self._wrong.wait(source, self._clock.monotonic())
        return _response(answer)

    def _call(self, request: Request, body: bytes, source: str) -> WebhookRequest:
        headers = {name.lower(): value for name, value in request.headers.items()}
        # What a caller writes there itself is nobody's word.
        return WebhookRequest(
            method=request.method,
            path=request.url.path,
            headers={**headers, "x-forwarded-for": source},
            query=dict(request.query_params),
            body=body,
            received_at=self._clock.now(),
        )


def _response(answer: WebhookAnswer) -> Response:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    if answer.media_type == "text/html":
        headers |= page_to_embed()
    if answer.retry_after is not None:
        headers["Retry-After"] = str(answer.retry_after)
    return Response(
        answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers
    )
