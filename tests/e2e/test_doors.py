"""A running desk's further doors: the wall, the API, links and metrics, and that none holds it up."""

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.clock import Clock
from tests.e2e.town import SHOP, a_town, desk_in
from tests.ports import a_free_port

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

API, WALL = "for-programs", "for-screens"


async def test_a_running_desk_opens_its_doors_and_closes_them_in_time(new_database: Any) -> None:
    folder, url = new_database()
    base = f"http://127.0.0.1:{(port := a_free_port())}"
    async with a_town(folder, url, inboxes=(SHOP,), clock=Clock()) as town:
        town.environ |= {
            "PORT": str(port),
            "THREADLINE_API_TOKEN": API,
            "THREADLINE_WALLBOARD_TOKEN": WALL,
        }
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as visitor:
            async with desk_in(town):
                await town.customer(SHOP, "where is my lamp?")
                await town.card(SHOP.name, "where is my lamp?")

                async with visitor.get(f"{base}/wallboard?token={WALL}") as page:
                    assert page.status == 200
                    assert "token" not in str(page.url)
                screen = await visitor.get(f"{base}/wallboard/events")
                assert '"number":1,' in await _until(screen, "event: state")

                # What happens in this very second is of the next one's report.
                await asyncio.sleep(1)
                assert await _received(visitor, f"{base}/api/v1/report?period=today") == 1
                async with visitor.get(f"{base}/metrics") as got:
                    numbers = await got.text()
                began = asyncio.get_running_loop().time()

            # The stream of a screen ends with the process, and does not keep it.
            assert asyncio.get_running_loop().time() - began < 4
            assert await screen.content.read() is not None

    assert f'threadline_waits_open{{inbox="{SHOP.name}"}} 1.0' in numbers


async def _received(visitor: aiohttp.ClientSession, report: str) -> float:
    """How many tickets a report counts."""
    async with visitor.get(report, headers={"Authorization": f"Bearer {API}"}) as got:
        figures = {each["key"]: each["value"] for each in (await got.json())["figures"]}
    return float(figures["received"])


async def _until(screen: aiohttp.ClientResponse, words: str) -> str:
    """The first event that begins with these words."""
    async with asyncio.timeout(20):
        while True:
            event = (await screen.content.readuntil(b"\n\n")).decode()
            if event.startswith(words):
                return event
