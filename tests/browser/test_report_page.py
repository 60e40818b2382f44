"""The page of a report in a real browser: wide, on a phone, dark, and on paper."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.reports.advice import Advice, worst_stretch
from bot.reports.page.document import html
from tests.browser.chromium import Page, browser_page, find_chromium
from tests.report_world import sample_report
from tests.unit.reports.test_page import a_line

pytestmark = [
    pytest.mark.browser,
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium on this machine"),
]

DESKTOP, PHONE, A4 = 1280, 375, 688
"""The last are the pixels of a sheet of A4 between its margins."""

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG = "Donaudampfschifffahrtsgesellschaft" * 4

CUT_OFF = """[...document.querySelectorAll('main *:not(svg *):not(.cards thead *, .cards thead)')]
  .filter((one) => one.checkVisibility() && one.clientWidth
    && one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""
"""What is wider than its room, whether that scrolls or is lost on paper."""

SMALLEST = """Math.min(...[...document.querySelectorAll('main *')]
  .filter((one) => one.checkVisibility() && [...one.childNodes].some(
    (node) => node.nodeType === 3 && node.textContent.trim()))
  .map((one) => parseFloat(getComputedStyle(one).fontSize) * (one.ownerSVGElement
    ? one.ownerSVGElement.getBoundingClientRect().width / one.ownerSVGElement.viewBox.baseVal.width
    : 1)))"""
"""Pixels of the smallest letters that are shown, those of charts as large as they are drawn."""

FAINT = """(() => {
  const rgb = (text) => {
    const part = text.match(/[\\d.]+/g).map(Number);
    return text.startsWith('color(srgb') ? [...part.slice(0, 3).map((one) => one * 255), part[3]] : part;
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((one) => one / 255)
      .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('main *:not(svg *)')]
    .filter((one) => one.checkVisibility() && [...one.childNodes].some(
      (node) => node.nodeType === 3 && node.textContent.trim()))
    .map((one) => {
      const [a, b] = [light(rgb(getComputedStyle(one).color)), light(behind(one))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.outerHTML.slice(0, 120)];
    })
    .filter(([contrast]) => contrast < 4.5);
})()"""
"""Words whose contrast is below what WCAG 2 asks for text (1.4.3, level AA: 4.5 to 1)."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = sample_report(labels={"amazon-it": "Amazon.it", "shop": LONG})
    stretch = worst_stretch(report.heat)
    assert stretch is not None
    path = tmp_path_factory.mktemp("report") / "report.html"
    advice = Advice(stretch=stretch, tried=None)
    path.write_text(html(report, health=[a_line()], advice=advice, desk=LONG), encoding="utf-8")
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Page]:
    async with browser_page() as page:
        yield page


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("width", "media"), [(DESKTOP, "screen"), (PHONE, "screen"), (A4, "print")]
)
async def test_it_can_be_read(
    browser: Page, file: Path, width: int, media: str, scheme: str
) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    await browser.call("Emulation.setEmulatedMedia", media=media, features=features)
    browser.errors.clear()
    await browser.open(file.as_uri(), width=width)

    assert await browser.run(WIDER) == 0
    assert await browser.run(CUT_OFF) == []
    assert await browser.run(SMALLEST) >= (9 if media == "print" else 10.5)
    assert await browser.run(FAINT) == []
    charts = "[...document.querySelectorAll('svg')].filter((one) => one.checkVisibility()).length"
    assert await browser.run(charts) == 2
    assert await browser.run("performance.getEntriesByType('resource').length") == 0
    assert browser.errors == []


async def test_a_table_is_cards_on_a_phone_and_a_table_elsewhere(browser: Page, file: Path) -> None:
    await browser.call("Emulation.setEmulatedMedia", media="screen", features=[])
    shown = f"getComputedStyle(document.querySelector({json.dumps('#misses tbody tr')})).display"

    await browser.open(file.as_uri(), width=PHONE)
    assert await browser.run(shown) == "block"
    label = "getComputedStyle(document.querySelector('#misses td'), '::before').content"
    assert await browser.run(label) == '"Inbox"'

    await browser.open(file.as_uri(), width=DESKTOP)
    assert await browser.run(shown) == "table-row"


async def test_it_prints_on_sheets_of_a4(browser: Page, file: Path) -> None:
    await browser.call("Emulation.setEmulatedMedia", media="", features=[])
    await browser.open(file.as_uri())

    printed = await browser.call("Page.printToPDF", preferCSSPageSize=True)

    assert len(printed["data"]) > 10_000
