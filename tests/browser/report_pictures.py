"""Take the pictures of reports and of the wall anew: `python -m tests.browser.report_pictures [FOLDER]`.

The demo's desk is given two months behind it and asked for a report; the wall is that of a made-up
afternoon. Needs Chromium, and ImageMagick's `convert` to make the pictures small.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from rich.console import Console

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.log import configure
from bot.runtime.schema import upgrade
from bot.web.tokens import access_token
from bot.web.wall_feed import WallFeed, WallReader
from bot.web.wallboard import WallboardDoor
from sandbox.past.making import past_of
from sandbox.slack.model import Message
from sandbox.story.stage import Stage, build_stage
from tests.browser.chromium import Page, browser_page
from tests.browser.pictures import HIGH, NARROW, WIDE, kept_small
from tests.builders import NOW, hours
from tests.e2e.town import ROOT
from tests.wall_world import a_staffed_desk, a_wait_row, fill, inbox_ids, keep_waits
from tests.web_server import an_address

PAST_DAYS: Final = 60
SEED: Final = 1
PLACE: Final = "threadline-ops"
MANAGER: Final = "chiara"
ASKED: Final = "report 30d by channel"
SLACK_HIGH, PAGE_HIGH = 1280, 1480
SCREEN: Final = (1920, 1080)
TICKETS: Final = 46
ANSWERED: Final = (2, 3, 5, 2, 4, 6, 2, 3, 20, 25, 2, 1)
"""After how many hours the questions of the days before were answered."""


async def take(folder: Path) -> None:
    """Every picture of reports, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="threadline-pictures-") as rooms:
        past = past_of(PAST_DAYS, SEED, Console(stderr=True))
        async with (
            browser_page() as page,
            build_stage(Path(rooms), speed=60.0, past=past) as stage,
        ):
            report = await _asked(stage)
            for width, high, name in ((WIDE, SLACK_HIGH, "report"), (NARROW, HIGH, "report-phone")):
                await _in_slack(page, stage, width=width, high=high)
                await _keep(page, folder, name)
            written = next(one for one in report.files if one.name.endswith(".html"))
            file = Path(rooms) / "report.html"
            file.write_bytes(written.content or b"")
            await page.open(file.as_uri(), width=WIDE, height=PAGE_HIGH)
            await _keep(page, folder, "report-page")
    async with browser_page() as page, _a_wall() as address:
        width, high = SCREEN
        await page.open(address, width=width, height=high)
        await page.until("document.querySelectorAll('#tickets li').length > 5")
        await asyncio.sleep(1)
        await _keep(page, folder, "wallboard")


async def _asked(stage: Stage) -> Message:
    """The message in whose thread the files of the report are."""
    workspace = stage.slack.workspace
    place = next(each.id for each in workspace.channels.values() if each.name == PLACE)
    await stage.slack.person(MANAGER).command("/sla", ASKED, channel=place, wait=4.0)
    for _ in range(240):
        if found := [each for each in workspace.messages(place) if len(each.files) > 1]:
            return found[-1]
        await asyncio.sleep(0.5)
    raise TimeoutError("no report came")


async def _in_slack(page: Page, stage: Stage, *, width: int, high: int) -> None:
    workspace = stage.slack.workspace
    place = next(each.id for each in workspace.channels.values() if each.name == PLACE)
    await page.call("Page.navigate", url="about:blank")
    await page.open(f"{stage.slack.url}/?as={MANAGER}#{place}", width=width, height=high)
    await page.until("document.querySelector('#main .list')?.innerText.length > 400")
    if width == NARROW:
        await page.run("document.querySelector('#app').dataset.view = 'main'")
    await page.run(
        "[...document.querySelectorAll('#main article')].find((one) => "
        "one.innerText.includes('Report:')).scrollIntoView({ block: 'start', behavior: 'instant' })"
    )
    await asyncio.sleep(1)


@asynccontextmanager
async def _a_wall() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory(prefix="threadline-pictures-") as rooms:
        url = f"sqlite:///{Path(rooms) / 'threadline.db'}"
        await asyncio.to_thread(upgrade, url)
        db, clock = Database(create_engine(url)), Clock(start=NOW)
        desk = a_staffed_desk(shop_name="Rossi Casa")
        await fill(db, desk, TICKETS)
        inboxes = await db.read(inbox_ids)
        began = NOW - hours(30)
        rows = [
            a_wait_row(at, inboxes[at % 2], began, end="answered", ended_at=began + hours(taken))
            for at, taken in enumerate(ANSWERED * 3)
        ]
        await keep_waits(db, rows)
        token = access_token(SecretStr("a-token-for-a-picture"))
        reader = WallReader(ReadApart(url), lambda: desk, clock)
        feed = WallFeed(reader.read, clock)
        door = WallboardDoor(token, feed, lambda: desk, clock, lambda: False)
        async with an_address(door.routes()) as address:
            yield f"{address}/wallboard?token=a-token-for-a-picture"
        await db.close()


async def _keep(page: Page, folder: Path, name: str) -> None:
    raw = folder / f"{name}.raw.png"
    await page.screenshot(raw)
    await kept_small(raw, folder / f"{name}.png")


def main() -> None:
    """Take them into the folder that is named, or into that of the docs."""
    configure(level="error")
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"))


if __name__ == "__main__":
    main()
