"""Which tickets are opened, and what they cost."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest

from connectors.contract import Verdict
from connectors.errors import Malformed
from connectors.testing.bench import Stage
from sla_rules.vocabulary import Author
from tests.connectors.kaufland.bench import KauflandBench, kaufland_of
from tests.connectors.opening import poll_after_one_went_on, poll_without_news

BENCH = KauflandBench()
MINUTE = timedelta(minutes=1)


def opened(stage: Stage) -> list[str]:
    lists = {"/v2/tickets", "/v2/tickets/messages"}
    return [call.path for call in kaufland_of(stage).log if call.path not in lists]


class MonthBack(KauflandBench):
    settings_too: ClassVar[dict[str, Any]] = {"since_days": 30}


async def test_a_poll_without_news_costs_two_calls_and_opens_no_ticket():
    assert await poll_without_news(BENCH, opened) == (3, 3, 2)


async def test_only_the_ticket_that_changed_is_opened_again():
    assert await poll_after_one_went_on(BENCH, opened) == ["/v2/tickets/0011"]


async def test_invariant_1_a_ticket_opened_within_its_own_second_is_opened_again():
    async with BENCH.running() as stage:
        kaufland_of(stage).only_sellers = True
        await stage.market.says(Author.CUSTOMER, "first")
        await stage.poll()
        await stage.market.says(Author.CUSTOMER, "in the same second")

        assert [one.text for one in await stage.poll()] == ["in the same second"]


async def test_invariant_1_customers_are_seen_where_the_list_of_messages_shows_the_sellers_only():
    async with BENCH.running() as stage:
        kaufland_of(stage).only_sellers = True
        await stage.market.says(Author.CUSTOMER, "Hallo?")

        assert [one.text for one in await stage.poll()] == ["Hallo?"]


async def test_invariant_1_a_message_that_does_not_touch_its_ticket_is_seen():
    async with BENCH.running() as stage:
        await stage.market.says(Author.CUSTOMER, "Hallo?")
        stage.time.advance(2 * MINUTE)
        await stage.poll()
        stage.time.advance(timedelta(days=2))
        await kaufland_of(stage).says(Author.CUSTOMER, "Noch da?", unnoticed=True)

        assert [one.text for one in await stage.poll()] == ["Noch da?"]


async def test_invariant_1_more_changes_than_one_poll_opens_are_read_by_the_next():
    wanted = {f"Frage {number}" for number in range(130)}
    async with BENCH.running() as stage:
        for number, text in enumerate(sorted(wanted)):
            await stage.market.says(Author.CUSTOMER, text, thread=f"{number}")
            stage.time.advance(timedelta(seconds=20))
        first = await stage.poll()
        await stage.restart()
        second = await stage.poll()

        assert len(first) == 100
        assert {one.text for one in (*first, *second)} == wanted


async def test_a_long_ticket_is_cut_into_pages_of_50():
    async with BENCH.running() as stage:
        for number in range(120):
            stage.time.advance(timedelta(seconds=1))
            await stage.market.says(Author.CUSTOMER, f"Zeile {number}")
        found = await stage.poll()

        assert [one.text for one in found] == [f"Zeile {number}" for number in range(120)]
        assert stage.largest_page == 50


async def test_an_inbox_of_one_country_leaves_the_others_alone():
    class German(KauflandBench):
        settings_too: ClassVar[dict[str, Any]] = {"storefronts": ["de"]}

    async with German().running() as stage:
        market = kaufland_of(stage)
        await market.says(Author.CUSTOMER, "Wo?", thread="1", storefront="de")
        await market.says(Author.CUSTOMER, "Kde?", thread="2", storefront="cz")

        assert [one.text for one in await stage.poll()] == ["Wo?"]


async def test_an_inbox_of_two_countries_reads_both_and_no_third():
    class Two(KauflandBench):
        settings_too: ClassVar[dict[str, Any]] = {"storefronts": ["de", "at"]}

    async with Two().running() as stage:
        market = kaufland_of(stage)
        for number, country in enumerate(("de", "at", "cz")):
            await market.says(Author.CUSTOMER, country, thread=f"{number}", storefront=country)

        assert sorted(one.text for one in await stage.poll()) == ["at", "de"]


async def test_a_ticket_closed_by_somebody_waits_for_nobody():
    async with BENCH.running() as stage:
        message = await stage.asked()
        stage.time.advance(MINUTE)
        kaufland_of(stage).shut("7001", "customer_service_closed_final")
        found = await stage.poll()
        stage.time.advance(MINUTE)

        assert [one.verdict for one in found] == [Verdict.ANSWERED_ELSEWHERE]
        assert found[0].thread_keys == message.thread_keys
        assert await stage.poll() == []


async def test_a_file_goes_with_the_message_it_was_uploaded_with():
    async with BENCH.running() as stage:
        market = kaufland_of(stage)
        await market.says(Author.CUSTOMER, "Hallo")
        stage.time.advance(timedelta(hours=1))
        await market.says(Author.CUSTOMER, "Bild anbei", files=["karton.jpg"])
        files = {one.text: [a.name for a in one.attachments] for one in await stage.poll()}

        assert files == {"Hallo": [], "Bild anbei": ["karton.jpg"]}


async def test_invariant_11_no_address_of_the_buyer_is_kept():
    async with BENCH.running() as stage:
        await stage.market.says(Author.CUSTOMER, "Hallo?")
        await stage.poll()

        assert not any(b"@buyer.example" in item.payload for item in stage.stored.values())


async def test_invariant_1_a_ticket_that_cannot_be_opened_is_left_to_a_person():
    async with BENCH.running() as stage:
        kaufland_of(stage).unopenable = {"7001"}
        await stage.market.says(Author.CUSTOMER, "unreadable")
        await stage.market.says(Author.CUSTOMER, "readable", thread="7002")
        with pytest.raises(Malformed):
            await stage.poll()

        assert {name.partition(":")[0] for name in stage.stored} == {"message", "unopened"}


async def test_invariant_1_a_flood_within_minutes_hides_nobody_and_is_opened_once():
    async with BENCH.running() as stage:
        for number in range(250):
            await stage.market.says(Author.CUSTOMER, f"{number}", thread=f"{number}")
        for _ in range(3):
            stage.time.advance(MINUTE)
            await stage.poll()
        await stage.market.says(Author.CUSTOMER, "after the flood", thread="999")
        stage.time.advance(MINUTE)
        found = await stage.poll()

        assert [one.text for one in found] == ["after the flood"]
        assert len(opened(stage)) == 251


async def test_invariant_1_a_ticket_dated_in_the_future_hides_none_of_those_after_it():
    async with BENCH.running() as stage:
        ahead = stage.time.now() + timedelta(days=3)
        await stage.market.says(Author.CUSTOMER, "dated wrongly", at=ahead, thread="1")
        await stage.poll()
        stage.time.advance(MINUTE)
        await stage.market.says(Author.CUSTOMER, "dated rightly", thread="2")

        assert [one.text for one in await stage.poll()] == ["dated rightly"]


async def test_invariant_1_a_first_look_back_longer_than_one_poll_keeps_what_was_written_early():
    async with MonthBack().running() as stage:
        start = stage.time.now() - timedelta(days=28)
        await stage.market.says(Author.CUSTOMER, "asked early", thread="900", at=start)
        for number in range(120):
            at = start + timedelta(hours=4 * number + 1)
            await stage.market.says(Author.CUSTOMER, f"{number}", thread=f"{number}", at=at)
        again = start + timedelta(days=27)
        await stage.market.says(Author.CUSTOMER, "asked again", thread="900", at=again)
        found = []
        for _ in range(2):
            found += await stage.poll()
            stage.time.advance(MINUTE)

        assert {"asked early", "asked again"} <= {one.text for one in found}
