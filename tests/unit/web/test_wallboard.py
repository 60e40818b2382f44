"""The wall: who may see it, and how a screen learns that something changed."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy.exc import OperationalError
from starlette.routing import Route
from typing_extensions import override

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.unit import Database
from bot.language import Language
from bot.web.tokens import AccessToken, access_token
from bot.web.wall_feed import WallFeed, WallNews, WallReader
from bot.web.wallboard import COOKIE, WRONG_A_MINUTE, WallboardDoor
from tests.builders import NOW, SHOP
from tests.wall_world import a_staffed_desk, fill
from tests.web_server import a_visitor

TOKEN = "right-token"


# --- who may see it -----------------------------------------------------------------------------


class Wall:
    """News that the test sets, and how often they were read."""

    def __init__(self) -> None:
        self.said = '{"tickets":[]}'
        self.reads = 0
        self.breaks = False

    async def read(self) -> WallNews:
        self.reads += 1
        if self.breaks:
            raise OperationalError("SELECT", {}, ValueError("gone"))
        return WallNews(state=self.said, at=NOW)


class HandClock(Clock):
    """A clock whose steady hand the test moves."""

    steady = 1000.0

    @override
    def now(self) -> datetime:
        return NOW

    @override
    def monotonic(self) -> float:
        return self.steady


def a_door(
    wall: Wall,
    token: AccessToken | None = None,
    *,
    clock: Clock | None = None,
    screens: int = 5,
) -> WallboardDoor:
    clock = clock or HandClock()
    desk = a_staffed_desk(language=Language.IT)
    feed = WallFeed(wall.read, clock, screens=screens)
    return WallboardDoor(token, feed, lambda: desk, clock, lambda: False)


def some_doors(wall: Wall | None = None, *, screens: int = 5) -> Sequence[Route]:
    return a_door(wall or Wall(), access_token(SecretStr(TOKEN)), screens=screens).routes()


async def test_its_script_is_read_by_old_televisions_and_holds_no_other_machine() -> None:
    async with a_visitor(some_doors()) as get:
        script = await get("/wallboard/board.js")
        style = await get("/wallboard/board.css")

    assert script.headers["Content-Type"].startswith("text/javascript")
    young = r"=>|`|\b(?:const|let|class|async|await|fetch|Promise)\b(?=[ (.])"
    code = re.sub(r"//.*", "", script.text)
    assert re.findall(young, code) == []
    assert re.findall(r"(?<!-)\b(?:gap|grid|var\()", re.sub(r"/\*.*?\*/", "", style.text)) == []
    assert "://" not in script.text + style.text


def test_without_a_token_there_is_no_wallboard() -> None:
    assert a_door(Wall(), access_token(None)).routes() == ()
    assert a_door(Wall(), access_token(SecretStr(""))).routes() == ()


async def test_the_token_leaves_the_address_for_a_cookie() -> None:
    async with a_visitor(some_doors()) as get:
        first = await get(f"/wallboard?token={TOKEN}")
        cookie = first.headers["Set-Cookie"].partition(";")[0]
        page = await get("/wallboard", cookie=cookie)

    assert (first.status, first.headers["Location"]) == (303, "wallboard")
    assert cookie.startswith(f"{COOKIE}=")
    assert TOKEN not in first.headers["Set-Cookie"]
    assert "HttpOnly" in first.headers["Set-Cookie"]
    assert "SameSite=strict" in first.headers["Set-Cookie"]
    assert page.status == 200
    assert '<html lang="it">' in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_whoever_follows_a_link_of_another_site_gets_there_too() -> None:
    """A strict cookie would not go along with a redirect that another site began."""
    async with a_visitor(some_doors()) as get:
        first = await get(f"/wallboard?token={TOKEN}", sec_fetch_site="cross-site")

    assert first.status == 200
    assert 'content="0;url=wallboard"' in first.text
    assert "Set-Cookie" in first.headers


async def test_nobody_sees_it_without_the_token() -> None:
    async with a_visitor(some_doors()) as get:
        refused = [
            await get(path + query, **headers)
            for path in ("/wallboard", "/wallboard/events", "/wallboard/state")
            for query, headers in (
                ("", {}),
                ("?token=", {}),
                ("?token=%ff%00", {}),
                ("", {"cookie": f"{COOKIE}={TOKEN}"}),
            )
        ]

    assert {each.status for each in refused} == {401}


async def test_an_address_that_guesses_is_not_heard_for_a_minute() -> None:
    clock = HandClock()
    token = access_token(SecretStr(TOKEN))
    async with a_visitor(a_door(Wall(), token, clock=clock).routes()) as get:
        for _ in range(WRONG_A_MINUTE):
            await get("/wallboard/state?token=wrong")
        early = await get(f"/wallboard/state?token={TOKEN}")
        clock.steady += 61
        later = await get(f"/wallboard/state?token={TOKEN}")

    assert (early.status, later.status) == (401, 200)


# --- how it learns ------------------------------------------------------------------------------


async def events(feed: WallFeed, count: int) -> list[str]:
    """The first events for one screen."""
    stream = feed.stream(lambda at: at.isoformat(), lambda: False)
    found = []
    async for said in stream:
        found.append(said)
        if len(found) == count:
            break
    await stream.aclose()
    return found


async def test_one_look_serves_every_screen() -> None:
    wall, clock = Wall(), HandClock()
    feed = WallFeed(wall.read, clock)

    first, second = await asyncio.gather(events(feed, 2), events(feed, 2))

    assert first == second
    assert "event: state\ndata: " in first[1]
    assert wall.reads == 1
    assert feed.watching == 0


async def test_what_changed_is_told_and_nothing_else() -> None:
    wall, clock = Wall(), HandClock()
    feed = WallFeed(wall.read, clock, every=0.001)
    told: list[str] = []

    async def watch() -> None:
        async for said in feed.stream(lambda at: "{}", lambda: False):
            told.append(said)  # noqa: PERF401 - read while it grows

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.05)
    assert len(told) == 2  # how soon to come again, and the wall
    clock.steady += 1
    wall.said = '{"tickets":[1]}'
    await asyncio.sleep(0.05)
    assert 'data: {"tickets":[1]}' in told[-1]
    clock.steady += 11
    await asyncio.sleep(0.05)
    assert told[-1] == "event: pulse\ndata: {}\n\n"
    wall.breaks = True
    clock.steady += 11
    await asyncio.sleep(0.05)
    assert told[-1] == ": wait\n\n"  # no news is not taken for news
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_a_screen_that_cannot_listen_may_ask_and_a_full_house_sends_it_there() -> None:
    wall = Wall()
    cookie = {"cookie": f"{COOKIE}={AccessToken(SecretStr(TOKEN)).mark('wallboard cookie')}"}
    async with a_visitor(some_doors(wall, screens=0)) as get:
        full = await get("/wallboard/events", **cookie)
        state = await get("/wallboard/state", **cookie)

    assert (full.status, full.headers["Retry-After"]) == (503, "30")
    assert state.json["state"] == {"tickets": []}
    assert state.json["pulse"]["time"] == "10:00"


async def test_a_database_that_is_gone_is_no_news() -> None:
    wall = Wall()
    wall.breaks = True
    async with a_visitor(some_doors(wall)) as get:
        state = await get(f"/wallboard/state?token={TOKEN}")

    assert state.status == 503


async def test_the_wall_is_read_beside_the_desks_own_work(db: Database, sqlite_url: str) -> None:
    desk = a_staffed_desk(language=Language.FR)
    await fill(db, desk, 3)
    clock = HandClock()
    reader = WallReader(ReadApart(sqlite_url), lambda: desk, clock)

    news = await reader.read()
    desk = replace(desk, inboxes={SHOP: desk.inboxes[SHOP]})
    clock.steady += 5
    soon = await reader.read()
    clock.steady += 60
    later = await reader.read()

    assert [each["word"] for each in json.loads(news.state)["tickets"]] == ["En retard"] * 3
    kept = [len(json.loads(each.state)["inboxes"]) for each in (news, soon, later)]
    assert kept == [2, 2, 1]  # shares over days are read once a minute


async def test_a_stream_ends_when_the_process_stops() -> None:
    stopping = asyncio.Event()
    feed = WallFeed(Wall().read, HandClock(), every=0.001)
    seen = [said async for said in _until(feed, stopping)]

    assert len(seen) == 2
    assert feed.watching == 0


async def _until(feed: WallFeed, stopping: asyncio.Event):
    async for said in feed.stream(lambda at: "{}", stopping.is_set):
        yield said
        if "state" in said:
            stopping.set()
