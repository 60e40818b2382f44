"""The page a customer rates on, in a real browser: on a phone and wide, light and dark, without script."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.db import tables
from bot.language import Language
from tests.browser.chromium import Page, browser_page, find_chromium
from tests.browser.test_report_page import FAINT, SMALLEST, WIDER
from tests.databases import new_file, open_database
from tests.db.reading import rows
from tests.unit.web.test_survey_page import a_customer, asking_desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium on this machine"),
]

DESKTOP, PHONE, NARROW = 1280, 375, 320
"""The last is as narrow as phones get, and a page enlarged four times (WCAG 2, 1.4.10)."""

SMALL = """[...document.querySelectorAll('button')].map((one) => one.getBoundingClientRect())
  .filter((one) => one.width < 40 || one.height < 44).map((one) => [one.width, one.height])"""
"""Buttons that are hard to hit with a thumb, in pixels."""

CROWDED = """[...document.querySelectorAll('button, label, h1')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.outerHTML)"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Page]:
    async with browser_page() as page:
        yield page


async def looks_right(browser: Page) -> None:
    assert await browser.run(WIDER) <= 0
    assert await browser.run(CROWDED) == []
    assert await browser.run(SMALL) == []
    assert await browser.run(SMALLEST) >= 15
    assert await browser.run(FAINT) == []
    assert browser.errors == []


@pytest.mark.parametrize("kind", ["csat", pytest.param("nps", marks=pytest.mark.slow)])
async def test_a_customer_answers_with_one_press_and_says_why(
    browser: Page, tmp_path: Path, kind: Any
) -> None:
    db = open_database(new_file(tmp_path / "desk.db"))
    async with a_customer(db, asking_desk(kind)) as customer:
        browser.errors.clear()
        for scheme in ("light", "dark"):
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            await browser.call("Emulation.setEmulatedMedia", media="screen", features=features)
            for width in (DESKTOP, PHONE, NARROW):
                await browser.open(customer.url + customer.path, width=width)
                assert await browser.run("document.documentElement.lang") == Language.DE
                await looks_right(browser)

        await browser.click('button[value="3"]')
        await browser.until("!!document.querySelector('textarea')")
        await looks_right(browser)
        await browser.type("textarea", "Zu <b>langsam</b>.")
        await browser.click("button.send")
        await browser.until("document.body.innerText.includes('angekommen')")
        await looks_right(browser)

        (row,) = await rows(db, tables.feedback)
        assert (row.score, row.comment) == (3, "Zu <b>langsam</b>.")
    await db.close()
