"""Conversations are found in any order, opened only when they changed, and none is lost."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Cursor, Verdict
from connectors.ebay.conversations import MOST_OPENED, SWEEP_EVERY
from connectors.errors import ConnectorError, Unavailable
from connectors.testing.bench import Stage
from connectors.testing.market import Fault
from sla_rules.vocabulary import Author
from sla_rules.vocabulary import Stage as SaleStage
from tests.connectors.ebay.ebay_contract import bench, ebay, picture

MINUTE = timedelta(minutes=1)


def opened(stage: Stage) -> int:
    """How many conversations were opened so far."""
    paths = [call.path for call in ebay(stage.market).log]
    return sum(path.startswith("/commerce/message/v1/conversation/") for path in paths)


async def write(stage: Stage, threads: range, text: str = "hello") -> None:
    for number in threads:
        await stage.market.says(Author.CUSTOMER, f"{text} {number}", thread=str(number))
        stage.time.advance(timedelta(seconds=20))


async def test_an_idle_poll_opens_nothing_and_costs_one_call() -> None:
    async with bench().running() as stage:
        await write(stage, range(10, 30))
        await stage.poll()
        calls, before = stage.market.calls, opened(stage)
        stage.time.advance(MINUTE)
        assert await stage.poll() == []
        assert (stage.market.calls - calls, opened(stage) - before) == (1, 0)


async def test_only_the_conversation_that_changed_is_opened() -> None:
    async with bench().running() as stage:
        await write(stage, range(10, 30))
        await stage.poll()
        before = opened(stage)
        await write(stage, range(12, 13), "again")
        assert [one.text for one in await stage.poll()] == ["again 12"]
        assert opened(stage) - before == 1


async def test_invariant_1_a_new_message_in_an_old_conversation_is_found() -> None:
    async with bench().running() as stage:
        old = stage.time.now() - timedelta(days=200)
        await stage.market.says(Author.CUSTOMER, "last year", at=old, thread="10")
        await write(stage, range(20, 90))
        await stage.poll()
        await stage.market.says(Author.CUSTOMER, "it broke", thread="10")
        assert [one.text for one in await stage.poll()] == ["it broke"]


@pytest.mark.parametrize("order", ["oldest", "shuffled"])
async def test_invariant_1_an_unordered_list_is_read_whole_within_the_hour(order: str) -> None:
    async with bench().running() as stage:
        ebay(stage.market).order = order
        await write(stage, range(100, 260))
        found = {one.text for one in await stage.poll()}
        while len(found) < 160 and (more := {one.text for one in await stage.poll()}):
            found |= more
        assert found == {f"hello {number}" for number in range(100, 260)}
        await stage.market.says(Author.CUSTOMER, "late to the end", thread="101")
        stage.time.advance(SWEEP_EVERY)
        assert "late to the end" in {one.text for one in await stage.poll()}


async def test_invariant_1_a_great_backlog_is_worked_off_oldest_first() -> None:
    async with bench().running() as stage:
        many = MOST_OPENED + 30
        await write(stage, range(1000, 1000 + many))
        first = [one.text for one in await stage.poll()]
        assert first == [f"hello {number}" for number in range(1000, 1000 + MOST_OPENED)]
        await stage.restart()
        second = [one.text for one in await stage.poll()]
        assert set(second) >= {f"hello {n}" for n in range(1000 + MOST_OPENED, 1000 + many)}


async def test_invariant_1_a_failure_between_two_conversations_is_made_up_for() -> None:
    async with bench().running() as stage:
        await write(stage, range(10, 40))
        found = [one.text for one in await stage.poll(stop_after=1)]
        stage.market.fail(Fault.FAILS)
        with pytest.raises(Unavailable):
            await stage.poll()
        stage.market.fail(None)
        found += [one.text for one in await stage.poll()]
        assert set(found) == {f"hello {number}" for number in range(10, 40)}


async def test_a_page_that_was_not_stored_is_read_again_by_the_same_process() -> None:
    async with bench().running() as stage:
        await write(stage, range(10, 40))
        before = stage.cursor
        await stage.poll(stop_after=1)
        stage.cursor, stage.stored = before, {}
        assert len(await stage.poll()) == 30


async def test_a_long_conversation_comes_in_pages_with_all_its_messages() -> None:
    async with bench().running() as stage:
        for number in range(120):
            await stage.market.says(Author.CUSTOMER, f"line {number}")
            stage.time.advance(timedelta(seconds=5))
        texts = [one.text for one in await stage.poll()]
        assert texts == [f"line {number}" for number in range(120)]
        assert stage.largest_page == 50


async def test_a_conversation_that_cannot_be_opened_shows_its_latest_message() -> None:
    async with bench().running() as stage:
        await stage.market.says(Author.CUSTOMER, "still here")
        ebay(stage.market).archived.add("7001-m")
        assert [one.text for one in await stage.poll()] == ["still here"]


async def test_what_ebay_writes_is_left_out_unless_asked_for() -> None:
    for wanted, expected in ((False, []), (True, [Verdict.NOTICE])):
        async with bench(system_messages=wanted).running() as stage:
            await stage.market.says(Author.PLATFORM, "Your listing was ended")
            assert [one.verdict for one in await stage.poll()] == expected


async def test_a_buyer_of_that_item_is_after_the_sale_and_another_member_before() -> None:
    async with bench().running() as stage:
        await stage.market.says(Author.CUSTOMER, "mine", thread="7001")
        await stage.market.says(Author.CUSTOMER, "not mine", thread="7002")
        found = {one.text: one for one in await stage.poll()}
        assert found["mine"].stage is SaleStage.POST_SALE
        assert found["mine"].order_id == "12-34567-89012"
        assert found["mine"].marketplace == "it"
        assert found["not mine"].stage is SaleStage.PRE_SALE
        assert found["not mine"].order_id is None


async def test_a_purchase_after_the_question_does_not_change_what_the_question_was() -> None:
    async with bench().running() as stage:
        asked = stage.time.now() - timedelta(days=2)
        await stage.market.says(Author.CUSTOMER, "is it oak?", at=asked)
        assert [one.stage for one in await stage.poll()] == [SaleStage.PRE_SALE]


async def test_an_order_of_a_minute_ago_is_known_when_its_buyer_writes() -> None:
    async with bench().running() as stage:
        await stage.market.says(Author.CUSTOMER, "before", thread="7002")
        await stage.poll()
        ebay(stage.market).sells("99-00000-00001", buyer="nora_7002", item="200000007002")
        stage.time.advance(2 * MINUTE)
        ebay(stage.market).orders["99-00000-00001"]["lastModifiedDate"] = "2026-03-10T09:01:00.000Z"
        await stage.market.says(Author.CUSTOMER, "after", thread="7002")
        assert [one.order_id for one in await stage.poll()] == ["99-00000-00001"]


async def test_without_the_permission_for_orders_messages_still_come() -> None:
    async with bench().running() as stage:
        ebay(stage.market).lacks.add("sell.fulfillment")
        await stage.market.says(Author.CUSTOMER, "hello")
        assert [one.stage for one in await stage.poll()] == [SaleStage.UNKNOWN]
        health = await stage.connector.check()
        assert health.ok
        assert "sell.fulfillment.readonly" in health.detail


async def test_a_cursor_of_another_version_begins_where_it_can() -> None:
    async with bench().running() as stage:
        await stage.market.says(Author.CUSTOMER, "hello")
        stage.cursor = Cursor(state={"version": 99, "newest": 7, "swept": [], "rated": {"a": 1}})
        assert [one.text for one in await stage.poll()] == ["hello"]


async def test_a_file_a_member_attached_is_fetched_from_ebay_and_from_nowhere_else() -> None:
    async with bench().running() as stage:
        connector: Any = stage.connector
        medium = {"mediaName": "chipped.png", "mediaType": "IMAGE", "mediaUrl": picture(stage).ref}
        await ebay(stage.market).says(Author.CUSTOMER, "", media=[medium])
        (found,) = await stage.poll()
        item = next(iter(stage.stored.values()))
        file = await connector.fetch_attachment(item, found.attachments[0])
        assert (file.name, file.content[:4]) == ("chipped.png", b"\x89PNG")
        for elsewhere in ("https://evil.example/a.png", "http://169.254.169.254/a.png", ""):
            with pytest.raises(ConnectorError):
                await connector.fetch_attachment(item, replace(found.attachments[0], ref=elsewhere))


async def test_a_buyer_of_several_things_who_names_none_is_not_called_before_a_sale() -> None:
    async with bench().running() as stage:
        market = ebay(stage.market)
        market.sells("12-00000-00002", buyer="nora_7001", item="200000009999")
        market.without_listing.add("7001")
        await market.says(Author.CUSTOMER, "where are my things?")
        (found,) = await stage.poll()
        assert (found.stage, found.order_id) == (SaleStage.UNKNOWN, None)


async def test_every_page_of_the_orders_is_read_before_a_question_is_called_before_a_sale() -> None:
    async with bench().running() as stage:
        market = ebay(stage.market)
        for number in range(450):
            market.sells(f"30-00000-{number:05d}", buyer=f"other_{number}", item="200000000001")
        await market.says(Author.CUSTOMER, "mine", thread="7001")
        await market.says(Author.CUSTOMER, "not mine", thread="7002")
        stages = {one.text: one.stage for one in await stage.poll()}
        assert stages == {"mine": SaleStage.POST_SALE, "not mine": SaleStage.PRE_SALE}
        pages = [call for call in market.log if call.path.endswith("/order")]
        assert len(pages) == 3


async def test_a_conversation_without_a_time_is_looked_into_and_hides_no_other() -> None:
    async with bench().running() as stage:
        market = ebay(stage.market)
        await write(stage, range(10, 14))
        market.without_time.add("12")
        assert len(await stage.poll()) == 4
        before = opened(stage)
        stage.time.advance(MINUTE)
        assert await stage.poll() == []
        assert opened(stage) == before
        await write(stage, range(12, 14), "again")
        assert sorted(one.text for one in await stage.poll()) == ["again 12", "again 13"]


async def test_invariant_1_a_message_dated_in_the_future_hides_none_of_those_after_it() -> None:
    async with bench().running() as stage:
        ahead = stage.time.now() + timedelta(days=3)
        await stage.market.says(Author.CUSTOMER, "dated wrongly", at=ahead, thread="1")
        await stage.poll()
        stage.time.advance(MINUTE)
        await stage.market.says(Author.CUSTOMER, "dated rightly", thread="2")

        assert [one.text for one in await stage.poll()] == ["dated rightly"]
