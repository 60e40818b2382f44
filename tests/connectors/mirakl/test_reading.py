"""Sweeps of threads, incidents and returns: what is read, when, and what it costs."""

from datetime import timedelta

from connectors.contract import InboundMessage, Verdict
from connectors.mirakl.reading import INCIDENTS_EVERY, RETURNS_EVERY
from connectors.testing.bench import Stage
from sla_rules.vocabulary import Author
from tests.connectors.mirakl.bench import MiraklBench, mirakl_of

BENCH = MiraklBench()
MINUTE = timedelta(minutes=1)


def paths(stage: Stage) -> list[str]:
    return [call.path for call in mirakl_of(stage).log]


def verdicts(found: list[InboundMessage]) -> list[Verdict]:
    return [one.verdict for one in found]


async def test_a_poll_without_news_costs_one_call_and_opens_no_thread():
    async with BENCH.running() as stage:
        for number in range(3):
            await stage.market.says(Author.CUSTOMER, "Hello?", thread=f"{number}")
        await stage.poll()
        stage.time.advance(MINUTE)
        before = len(paths(stage))
        await stage.poll()

        assert paths(stage)[before:] == ["/api/inbox/threads"]


async def test_incidents_and_returns_are_listed_no_more_often_than_mirakl_asks():
    async with BENCH.running() as stage:
        for _ in range(31):
            await stage.poll()
            stage.time.advance(MINUTE)

        assert paths(stage).count("/api/orders") == 30 * MINUTE // INCIDENTS_EVERY + 1
        assert paths(stage).count("/api/returns") == 30 * MINUTE // RETURNS_EVERY + 1


async def test_a_shop_that_wants_no_incidents_and_no_returns_never_asks_for_them():
    class Quiet(MiraklBench):
        settings_too = {"incidents": False, "returns": False}  # noqa: RUF012

    async with Quiet().running() as stage:
        await stage.market.says(Author.CUSTOMER, "Hello?")
        assert len(await stage.poll()) == 1
        assert set(paths(stage)) == {"/api/inbox/threads"}


async def test_invariant_1_a_long_sweep_goes_on_at_the_next_poll_where_it_stopped():
    wanted = {f"question {number}" for number in range(230)}
    async with BENCH.running() as stage:
        for number, text in enumerate(sorted(wanted)):
            await stage.market.says(Author.CUSTOMER, text, thread=f"{number}")
        first = await stage.poll()
        await stage.restart()
        second = await stage.poll()

        assert len(first) == 100  # 20 pages, of 5 threads at this marketplace
        assert len(second) == 100
        found = {one.text for one in (*first, *second, *await stage.poll())}
        assert found == wanted


async def test_invariant_1_what_is_written_during_a_long_sweep_is_read_after_it():
    async with BENCH.running() as stage:
        for number in range(120):
            await stage.market.says(Author.CUSTOMER, f"{number}", thread=f"{number}")
        await stage.poll()
        stage.time.advance(MINUTE)
        await stage.market.says(Author.CUSTOMER, "in between", thread="999")
        texts = {one.text for one in (*await stage.poll(), *await stage.poll())}

        assert "in between" in texts


async def test_invariant_1_a_page_token_that_is_forgotten_begins_the_sweep_anew():
    async with BENCH.running() as stage:
        for number in range(8):
            await stage.market.says(Author.CUSTOMER, f"{number}", thread=f"{number}")
        await stage.poll(stop_after=1)
        assert stage.cursor is not None
        state = dict(stage.cursor.state)
        assert state["token"]
        stage.cursor = type(stage.cursor)(state={**state, "token": "Zm9yZ290dGVu"})
        await stage.poll()

        assert {item for item in stage.stored if item.startswith("message:")} >= {
            f"message:{number}:{said.id}" for number, said in enumerate(mirakl_of(stage).messages)
        }


async def test_invariant_1_a_thread_longer_than_a_list_shows_is_read_whole():
    async with BENCH.running() as stage:
        for number in range(130):
            stage.time.advance(timedelta(seconds=1))
            await stage.market.says(Author.CUSTOMER, f"line {number}")
        found = await stage.poll()

        assert len({one.text for one in found}) == 130
        assert paths(stage).count("/api/inbox/threads/7001") == 1
        assert stage.largest_page == 50


async def test_a_long_thread_whose_new_messages_are_all_shown_is_not_opened():
    async with BENCH.running() as stage:
        for number in range(130):
            await stage.market.says(
                Author.CUSTOMER, f"{number}", at=stage.time.now() - timedelta(days=5)
            )
        await stage.poll()
        stage.time.advance(timedelta(days=4))
        await stage.market.says(Author.CUSTOMER, "old")
        await stage.poll()
        opened = paths(stage).count("/api/inbox/threads/7001")
        stage.time.advance(timedelta(days=2))
        await stage.market.says(Author.CUSTOMER, "and now?")
        assert [one.text for one in await stage.poll()] == ["and now?"]
        assert paths(stage).count("/api/inbox/threads/7001") == opened


