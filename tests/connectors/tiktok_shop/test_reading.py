"""Which chats are opened, which are not, and what each message is taken for."""

from datetime import timedelta

import pytest

from connectors.contract import Verdict
from connectors.errors import RateLimited
from connectors.testing.market import THREAD
from connectors.tiktok_shop.progress import KEPT, Progress, Seen
from connectors.tiktok_shop.sweep import CALLS
from sla_rules.vocabulary import Author, Stage
from tests.connectors.tiktok_shop.stand import a_shop

MESSAGES = "/messages"


async def test_a_chat_without_news_is_not_opened_again():
    async with a_shop() as shop:
        for thread in ("1", "2", "3"):
            await shop.says("hello", thread=thread)
        await shop.poll()
        opened = shop.asked(MESSAGES)
        await shop.says("and now?", thread="2")
        found = await shop.poll()
        assert [one.text for one in found] == ["and now?"]
        assert shop.asked(MESSAGES) == opened + 1


async def test_an_idle_poll_is_one_call():
    async with a_shop() as shop:
        await shop.says("hello")
        await shop.poll()
        before = shop.market.calls
        await shop.poll()
        assert shop.market.calls == before + 1


async def test_nothing_is_marked_as_read():
    async with a_shop() as shop:
        await shop.says("hello")
        await shop.poll()
        assert (shop.market.read_marks, shop.market.changes) == (0, 0)


async def test_a_message_far_down_a_list_in_another_order_is_found_within_the_hour():
    async with a_shop() as shop:
        shop.market.newest_first = False
        for number in range(45):
            await shop.says("hello", thread=f"{100 + number}")
            shop.time.advance(timedelta(seconds=5))
        await shop.poll()
        await shop.says("last on the list", thread="120")
        usual = [one.text for one in await shop.poll()]
        shop.time.advance(timedelta(hours=1))
        deep = [one.text for one in await shop.poll()]
        assert "last on the list" in usual + deep


async def test_a_poll_spends_a_bounded_number_of_calls_and_the_next_goes_on():
    async with a_shop(session_labels=False, returns=False) as shop:
        wanted = {f"message {number}" for number in range(250)}
        for number in range(250):
            await shop.says(f"message {number}", thread=f"{1000 + number}")
            shop.time.advance(timedelta(seconds=5))
        found: set[str] = set()
        polls = 0
        while found < wanted and polls < 6:
            before = shop.market.calls
            found |= {one.text for one in await shop.poll()}
            polls += 1
            assert shop.market.calls - before <= CALLS + 3
        assert found == wanted
        assert polls == 3


async def test_old_chats_are_forgotten_and_not_read_twice_and_still_heard():
    async with a_shop(session_labels=False, returns=False) as shop:
        for number in range(4):
            await shop.says(f"message {number}", thread=f"{1000 + number}")
            shop.time.advance(timedelta(minutes=5))
        await shop.poll()
        newest = int(shop.time.now().timestamp())
        kept = Progress.of(shop.stage.cursor, shop.time.now(), since_days=7)
        others = {f"k{number}": Seen(message="1", at=newest + number) for number in range(KEPT)}
        kept.seen |= others
        shop.stage.cursor = kept.cursor()
        shop.time.advance(timedelta(hours=1))
        await shop.poll()
        after = Progress.of(shop.stage.cursor, shop.time.now(), since_days=7)
        assert after.seen == others
        opened = shop.asked(MESSAGES)
        assert await shop.poll() == []
        assert shop.asked(MESSAGES) == opened
        await shop.says("I write again", thread="1000")
        assert [one.text for one in await shop.poll()] == ["I write again"]


async def test_a_long_chat_is_read_to_its_beginning_in_its_order():
    async with a_shop() as shop:
        for number in range(73):
            await shop.says(f"line {number}")
            shop.time.advance(timedelta(seconds=1))
        found = [one.text for one in await shop.poll()]
        assert found == [f"line {number}" for number in range(73)]
        assert shop.stage.largest_page <= 50


async def test_a_message_that_came_late_into_a_chat_is_found_with_the_next_one():
    async with a_shop() as shop:
        await shop.says("first")
        shop.time.advance(timedelta(minutes=2))
        await shop.says("second")
        await shop.poll()
        await shop.says("late", at=shop.time.now() - timedelta(minutes=1))
        shop.time.advance(timedelta(minutes=1))
        await shop.says("third")
        assert {one.text for one in await shop.poll()} == {"late", "third"}


async def test_the_order_a_buyer_came_from_goes_with_words_written_polls_later():
    async with a_shop() as shop:
        await shop.says(type="BUYER_ENTER_FROM_ORDER", content={"order_id": "5764"})
        (came,) = await shop.poll()
        shop.time.advance(timedelta(minutes=3))
        await shop.says("Where is it?")
        (asked,) = await shop.poll()
        assert came.verdict is Verdict.AUTO_REPLY
        assert (asked.verdict, asked.order_id) == (Verdict.CUSTOMER, "5764")
        assert asked.stage is Stage.POST_SALE


