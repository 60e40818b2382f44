"""Others fall silent without a word: a mail server that accepts and says nothing, a dead socket."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.clock import Clock
from tests.e2e.ledger import cards_by_number, ledger, posts_by_effect, shown_times
from tests.e2e.moments import SHORT
from tests.e2e.tally import said
from tests.e2e.town import SHOP, Inbox, Town, a_town, desk_in
from tests.e2e.wire import a_wire

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

OUTLET = Inbox(name="outlet")
BOTH = (SHOP.name, OUTLET.name)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seconds", [4.0, pytest.param(100.0, marks=pytest.mark.slow)])
async def test_a_frozen_mail_server_and_a_silently_dead_socket_cost_nobody_else_anything(
    new_database: Any, seconds: float
):
    folder, url = new_database()
    async with a_wire(0) as wire:
        frozen = replace(SHOP, imap_port=wire.port)
        async with a_town(
            folder, url, inboxes=(frozen, OUTLET), policies=SHORT, clock=Clock()
        ) as town:
            wire.to = town.mail.imap_port
            async with desk_in(town):
                await _through_silence(town, wire, seconds)
            rows = await ledger(url)
            shown = [shown_times(town, words, *BOTH) for words in WORDS]
            posts = [len(found) for found in posts_by_effect(town).values()]
            cards = cards_by_number(town, *BOTH)
        said(
            f"silent for {seconds:.0f} s",
            {
                "messages": len(WORDS),
                "messages lost": shown.count(0),
                "posts": len(posts),
                "posts doubled": len(posts) - posts.count(1),
            },
        )
        assert shown == [1] * len(WORDS)
        assert set(posts) == {1}
        assert set(cards.values()) == {1}
        assert rows.open_effects() == []


WORDS = ("before the silence", "into the frozen inbox", "beside the frozen inbox")


async def _through_silence(town: Town, wire: Any, seconds: float) -> None:
    hub, loop = town.slack.core.hub, asyncio.get_running_loop()
    await town.customer(SHOP, WORDS[0], subject="One")
    card = await town.card(SHOP.name, WORDS[0])

    wire.fall_silent()
    assert hub.silence() == 1
    begun = loop.time()
    # The desk notices by itself that its socket is dead.
    replaced = asyncio.create_task(_replaced(town))
    await town.customer(SHOP, WORDS[1], subject="Two", address="two")
    await town.customer(OUTLET, WORDS[2], subject="Three")
    await town.card(OUTLET.name, WORDS[2], within=20)  # read and posted all the same
    await town.line(card, "🔴", within=30)  # nor does a ping wait for either
    await asyncio.sleep(max(0.0, begun + seconds - loop.time()))
    assert not shown_times(town, WORDS[1], SHOP.name)
    if seconds > 90:
        await town.told("shop", "cannot be read", within=120)
    wire.hear_again()
    await town.card(SHOP.name, WORDS[1], within=60)

    said("a silently dead socket", {"replaced within (s)": round(await replaced - begun)})
    for each in hub.connections:
        if each.silent:
            await each.socket.close()
    await town.ben.click(card.ts, "claim", channel=card.channel, wait=2)
    await town.shows(card, "Owner: @Ben")


async def _replaced(town: Town) -> float:
    hub = town.slack.core.hub
    await town.until(
        "a new socket", lambda: any(not each.silent for each in hub.connections), within=60
    )
    return asyncio.get_running_loop().time()