async def test_an_incident_is_one_claim_while_it_is_open_and_then_closed():
    async with BENCH.running() as stage:
        market = mirakl_of(stage)
        market.incident("8001-A")
        opened = await stage.poll()
        stage.time.advance(INCIDENTS_EVERY)
        again = await stage.poll()
        market.close_incident("8001-A")
        stage.time.advance(INCIDENTS_EVERY)
        closed = await stage.poll()

        assert verdicts(opened) == [Verdict.CLAIM]
        assert opened[0].thread_keys == closed[0].thread_keys
        assert again == []
        assert verdicts(closed) == [Verdict.CLAIM_CLOSED]


async def test_an_incident_opened_again_is_a_claim_again():
    async with BENCH.running() as stage:
        market = mirakl_of(stage)
        found = []
        for act in (market.incident, market.close_incident, market.incident):
            act("8001-A")
            found += await stage.poll()
            stage.time.advance(INCIDENTS_EVERY)

        assert verdicts(found) == [Verdict.CLAIM, Verdict.CLAIM_CLOSED, Verdict.CLAIM]


async def test_an_incident_whose_order_is_gone_is_closed_all_the_same():
    async with BENCH.running() as stage:
        market = mirakl_of(stage)
        market.incident("gone")
        await stage.poll()
        del market.orders["gone"]
        stage.time.advance(INCIDENTS_EVERY)

        assert verdicts(await stage.poll()) == [Verdict.CLAIM_CLOSED]


async def test_a_return_asks_once_and_is_answered_by_its_next_state():
    async with BENCH.running() as stage:
        market = mirakl_of(stage)
        market.asks_return("r-1", "8001-A")
        asked = await stage.poll()
        stage.time.advance(RETURNS_EVERY)
        market.asks_return("r-1", "8001-A", "REFUSED")
        answered = await stage.poll()

        assert verdicts(asked) == [Verdict.CUSTOMER]
        assert verdicts(answered) == [Verdict.ANSWERED_ELSEWHERE]
        assert asked[0].thread_keys == answered[0].thread_keys


async def test_no_reply_needed_pressed_in_the_back_office_is_seen():
    async with BENCH.running() as stage:
        message = await stage.asked()
        stage.time.advance(MINUTE)
        mirakl_of(stage).press_no_reply("7001")
        found = await stage.poll()

        assert verdicts(found) == [Verdict.ANSWERED_ELSEWHERE]
        assert found[0].thread_keys == message.thread_keys


async def test_history_of_the_first_poll_counts_as_received_when_it_was_written():
    class Long(MiraklBench):
        settings_too = {"since_days": 60}  # noqa: RUF012

    async with Long().running() as stage:
        then = stage.time.now() - timedelta(days=20)
        await stage.market.says(Author.CUSTOMER, "long ago", at=then)
        found = await stage.poll()

        assert found[0].sent_at == then
        assert [item.received_at for item in stage.stored.values()] == [then]


async def test_a_key_for_several_shops_names_its_shop():
    class Several(MiraklBench):
        settings_too = {"shop_id": 2301}  # noqa: RUF012

    async with Several().running() as stage:
        mirakl_of(stage).several_shops = True
        await stage.market.says(Author.CUSTOMER, "Hello?")
        assert len(await stage.poll()) == 1


async def test_invariant_10_a_key_that_may_not_read_orders_still_reads_messages():
    async with BENCH.running() as stage:
        mirakl_of(stage).forbidden = {"/api/orders", "/api/returns"}
        await stage.market.says(Author.CUSTOMER, "Hello?")
        found = await stage.poll()
        health = await stage.connector.check()

        assert [one.text for one in found] == ["Hello?"]
        assert not health.ok
        assert "incidents = false" in health.detail
        assert "returns = false" in health.detail


async def test_invariant_1_a_long_thread_that_cannot_be_opened_is_read_as_far_as_it_is_shown():
    async with BENCH.running() as stage:
        mirakl_of(stage).forbidden = {"/api/inbox/threads/7001"}
        for number in range(101):
            await stage.market.says(Author.CUSTOMER, f"{number}")

        assert len(await stage.poll()) == 100


async def test_invariant_1_a_thread_dated_in_the_future_hides_none_of_those_after_it():
    async with BENCH.running() as stage:
        ahead = stage.time.now() + timedelta(days=3)
        await stage.market.says(Author.CUSTOMER, "dated wrongly", at=ahead, thread="1")
        await stage.poll()
        stage.time.advance(MINUTE)
        await stage.market.says(Author.CUSTOMER, "dated rightly", thread="2")

        assert [one.text for one in await stage.poll()] == ["dated rightly"]
