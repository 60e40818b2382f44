"""Which threads are opened, and what they cost."""

from datetime import timedelta

from connectors.contract import Verdict
from sla_rules.topics import Topic
from sla_rules.vocabulary import Author, Stage
from tests.connectors.allegro.bench import AllegroBench, allegro_of, lists_asked
from tests.connectors.opening import poll_after_one_went_on, poll_without_news

BENCH = AllegroBench()
MINUTE = timedelta(minutes=1)
LISTS = {"/messaging/threads", "/sale/issues"}


def opened(stage):
    return [path for path in lists_asked(stage) if path not in LISTS]


async def test_a_poll_without_news_costs_three_calls_and_opens_no_thread():
    assert await poll_without_news(BENCH, opened) == (3, 3, 3)


async def test_only_the_thread_that_changed_is_opened_again():
    assert await poll_after_one_went_on(BENCH, opened) == ["/messaging/threads/1/messages"]


async def test_the_list_is_walked_only_as_far_as_something_may_be_new():
    async with BENCH.running() as stage:
        for number in range(70):
            await stage.market.says(Author.CUSTOMER, "Halo?", thread=f"{number}")
            stage.time.advance(MINUTE)
        await stage.poll()
        stage.time.advance(10 * MINUTE)
        await stage.market.says(Author.CUSTOMER, "I co?", thread="3")
        calls = stage.market.calls
        await stage.poll()
        asked = [call.query for call in allegro_of(stage).log[calls:]]

        assert [query for query in asked if "offset=20" in query and "limit=20" in query] == []


async def test_invariant_1_more_changes_than_one_poll_opens_are_read_by_the_next():
    wanted = {f"Pytanie {number}" for number in range(130)}
    async with BENCH.running() as stage:
        for number, text in enumerate(sorted(wanted)):
            await stage.market.says(Author.CUSTOMER, text, thread=f"{number}")
            stage.time.advance(timedelta(seconds=20))
        first = await stage.poll()
        await stage.restart()
        second = await stage.poll()

        assert len(first) == 100
        assert {one.text for one in (*first, *second)} == wanted


async def test_invariant_1_old_messages_of_a_thread_that_a_flood_put_off_are_read_all_the_same():
    async with BENCH.running() as stage:
        now = stage.time.now()
        say = allegro_of(stage).says
        await say(Author.CUSTOMER, "sprzed tygodnia", at=now - timedelta(days=6), thread="deep")
        for number in range(130):
            at = now - timedelta(days=3) + number * MINUTE
            await say(Author.CUSTOMER, f"{number}", at=at, thread=f"{number}")
        await say(Author.CUSTOMER, "dzisiaj", at=now - timedelta(hours=1), thread="deep")
        found = [one.text for _ in range(2) for one in await stage.poll()]

        assert len(found) == 132
        assert {"sprzed tygodnia", "dzisiaj"} <= set(found)


async def test_invariant_1_a_crash_between_the_lists_loses_nothing():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        for number in range(30):
            market.opens(f"c-{number}")
            await market.says(Author.CUSTOMER, f"koło {number}", thread=f"c-{number}")
            await market.says(Author.CUSTOMER, f"paczka {number}", thread=f"{number}")
            stage.time.advance(timedelta(seconds=7))
        found = [one.text for one in await stage.poll(stop_after=1)]
        await stage.restart()
        found += [one.text for one in await stage.poll()]
        wanted = {f"{what} {number}" for what in ("koło", "paczka") for number in range(30)}

        assert wanted <= set(found)


async def test_invariant_1_a_thread_opened_within_seconds_of_its_change_is_opened_again():
    async with BENCH.running() as stage:
        await stage.market.says(Author.CUSTOMER, "pierwsza")
        await stage.poll()
        await stage.market.says(Author.CUSTOMER, "w tej samej chwili")

        assert [one.text for one in await stage.poll()] == ["w tej samej chwili"]


async def test_invariant_1_a_message_dated_in_the_future_hides_none_of_those_after_it():
    async with BENCH.running() as stage:
        ahead = stage.time.now() + timedelta(days=3)
        await stage.market.says(Author.CUSTOMER, "źle datowana", at=ahead, thread="1")
        await stage.poll()
        stage.time.advance(MINUTE)
        await stage.market.says(Author.CUSTOMER, "dobrze datowana", thread="2")

        assert [one.text for one in await stage.poll()] == ["dobrze datowana"]


