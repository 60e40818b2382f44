"""The read-only JSON API at `/api/v1`: the same figures as everywhere, for other programs.

It speaks English whatever the desk speaks, knows no customer, and reads apart from the desk's work.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.queue_rows import at_risk
from bot.domain.desk import Desk
from bot.language import SOURCE, speaking
from bot.reports.metrics import METRICS
from bot.reports.question import Question
from bot.web.api_values import health_json, instant, metric_json, ticket_json
from bot.web.asked import at_risk_of, inboxes_of, nothing_asked, question_of
from bot.web.problems import HEADERS, Problem, Refused
from bot.web.tokens import AccessToken, Budget, bearer_of, source_of

A_MINUTE: Final = 60
"""Requests of one address. Figures of the past change slowly, and a report reads many rows."""

TRY_AGAIN_SECONDS: Final = 10
_UNREADABLE: Final = "The database cannot be read at the moment. Try again shortly."

Answer = Callable[[Request, Desk, datetime], Awaitable[Mapping[str, Any]]]


class ApiDoor:
    """`/api/v1/…`. Without a token there is no such door.

    `catch_up` brings what is measured up to date before a report reads it, and says whether it is.
    """

    def __init__(
        self,
        token: AccessToken | None,
        apart: ReadApart,
        desk: Callable[[], Desk],
        clock: Clock,
        catch_up: Callable[[], Awaitable[bool]],
        *,
        a_minute: int = A_MINUTE,
    ) -> None:
        self._token = token
        self._apart = apart
        self._desk = desk
        self._clock = clock
        self._catch_up = catch_up
        self._a_minute = a_minute
        self._budget = Budget(a_minute)

    def routes(self) -> Sequence[Route]:
        """Its addresses; none where no token is set."""
        if self._token is None:
            return ()
        answers: Mapping[str, Answer] = {
            "/report": self._report,
            "/tickets/at-risk": self._at_risk,
            "/health": self._health,
            "/definitions": self._definitions,
            "/openapi.json": self._openapi,
        }
        return [
            *(Route(f"/api/v1{path}", self._guarded(one)) for path, one in answers.items()),
            Route("/api/{path:path}", self._unknown),
        ]

    def _guarded(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            with speaking(SOURCE):
                try:
                    self._check(request)
                    body = await answer(request, self._desk(), self._clock.now())
                except Refused as exc:
                    return exc.problem.response()
                except (SQLAlchemyError, OSError, TimeoutError):
                    return _later(_UNREADABLE).response()
            return JSONResponse(body, headers=HEADERS)

        return endpoint

    async def _unknown(self, request: Request) -> Response:
        try:
            self._check(request)
        except Refused as exc:
            return exc.problem.response()
        detail = "There is nothing at this address. /api/v1/openapi.json lists what there is."
        return Problem(status=404, detail=detail).response()

    def _check(self, request: Request) -> None:
        """Whether this request may ask at all; those that may not are counted, too."""
        wait = self._budget.wait(source_of(request), self._clock.monotonic())
        if wait:
            detail = f"More than {self._a_minute} requests in a minute. Try again in {wait} s."
            headers = {"Retry-After": str(wait)}
            raise Refused(Problem(status=429, detail=detail, headers=headers))
        given = bearer_of(request)
        if given is not None and self._token is not None and self._token.opens_with(given):
            return
        raise Refused(
            Problem(
                status=401,
                detail="The header Authorization: Bearer … is missing, or its token is not the one "
                "in THREADLINE_API_TOKEN.",
                headers={"WWW-Authenticate": 'Bearer realm="threadline"'},
            )
        )

    async def _report(self, request: Request, desk: Desk, now: datetime) -> Mapping[str, Any]:
        question = question_of(request, desk, now)
        if not await self._catch_up():
            raise Refused(_later("Not every ticket is measured yet. Try again shortly."))
        return await self._apart.read(lambda conn: _report_json(conn, desk, question, now))

    async def _at_risk(self, request: Request, desk: Desk, now: datetime) -> Mapping[str, Any]:
        asked = at_risk_of(request, desk)
        rows, more = await self._apart.read(
            lambda conn: at_risk(conn, sorted(asked.inboxes), now, limit=asked.limit)
        )
        return {
            "made_at": instant(now),
            "tickets": [ticket_json(row, desk) for row in rows],
            "more": more,
        }

    async def _health(self, request: Request, desk: Desk, now: datetime) -> Mapping[str, Any]:
        inboxes = inboxes_of(request, desk)
        return await self._apart.read(lambda conn: _health_json(conn, desk, now, inboxes))

    async def _definitions(
        self, request: Request, _desk: Desk, _now: datetime
    ) -> Mapping[str, Any]:
        nothing_asked(request)
        return {"metrics": [metric_json(each) for each in METRICS]}

    async def _openapi(self, request: Request, _desk: Desk, _now: datetime) -> Mapping[str, Any]:
        nothing_asked(request)
        return openapi()


@cache
def openapi() -> Mapping[str, Any]:
    """The description of this API, as OpenAPI 3.1 has it."""
    text = files("bot.web").joinpath("openapi.json").read_text(encoding="utf-8")
    described: Mapping[str, Any] = json.loads(text)
    return described


def _report_json(
    conn: Connection, desk: Desk, question: Question, now: datetime
) -> Mapping[str, Any]:
    # Counting and its library are loaded when somebody asks, not at every start.
    from bot.reports.answering import answer  # noqa: PLC0415
    from bot.reports.files.tables import json_of  # noqa: PLC0415

    return json_of(answer(conn, desk, question, now))


def _health_json(
    conn: Connection, desk: Desk, now: datetime, inboxes: frozenset[str]
) -> Mapping[str, Any]:
    from bot.reports.health.lines import health  # noqa: PLC0415 - loaded when somebody asks

    found = health(conn, desk, now, inboxes)
    return {"made_at": instant(now), "lines": [health_json(each) for each in found]}


def _later(why: str) -> Problem:
    return Problem(status=503, detail=why, headers={"Retry-After": str(TRY_AGAIN_SECONDS)})