async def test_a_product_looked_at_after_an_order_is_what_the_next_question_is_about():
    async with a_shop() as shop:
        await shop.says(type="ORDER_CARD", content={"order_id": "5764"})
        shop.time.advance(timedelta(seconds=5))
        await shop.says(type="BUYER_ENTER_FROM_PRODUCT", content={"product_id": "17"})
        shop.time.advance(timedelta(seconds=5))
        await shop.says("Is it in stock?")
        found = await shop.poll()
        assert (found[-1].stage, found[-1].order_id) == (Stage.PRE_SALE, None)


@pytest.mark.parametrize(
    ("role", "verdict"),
    [
        ("BUYER", Verdict.CUSTOMER),
        ("CUSTOMER_SERVICE", Verdict.ANSWERED_ELSEWHERE),
        ("SHOP", Verdict.AUTO_REPLY),
        ("ROBOT", Verdict.AUTO_REPLY),
        ("SYSTEM", Verdict.AUTO_REPLY),
    ],
)
async def test_invariant_6_only_customer_service_stops_a_clock(role, verdict):
    async with a_shop() as shop:
        await shop.says("a long enough sentence", author=Author.AGENT, role=role)
        (found,) = await shop.poll()
        assert found.verdict is verdict


async def test_the_owners_role_can_be_made_to_count():
    async with a_shop(stop_roles=["CUSTOMER_SERVICE", "SHOP"]) as shop:
        await shop.says("It left yesterday.", author=Author.AGENT, role="SHOP")
        (found,) = await shop.poll()
        assert found.verdict is Verdict.ANSWERED_ELSEWHERE


async def test_what_tiktok_hides_from_sellers_is_not_shown():
    async with a_shop() as shop:
        await shop.says("Please rate us", author=Author.PLATFORM, visible=False)
        assert await shop.poll() == []
        before = shop.market.calls
        await shop.poll()
        assert shop.market.calls == before + 1


async def test_a_sessions_label_tells_the_stage():
    async with a_shop() as shop:
        begun = int(shop.time.now().timestamp())
        shop.market.sessions = [
            {"id": "s", "conversation_id": "7001", "begin_time": begun, "chat_tags": ["Logistics"]}
        ]
        await shop.says("When does it come?")
        (found,) = await shop.poll()
        assert found.stage is Stage.POST_SALE
        assert list(found.tags) == ["session:logistics", "phase:assigned"]


async def test_labels_that_are_not_wanted_cost_no_call():
    async with a_shop(session_labels=False) as shop:
        await shop.says("hello")
        await shop.poll()
        assert shop.asked("sessions") == 0


async def test_the_region_of_the_shop_is_the_marketplace():
    async with a_shop() as shop:
        shop.market.shops[0]["region"] = "TH"
        await shop.says("hello")
        (found,) = await shop.poll()
        assert found.marketplace == "th"


async def test_a_chat_that_cannot_be_opened_holds_up_no_other():
    async with a_shop() as shop:
        await shop.says("only this is shown", thread="31")
        await shop.says("hello", thread="32")
        shop.market.unreadable.add("31")
        assert {one.text for one in await shop.poll()} == {"only this is shown", "hello"}


async def test_a_used_up_quota_stops_reading_for_an_hour_and_not_the_answers():
    async with a_shop() as shop:
        message = await shop.stage.asked()
        await shop.says("another", thread="55")
        shop.market.code_for_reads = 45101004
        with pytest.raises(RateLimited) as stopped:
            await shop.poll()
        assert stopped.value.retry_after == 3600
        await shop.connector.reply(shop.stage.answer(message))
        assert shop.market.texts_sent == ["It leaves today."]


async def test_invariant_1_what_was_said_while_a_chat_could_not_be_opened_is_read_afterwards():
    async with a_shop() as shop:
        await shop.says("one")
        await shop.poll()
        shop.market.unreadable.add(THREAD)
        for text in ("two", "three"):
            shop.time.advance(timedelta(hours=1))
            await shop.says(text)
        assert [one.text for one in await shop.poll()] == ["three"]
        shop.market.unreadable.clear()
        shop.time.advance(timedelta(hours=1))
        await shop.says("four")
        assert [one.text for one in await shop.poll()] == ["two", "four"]


async def test_invariant_1_a_message_dated_in_the_future_hides_none_of_those_after_it():
    async with a_shop() as shop:
        await shop.says("dated wrongly", at=shop.time.now() + timedelta(days=3))
        await shop.poll()
        shop.time.advance(timedelta(minutes=1))
        await shop.says("dated rightly", at=shop.time.now())
        await shop.says("dated wrongly again", at=shop.time.now() + timedelta(days=4))
        found = {one.text for one in await shop.poll()}
        assert found == {"dated rightly", "dated wrongly again"}