async def test_a_long_thread_is_read_whole_in_pages_of_20_and_stored_in_pages_of_50():
    async with BENCH.running() as stage:
        for number in range(120):
            stage.time.advance(timedelta(seconds=1))
            await stage.market.says(Author.CUSTOMER, f"Linia {number}")
        found = await stage.poll()

        assert [one.text for one in found] == [f"Linia {number}" for number in range(120)]
        assert stage.largest_page == 50


async def test_a_thread_that_allegro_lists_and_does_not_know_stops_nobody_else():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        await market.says(Author.CUSTOMER, "Halo?", thread="1")
        await market.says(Author.CUSTOMER, "Dzień dobry", thread="2")
        market.lost_threads = {"1"}

        assert [one.text for one in await stage.poll()] == ["Dzień dobry"]


async def test_an_offer_is_asked_about_before_the_sale_and_an_order_after_it():
    async with BENCH.running() as stage:
        say = allegro_of(stage).says
        await say(Author.CUSTOMER, "Czy pasuje?", thread="1", offer="7678887152")
        await say(Author.CUSTOMER, "Gdzie paczka?", thread="2")
        await say(Author.CUSTOMER, "Dzień dobry", thread="3", order="")
        found = {one.text: (one.stage, one.topic) for one in await stage.poll()}

        assert found["Czy pasuje?"] == (Stage.PRE_SALE, Topic.PRE_SALE_QUESTION)
        assert found["Gdzie paczka?"] == (Stage.POST_SALE, Topic.OTHER)
        assert found["Dzień dobry"] == (Stage.UNKNOWN, Topic.OTHER)


async def test_a_message_that_names_nothing_is_about_what_the_customer_named_before():
    async with BENCH.running() as stage:
        say = allegro_of(stage).says
        await say(Author.CUSTOMER, "Gdzie paczka?")
        stage.time.advance(MINUTE)
        await say(Author.CUSTOMER, "Halo?", order="")
        first, second = await stage.poll()

        assert second.order_id == first.order_id
        assert second.stage is Stage.POST_SALE


async def test_an_answer_that_allegro_verifies_is_no_answer_until_it_is_delivered():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        await stage.asked()
        stage.time.advance(MINUTE)
        market.moderation = "held"
        market.take_reply("7001", "Już wysłane.")
        assert await stage.poll() == []
        stage.time.advance(timedelta(hours=1))
        assert await stage.poll() == []
        market.moderation = "sent"
        found = await stage.poll()

        assert [one.verdict for one in found] == [Verdict.ANSWERED_ELSEWHERE]


async def test_an_answer_that_allegro_blocks_later_comes_back():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        message = await stage.asked()
        market.moderation = "held"
        said = market.take_reply("7001", "https://sklep.seller.example")
        await stage.poll()
        stage.time.advance(timedelta(hours=1))
        market.moderation = "refused"
        found = await stage.poll()

        assert [one.verdict for one in found] == [Verdict.BOUNCE]
        assert found[0].refers_to == (said.id,)
        assert found[0].thread_keys == message.thread_keys


async def test_an_answer_verified_for_days_is_not_asked_for_for_ever():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        await stage.asked()
        market.moderation = "held"
        market.take_reply("7001", "Już wysłane.")
        await stage.poll()
        stage.time.advance(timedelta(days=3))
        await stage.poll()
        before = len(opened(stage))
        stage.time.advance(MINUTE)
        await stage.poll()

        assert len(opened(stage)) == before


async def test_nothing_of_a_person_beyond_the_login_is_kept():
    async with BENCH.running() as stage:
        await stage.asked()

        assert not any(b"avatarUrl" in item.payload for item in stage.stored.values())


async def test_no_thread_is_ever_marked_as_read():
    async with BENCH.running() as stage:
        message = await stage.asked()
        await stage.connector.reply(stage.answer(message))
        await stage.poll()

        assert not [path for path in lists_asked(stage) if path.endswith("/read")]
