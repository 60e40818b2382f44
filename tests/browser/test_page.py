"""The workspace's page in a real browser, with a real desk behind it: what a visitor does and sees."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.slack.model import Message
from tests.browser.chromium import Page, browser_page, find_chromium
from tests.e2e.town import OPS, SHOP, Inbox, Town, a_town, desk_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium on this machine"),
]

OUTLET, ATELIER = Inbox(name="outlet"), Inbox(name="atelier")
DESKTOP, PHONE = 1280, 390


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("page")
    shutil.copy(sqlite_template, folder / "threadline.db")
    url = f"sqlite:///{folder / 'threadline.db'}"
    async with AsyncExitStack() as stack:
        inboxes = (SHOP, OUTLET, ATELIER)
        town = await stack.enter_async_context(
            a_town(folder, url, inboxes=inboxes, undo_seconds=20)
        )
        yield await stack.enter_async_context(desk_in(town))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Page]:
    async with browser_page() as page:
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Page) -> AsyncIterator[Page]:
    """The tab, with nothing red in its console before and after."""
    browser.errors.clear()
    yield browser
    await browser.text()  # lets the last messages of the console come in
    assert browser.errors == []


# --- what a visitor does ------------------------------------------------------------------------


async def visit(page: Page, town: Town, name: str, channel: str, *, width: int = DESKTOP) -> None:
    """Open the page as somebody, in a channel."""
    await page.call("Page.navigate", url="about:blank")
    where = channel if channel == "home" else town.channel(channel)
    await page.open(f"{town.slack.url}/?as={name}#{where}", width=width)
    await page.until("document.querySelectorAll('#me option').length > 0")


def found(words: str, within: str, selector: str = "button, summary, option") -> str:
    """JavaScript for the first element below `within` whose words or label are these."""
    return (
        f"[...document.querySelectorAll({json.dumps(within)})]"
        f".flatMap((place) => [...place.querySelectorAll({json.dumps(selector)})])"
        f".find((one) => one.textContent.trim().startsWith({json.dumps(words)})"
        f" || one.getAttribute('aria-label') === {json.dumps(words)})"
    )


async def press(page: Page, words: str, within: str = "body") -> None:
    """Press what says these words."""
    await page.until(f"!!({found(words, within)})")
    await page.run(f"({found(words, within)}).click()")


async def reads(page: Page, words: str, within: str = "body") -> str:
    """The text of a place once it says these words."""
    place = f"document.querySelector({json.dumps(within)})"
    await page.until(f"!!{place} && {place}.innerText.includes({json.dumps(words)})")
    return str(await page.run(f"{place}.innerText"))


def article(message: Message) -> str:
    """The selector of a message."""
    return f'article[data-ts="{message.ts}"]'


async def asked(town: Town, inbox: Inbox, words: str, **about: str) -> Message:
    await town.customer(inbox, words, **about)
    return await town.card(inbox.name, words)


# --- reading ------------------------------------------------------------------------------------


async def test_a_channel_and_a_thread_are_read(page: Page, town: Town):
    card = await asked(town, SHOP, "where is my lamp?")
    await town.anna.command(
        "/ticket", f"note {town.number(card)} it left on Monday", channel=card.channel
    )
    await town.line(card, "it left on Monday")
    await visit(page, town, "anna", "shop")

    text = await reads(page, "where is my lamp?", article(card))
    assert "Our target" in text
    assert "Claim" in text

    await press(page, "💬 1 reply", article(card))
    assert "it left on Monday" in await reads(page, "stays internal", "#thread")
    await press(page, "Close thread", "#thread")
    await page.until("document.querySelector('#thread').offsetParent === null")


async def test_a_card_appears_by_itself_while_somebody_looks(page: Page, town: Town):
    await visit(page, town, "anna", "outlet")
    await town.customer(OUTLET, "do you see me at once?")
    await reads(page, "do you see me at once?", "#main")


# --- acting -------------------------------------------------------------------------------------


async def test_one_acts_as_another_person(page: Page, town: Town):
    card = await asked(town, OUTLET, "who takes this?")
    await visit(page, town, "anna", "outlet")
    await reads(page, "who takes this?", article(card))
    await page.run(
        "(() => { const me = document.querySelector('#me');"
        f" me.value = {json.dumps(town.ben.id)}; me.dispatchEvent(new Event('change')); }})()"
    )
    await page.until(f"document.querySelector('#me').value === {json.dumps(town.ben.id)}")
    await reads(page, "who takes this?", article(card))

    await press(page, "Claim", article(card))

    await reads(page, "Owner: @Ben", article(card))
    await town.shows(card, "Owner: @Ben")


async def test_a_reply_goes_through_its_form_and_preview_and_is_taken_back(page: Page, town: Town):
    card = await asked(town, ATELIER, "is it waterproof?", address="rosa")
    await visit(page, town, "anna", "atelier")

    await press(page, "Reply", article(card))
    await page.type(".modal textarea", "Yes, up to ten metres.")
    await page.click(".modal footer .primary")
    preview = await reads(page, "rosa@customer.example", ".modal")
    assert "Yes, up to ten metres." in preview
    await page.click(".modal footer .primary")
    await press(page, "Undo", ".modal")

    await page.until("document.querySelector('.modal textarea')?.value.includes('ten metres')")
    await press(page, "Close", ".modal header")
    await page.until("!document.querySelector('.modal')")
    assert town.mail.sent == []


async def test_a_slash_command_is_answered_privately(page: Page, town: Town):
    await visit(page, town, "chiara", "shop")
    await page.type("#main .composer textarea", "/ticket help")
    await page.press_enter()
    await reads(page, "Only visible to you", "#main")
    await reads(page, "snooze", "#main .private")


async def test_a_command_in_a_thread_says_why_it_does_not_work(page: Page, town: Town):
    card = await asked(town, SHOP, "a thread without commands")
    await visit(page, town, "anna", "shop")
    await press(page, "Reply in thread", article(card))
    await page.type("#thread .composer textarea", "/ticket help")
    await page.press_enter()
    await page.until("!!document.querySelector('#thread .composer .note').textContent.trim()")


async def test_a_message_shortcut_opens_its_form(page: Page, town: Town):
    card = await asked(town, OUTLET, "to be noted")
    await visit(page, town, "ben", "outlet")
    await press(page, "Message shortcuts", article(card))
    await press(page, "Add internal note", article(card))
    await page.type(".modal textarea", "the warehouse looks")
    await page.click(".modal footer .primary")
    await town.line(card, "the warehouse looks")
    await reads(page, "Note kept", ".modal")


async def test_home_shows_ones_tickets(page: Page, town: Town):
    card = await asked(town, SHOP, "chiara takes this one")
    await town.chiara.click(card.ts, "claim", channel=card.channel)
    await town.shows(card, "Owner: @Chiara")
    await visit(page, town, "chiara", "home")
    await reads(page, f"#{town.number(card)}", "#main")


# --- looking right ------------------------------------------------------------------------------

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def test_a_phone_shows_every_view_without_scrolling_sideways(page: Page, town: Town):
    long = "Donaudampfschifffahrtsgesellschaft" * 4
    card = await asked(town, ATELIER, f"a long word: {long}", subject=f"Lamp {long}")
    await town.anna.command("/ticket", f"note {town.number(card)} {long}", channel=card.channel)
    await town.line(card, long)

    await visit(page, town, "anna", "atelier", width=PHONE)
    await reads(page, "a long word", article(card))
    assert await page.run(WIDER) == 0
    await press(page, "💬", article(card))
    await reads(page, "Donau", "#thread")
    assert await page.run(WIDER) == 0
    await press(page, "Back", "#thread")
    await press(page, "Reply", article(card))
    await page.until("!!document.querySelector('.modal')")
    assert await page.run(WIDER) == 0
    await press(page, "Close", ".modal header")
    await press(page, "Back", "#main")
    await page.until("document.querySelector('#nav').offsetParent !== null")
    assert await page.run(WIDER) == 0


async def test_invariant_9_a_customers_markup_is_shown_as_text(page: Page, town: Town):
    evil = (
        "<img src=x onerror='window.hacked=1'><script>window.hacked=2</script> <!channel> "
        "<https://evil.example|shop> *bold* <b>b</b> javascript:alert(1)"
    )
    card = await asked(town, OUTLET, f"markup: {evil}", name="Eve <i>x</i>", subject=f"S {evil}")
    await visit(page, town, "anna", "outlet")
    text = await reads(page, "markup:", article(card))

    assert "<img src=x onerror='window.hacked=1'>" in text
    assert "<script>window.hacked=2</script>" in text
    assert "<!channel>" in text
    assert "<https://evil.example|shop>" in text
    assert await page.run("window.hacked === undefined")
    inside = f"document.querySelector({json.dumps(article(card))})"
    assert await page.run(f"{inside}.querySelectorAll('img, script, b.x, a, .mention').length") == 0


async def test_the_ops_channel_is_there_and_nothing_asks_for_other_machines(page: Page, town: Town):
    await visit(page, town, "anna", OPS)
    await page.until("!!document.querySelector('#main header')")
    addresses = await page.run("performance.getEntriesByType('resource').map((one) => one.name)")
    assert addresses
    assert all(str(one).startswith((town.slack.url, "data:")) for one in addresses)
