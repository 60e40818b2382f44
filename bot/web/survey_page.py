"""The page behind the link below an answer: `/survey/<token>`. Whoever holds the link may answer once.

Only a press of a button counts: mail scanners open every link they see, so a GET changes nothing.
The token is all there is to prove: no cookie is set, so no other page can answer for anybody.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.links import BadLink
from bot.domain.survey import COMMENT_LIMIT, PURPOSE
from bot.usecases.survey import Explain, Rate, Standing, Survey, explain, rate, survey_of
from bot.web import survey_views
from bot.web.bodies import TooSlow, body_of
from bot.web.pages import security_headers
from bot.web.tokens import Budget, source_of

A_MINUTE: Final = 60
"""Requests of one address: a company's many customers may share one."""

BODY_LIMIT: Final = 16 * 1024
"""Bytes. A comment of the longest kind is 12,000 once each of its characters is encoded."""

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 4
_LONGEST_SCORE: Final = 2
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SurveyPageDoor:
    """Shows the question and counts the answer. Without a public address there are no links."""

    def __init__(self, database: Database, desk: Callable[[], Desk], clock: Clock) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock
        self._budget = Budget(A_MINUTE)

    def routes(self) -> Sequence[Route]:
        """Its address; none where the desk makes no links."""
        if self._desk().links is None:
            return ()
        return (Route("/survey/{token}", self.page, methods=["GET", "POST"]),)

    async def page(self, request: Request) -> Response:
        """The question, or what became of it."""
        desk = self._desk()
        wait = self._budget.wait(source_of(request), self._clock.monotonic())
        if wait:
            page = _shown(survey_views.later_page(desk.language, desk.shop_name), 429)
            page.headers["Retry-After"] = str(wait)
            return page
        try:
            found = await self._found(request.path_params["token"], desk)
            if isinstance(found, Response):
                return found
            if request.method == "POST":
                return await self._answered(request, desk, found)
        except (SQLAlchemyError, OSError, TimeoutError):
            return _shown(survey_views.later_page(desk.language, desk.shop_name), 503)
        return _as_it_stands(found, desk)

    async def _found(self, token: str, desk: Desk) -> Survey | Response:
        """The request behind a token, or the page that says why there is none."""
        unknown = _shown(survey_views.unknown_page(desk.language, desk.shop_name), 404)
        if desk.links is None:
            return unknown
        try:
            claims = desk.links.read(PURPOSE, token, _LONG_AGO)
        except BadLink:
            return unknown
        now = self._clock.now()
        found = await self._database.read(lambda conn: survey_of(conn, desk, claims, now))
        return found or unknown

    async def _answered(self, request: Request, desk: Desk, survey: Survey) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
        try:
            body = await body_of(request, BODY_LIMIT) if kind == _FORM else None
        except TooSlow:
            return _not_counted(survey, desk, 408)
        if body is None:
            return _not_counted(survey, desk, 415 if kind != _FORM else 413)
        fields = _fields(body)
        if "comment" in fields:
            return await self._explained(desk, survey, fields["comment"])
        return await self._rated(request, desk, survey, fields.get("score", ""))

    async def _rated(self, request: Request, desk: Desk, survey: Survey, text: str) -> Response:
        if survey.standing is not Standing.OPEN:
            return _not_counted(survey, desk)
        score = _score(text)
        if score not in survey.kind.scores:
            return _not_counted(survey, desk)
        command = Rate(feedback_id=survey.id, score=score)
        now = self._clock.now()
        counted = await self._database.write(
            lambda tx: rate(tx, desk, command), now=now, urgent=True
        )
        if counted:
            # Loading the page again is then no second answer. The address is its own, as it came
            # in: a web server in front may have put something before it.
            token = request.path_params["token"]
            headers = security_headers(style="'none'", script="'none'")
            return RedirectResponse(token, status_code=303, headers=headers)
        found = await self._found(request.path_params["token"], desk)
        return found if isinstance(found, Response) else _not_counted(found, desk)

    async def _explained(self, desk: Desk, survey: Survey, typed: str) -> Response:
        words = typed.replace("\r\n", "\n").strip()
        if not survey.may_explain:
            return _not_counted(survey, desk)
        if len(words) > COMMENT_LIMIT:
            page = survey_views.thanks_page(survey, desk.shop_name, typed=words)
            return _shown(page, 400)
        if words:
            command = Explain(feedback_id=survey.id, words=words)
            now = self._clock.now()
            await self._database.write(lambda tx: explain(tx, desk, command), now=now, urgent=True)
        return _shown(survey_views.heard_page(survey, desk.shop_name))


def _as_it_stands(survey: Survey, desk: Desk) -> Response:
    match survey.standing:
        case Standing.OPEN:
            return _shown(survey_views.question_page(survey, desk.shop_name))
        case Standing.ANSWERED:
            return _shown(survey_views.thanks_page(survey, desk.shop_name))
        case Standing.OVER:
            return _not_counted(survey, desk)


def _not_counted(survey: Survey, desk: Desk, status: int = 400) -> Response:
    """Why nothing was counted; `status` is of what was sent for a question that is still open."""
    match survey.standing:
        case Standing.ANSWERED:
            return _shown(survey_views.already_page(survey, desk.shop_name), 409)
        case Standing.OVER:
            return _shown(survey_views.over_page(survey.language, desk.shop_name), 410)
        case Standing.OPEN:
            page = survey_views.question_page(survey, desk.shop_name, wrong=True)
            return _shown(page, status)


def _fields(body: bytes) -> Mapping[str, str]:
    """The first value of each field of a form; none where it is no form."""
    try:
        given = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in given.items()}


def _score(text: str) -> int:
    """A score as a button sends it, or one that nobody can give."""
    whole = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_SCORE
    return int(text) if whole else -1


def _shown(page: str, status: int = 200) -> Response:
    headers = security_headers(style="'unsafe-inline'", script="'none'", form="'self'")
    return HTMLResponse(page, status_code=status, headers=headers)
