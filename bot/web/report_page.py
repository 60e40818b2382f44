"""The page behind a link to a report: `/report/<token>`. Whoever holds the link may read it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.domain.desk import Desk
from bot.domain.links import BadLink, Claims, Links
from bot.language import speaking, tr
from bot.reports.question import Question
from bot.usecases.report_links import PURPOSE, language_in, question_in
from bot.web.pages import plain_page, security_headers
from bot.web.tokens import Budget, source_of

A_MINUTE: Final = 30
"""Pages for one address: each counts a whole report."""

KEPT: Final = 8
KEPT_SECONDS: Final = 60.0
"""So many pages are kept for so long, in real seconds: people who get a link look at once."""

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ReportPageDoor:
    """`/report/<token>`. Without a public address there are no links, and no such page.

    `catch_up` brings what is measured up to date first, and says whether it is.
    """

    def __init__(
        self,
        apart: ReadApart,
        desk: Callable[[], Desk],
        clock: Clock,
        catch_up: Callable[[], Awaitable[bool]],
    ) -> None:
        self._apart = apart
        self._desk = desk
        self._clock = clock
        self._catch_up = catch_up
        self._budget = Budget(A_MINUTE)
        self._pages: dict[str, tuple[float, str]] = {}

    def routes(self) -> Sequence[Route]:
        """Its address; none where the desk makes no links."""
        if self._desk().links is None:
            return ()
        return (Route("/report/{token}", self.page),)

    async def page(self, request: Request) -> Response:
        """The report that the link asks for, counted now."""
        desk = self._desk()
        with speaking(desk.language):
            wait = self._budget.wait(source_of(request), self._clock.monotonic())
            if wait:
                page = plain_page(
                    tr("Too many reports at once"), tr("Try again in a minute."), status=429
                )
                page.headers["Retry-After"] = str(wait)
                return page
            token = request.path_params["token"]
            read = _read(desk.links, token, self._clock.now())
            if isinstance(read, Response):
                return read
            with speaking(language_in(read)):
                return await self._report(token, read)

    async def _report(self, token: str, claims: Claims) -> Response:
        desk, now = self._desk(), self._clock.now()
        question = question_in(claims, desk)
        try:
            page = self._kept(token)
            if page is None:
                if not await self._catch_up():
                    return _later()
                page = await self._apart.read(lambda conn: _drawn(conn, desk, question, now))
                self._keep(token, page)
        except (SQLAlchemyError, OSError, TimeoutError):
            return _later()
        headers = security_headers(style="'unsafe-inline'", script="'none'")
        return HTMLResponse(page, headers=headers)

    def _kept(self, token: str) -> str | None:
        until, page = self._pages.get(token, (0.0, ""))
        return page if self._clock.monotonic() < until else None

    def _keep(self, token: str, page: str) -> None:
        self._pages[token] = self._clock.monotonic() + KEPT_SECONDS, page
        while len(self._pages) > KEPT:
            del self._pages[next(iter(self._pages))]


def _drawn(conn: Connection, desk: Desk, question: Question, now: datetime) -> str:
    # Drawing and counting are loaded when somebody looks, not at every start.
    from bot.reports.advice import advise  # noqa: PLC0415
    from bot.reports.answering import answer  # noqa: PLC0415
    from bot.reports.health.lines import health  # noqa: PLC0415
    from bot.reports.page.document import html  # noqa: PLC0415

    report = answer(conn, desk, question, now)
    people = {one.slack_id: one.name for one in desk.roster.agents.values()}
    return html(
        report,
        health=health(conn, desk, now, question.inboxes),
        advice=advise(conn, desk, report, now),
        people=people if question.names_people else None,
        desk=desk.shop_name,
    )


def _later() -> Response:
    title = tr("The report cannot be made at the moment")
    return plain_page(title, tr("Try again in a minute."), status=503)


def _read(links: Links | None, token: str, now: datetime) -> Claims | Response:
    """What a link says, or the page that says why it is no good any more, or never was."""
    if links is None:
        return plain_page(tr("There is no such page"), "", status=404)
    try:
        return links.read(PURPOSE, token, now)
    except BadLink as exc:
        if _was_good(links, token):
            return plain_page(tr("This report is no longer served"), str(exc), status=410)
        return plain_page(tr("There is no such report"), str(exc), status=404)


def _was_good(links: Links, token: str) -> bool:
    """Whether the link is one of ours that is merely over."""
    try:
        links.read(PURPOSE, token, LONG_AGO)
    except BadLink:
        return False
    return True
