"""The live page for a screen on the wall: `/wallboard`, behind a token, kept up to date by itself."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.clock import Clock
from bot.domain.card import CardStage
from bot.domain.desk import Desk
from bot.language import speaking, spoken_now, tr, tr_as, tr_many
from bot.web.pages import plain_page, security_headers
from bot.web.tokens import AccessToken, Budget, source_of
from bot.web.wall_feed import WallFeed
from bot.web.wall_state import MARKS, pulse_of, stage_word

COOKIE: Final = "threadline_wallboard"
PURPOSE: Final = "wallboard cookie"
A_YEAR: Final = 365 * 24 * 3600
"""Seconds for which a screen need not show the token again."""

WRONG_A_MINUTE: Final = 10
"""Wrong tokens that one address may try."""

_MEDIA: Final = {"css": "text/css", "js": "text/javascript", "html": "text/html"}
_LONGEST_NAME: Final = 40


class WallboardDoor:
    """`/wallboard` and what its page loads. Without a token there is no such page."""

    def __init__(
        self,
        token: AccessToken | None,
        feed: WallFeed,
        desk: Callable[[], Desk],
        clock: Clock,
        stopping: Callable[[], bool],
    ) -> None:
        self._token = token
        self._feed = feed
        self._desk = desk
        self._clock = clock
        self._stopping = stopping
        self._wrong = Budget(WRONG_A_MINUTE)
        self._assets = {kind: _asset(kind) for kind in _MEDIA}
        self._version = hashlib.sha256("".join(self._assets.values()).encode()).hexdigest()[:12]

    def routes(self) -> Sequence[Route]:
        """Its addresses; none where no token is set."""
        if self._token is None:
            return ()
        return (
            Route("/wallboard", self.page),
            Route("/wallboard/events", self.events),
            Route("/wallboard/state", self.state),
            Route("/wallboard/board.css", self.style),
            Route("/wallboard/board.js", self.script),
        )

    async def page(self, request: Request) -> Response:
        """The page; a token in its address is put away first, so that no screen shows it."""
        with speaking(self._desk().language):
            given = request.query_params.get("token")
            if given is None:
                return self._page() if self._knows(request) else _refused()
            if not self._is_right(request, given):
                return _refused()
            return self._put_away(request)

    async def events(self, request: Request) -> Response:
        """Server-sent events: `state` and `pulse`."""
        if not self._may_read(request):
            return Response(status_code=401, headers=_quiet())
        if self._feed.is_full:
            return Response(status_code=503, headers={**_quiet(), "Retry-After": "30"})
        headers = {**_quiet(), "X-Accel-Buffering": "no"}
        stream = self._feed.stream(self._pulse, self._stopping)
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def state(self, request: Request) -> Response:
        """The same as one JSON object, for browsers that cannot listen."""
        if not self._may_read(request):
            return Response(status_code=401, headers=_quiet())
        news = await self._feed.news()
        if news is None:
            return Response(status_code=503, headers={**_quiet(), "Retry-After": "10"})
        body = f'{{"pulse":{self._pulse(news.at)},"state":{news.state}}}'
        return Response(body, media_type="application/json", headers=_quiet())

    async def style(self, _request: Request) -> Response:
        """How it looks."""
        return self._file("css")

    async def script(self, _request: Request) -> Response:
        """What it does."""
        return self._file("js")

    def _file(self, kind: str) -> Response:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Response(self._assets[kind], media_type=_MEDIA[kind], headers=headers)

    def _pulse(self, at: datetime) -> str:
        return pulse_of(at, self._desk(), speed=self._clock.speed, page=self._version)

    def _may_read(self, request: Request) -> bool:
        given = request.query_params.get("token")
        return self._knows(request) if given is None else self._is_right(request, given)

    def _knows(self, request: Request) -> bool:
        assert self._token is not None  # noqa: S101 - without one there are no routes
        return self._token.marked_with(request.cookies.get(COOKIE, ""), PURPOSE)

    def _is_right(self, request: Request, given: str) -> bool:
        """Whether it is the token. An address that tried too many is not heard for a minute."""
        source, now = source_of(request), self._clock.monotonic()
        if self._token is None or self._wrong.is_spent(source, now):
            return False
        if self._token.opens_with(given):
            return True
        self._wrong.wait(source, now)
        return False

    def _put_away(self, request: Request) -> Response:
        """From the address into a cookie, and on to the address without it.

        A browser that came by a link of another site would not send a strict cookie along with a
        redirect: there the page itself goes on.
        """
        assert self._token is not None  # noqa: S101 - without one there are no routes
        answer: Response
        if request.headers.get("sec-fetch-site", "none") in {"cross-site", "same-site"}:
            goes_on = '<meta http-equiv="refresh" content="0;url=wallboard">\n'
            answer = plain_page(tr("One moment"), tr("The wallboard opens."), head=goes_on)
        else:
            answer = Response(status_code=303, headers={**_quiet(), "Location": "wallboard"})
        answer.set_cookie(
            COOKIE,
            self._token.mark(PURPOSE),
            max_age=A_YEAR,
            path=None,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer

    def _page(self) -> Response:
        words = {key: escape(text) for key, text in _words(self._desk()).items()}
        page = Template(self._assets["html"]).substitute(words, version=self._version)
        return HTMLResponse(page, headers=security_headers())


def _words(desk: Desk) -> dict[str, str]:
    some = "{count}"
    return {
        "language": str(spoken_now()),
        "name": (desk.shop_name or "Threadline")[:_LONGEST_NAME],
        "title": tr("Wallboard"),
        "at_risk": tr("At risk"),
        "missed": tr_as("tickets", "Missed"),
        "unclaimed": tr_as("tickets", "Unclaimed"),
        "waiting": tr_as("tickets", "Waiting"),
        "deadlines": tr("Next deadlines"),
        "none": tr("No deadline is running."),
        "kept": tr("Kept in time"),
        "on_shift": tr("On shift"),
        "nobody_there": tr("Nobody is on shift"),
        "nobody": tr_as("owner", "nobody"),
        "few": tr("few cases"),
        "lost": tr("No news since {time}", time="{time}"),
        "loading": tr("Loading …"),
        "more_one": tr_many("and {count} more", "and {count} more", 1, count=some),
        "more_many": tr_many("and {count} more", "and {count} more", 2, count=some),
        "missed_word": stage_word(CardStage.MISSED),
        "missed_mark": MARKS[CardStage.MISSED],
        "no_script": tr("This page needs JavaScript."),
    }


def _refused() -> Response:
    return plain_page(
        tr("This page needs its token"),
        tr(
            "Open it once with the token in its address, as in {example}. "
            "Whoever set up Threadline knows the token.",
            example="/wallboard?token=…",
        ),
        status=401,
    )


def _quiet() -> dict[str, str]:
    return {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _asset(kind: str) -> str:
    return files("bot.web").joinpath(f"wallboard.{kind}").read_text(encoding="utf-8")
