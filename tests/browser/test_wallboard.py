"""The wall in a real browser, with five hundred tickets: on a television, on a phone, cut off."""

import json
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from starlette.routing import Route

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.language import Language
from bot.web.tokens import access_token
from bot.web.wall_feed import WallFeed, WallReader
from bot.web.wallboard import WallboardDoor
from tests.browser.chromium import Page, browser_page, find_chromium
from tests.builders import NOW, hours
from tests.wall_world import FIRST, a_staffed_desk, a_wait_row, fill, inbox_ids, keep_waits
from tests.web_server import an_address

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium on this machine"),
]

TICKETS = 500
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DOWNWARDS = "document.documentElement.scrollHeight - document.documentElement.clientHeight"
ROWS = "document.querySelectorAll('#tickets li').length"
STALE = "document.body.className === 'stale'"


class Wall:
    """A wall of five hundred tickets, whose server can go away and come back at its address."""

    def __init__(self) -> None:
        self.url = ""
        self.is_closing = False

    @asynccontextmanager
    async def open(self, routes: Sequence[Route]) -> AsyncIterator[None]:
        port = int(self.url.rpartition(":")[2] or 0)
        self.is_closing = False
        async with an_address(routes, port=port) as url:
            self.url = url
            yield
            self.is_closing = True


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, wall: Wall
) -> AsyncIterator[Sequence[Route]]:
    file = tmp_path_factory.mktemp("wall") / "threadline.db"
    shutil.copy(sqlite_template, file)
    db, clock = Database(create_engine(f"sqlite:///{file}")), Clock(start=NOW)
    desk = a_staffed_desk(language=Language.IT, shop_name="Rossi Casa")
    await fill(db, desk, TICKETS)
    amazon, _ = await db.read(inbox_ids)
    began = NOW - hours(30)
    await keep_waits(
        db,
        [
            a_wait_row(number, amazon, began, end="answered", ended_at=began + hours(taken))
            for number, taken in enumerate([2] * 24 + [25])
        ],
    )
    reader = WallReader(ReadApart(f"sqlite:///{file}"), lambda: desk, clock)
    feed, token = WallFeed(reader.read, clock), access_token(SecretStr("open"))
    yield WallboardDoor(token, feed, lambda: desk, clock, lambda: wall.is_closing).routes()
    await db.close()


@pytest.fixture(scope="module")
def wall() -> Wall:
    return Wall()


@pytest_asyncio.fixture(loop_scope="module")
async def there(wall: Wall, doors: Sequence[Route]) -> AsyncIterator[None]:
    """Its server, for as long as a test runs."""
    async with wall.open(doors):
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Page]:
    async with browser_page() as page:
        yield page


async def visit(page: Page, wall: Wall, *, width: int, height: int, scheme: str = "dark") -> None:
    """Open the wall with its token, and wait for its tickets."""
    page.errors.clear()
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    await page.call("Emulation.setEmulatedMedia", features=features)
    await page.open(f"{wall.url}/wallboard?token=open", width=width, height=height)
    await page.until(f"{ROWS} > 0")


async def words(page: Page, selector: str) -> str:
    return str(await page.run(f"document.querySelector({json.dumps(selector)}).innerText"))


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [(1920, 1080, "dark"), pytest.param(1280, 720, "light", marks=pytest.mark.slow)],
)
async def test_a_television_shows_what_fits_and_counts_the_rest(
    browser: Page, wall: Wall, width: int, height: int, scheme: str
) -> None:
    await visit(browser, wall, width=width, height=height, scheme=scheme)
    shown = await browser.run(ROWS)
    more = await words(browser, "#more")

    assert await browser.run("location.search") == ""
    assert await browser.run(SIDEWAYS) == 0
    assert await browser.run(DOWNWARDS) == 0
    assert 8 <= shown < TICKETS
    assert str(TICKETS - shown) in more
    assert f"#{FIRST + 31}" in await words(browser, "#tickets li")
    # Letters of a hundredth of the screen's height are legible from five metres.
    size = "parseFloat(getComputedStyle(document.querySelector('#tickets .left')).fontSize)"
    assert await browser.run(size) >= height * 0.035
    cut = "[...document.querySelectorAll('#tickets .left, #tickets .number, #tickets .stage')]"
    assert await browser.run(f"{cut}.every((one) => one.scrollWidth <= one.clientWidth)")
    assert browser.errors == []


@pytest.mark.usefixtures("there")
async def test_the_countdown_ticks_and_tells_more_than_a_colour(browser: Page, wall: Wall) -> None:
    await visit(browser, wall, width=1920, height=1080)
    first = await words(browser, "#tickets .left")
    await browser.until(
        f"document.querySelector('#tickets .left').innerText !== {json.dumps(first)}"
    )

    assert await words(browser, "#tickets .mark") == "▲"
    assert await words(browser, "#tickets .word")
    assert "Anna" in await words(browser, "#people")
    assert "96" in await words(browser, "#inboxes .share")


@pytest.mark.usefixtures("there")
async def test_a_phone_shows_it_without_scrolling_sideways(browser: Page, wall: Wall) -> None:
    await visit(browser, wall, width=375, height=800)

    assert await browser.run(SIDEWAYS) == 0
    assert await browser.run(ROWS) == 20
    assert "480" in await words(browser, "#more")


@pytest.mark.usefixtures("there")
async def test_a_browser_that_cannot_listen_asks(browser: Page, wall: Wall) -> None:
    await browser.call("Page.enable")
    deaf = await browser.call(
        "Page.addScriptToEvaluateOnNewDocument", source="delete window.EventSource"
    )
    await visit(browser, wall, width=1280, height=720)
    assert await browser.run("window.EventSource === undefined")
    await browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=deaf["identifier"])


async def test_a_lost_connection_is_said_and_mends_by_itself(
    browser: Page, wall: Wall, doors: Sequence[Route]
) -> None:
    async with wall.open(doors):
        await visit(browser, wall, width=1280, height=720)
        assert not await browser.run(STALE)
    half_a_minute_later = (
        "(function (now) { performance.now = function () { return now() + 30000; }; })"
        "(performance.now.bind(performance))"
    )
    await browser.run(half_a_minute_later)
    await browser.until(STALE)
    assert "10:0" in await words(browser, "#lost")

    async with wall.open(doors):
        await browser.until(f"!({STALE})")
        assert await words(browser, "#lost") == ""
