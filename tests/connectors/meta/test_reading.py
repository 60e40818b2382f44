"""Reading conversations: cheap, whole, and honest about what Meta does not show."""

import random
from datetime import timedelta

import pytest

from connectors.contract import Cursor, Verdict
from connectors.errors import Unavailable
from connectors.keep import MemoryKeep
from connectors.meta.reading import MOST_OPENED, OPENED_A_PAGE
from connectors.meta.sent import MOST, SentParts
from connectors.registry import load_connectors
from connectors.testing.market import THREAD
from sandbox.markets.meta_calls import NEWEST
from sla_rules.vocabulary import Author
from tests.connectors.meta.worlds import CHANNELS, account, called

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_an_idle_poll_is_one_call(channel):
    async with account(channel, comments=False) as (stage, market):
        for number in range(3):
            await market.says(Author.CUSTOMER, f"question {number}", thread=str(7001 + number))
        await stage.poll()
        stage.time.advance(3 * MINUTE)
        before = market.calls
        assert await stage.poll() == []
        assert market.calls == before + 1


async def test_only_a_conversation_that_changed_is_opened():
    async with account("instagram", comments=False) as (stage, market):
        for number in range(3):
            await market.says(Author.CUSTOMER, f"question {number}", thread=str(7001 + number))
        await stage.poll()
        stage.time.advance(10 * MINUTE)
        await market.says(Author.CUSTOMER, "and one more", thread="7002")
        before = market.calls
        found = await stage.poll()

        assert [one.text for one in found] == ["and one more"]
        assert market.calls == before + 2


async def test_a_second_message_within_the_same_second_is_read():
    async with account("facebook") as (stage, market):
        at = stage.time.now()
        await market.says(Author.CUSTOMER, "first", at=at)
        await stage.poll()
        await market.says(Author.CUSTOMER, "second", at=at)

        assert [one.text for one in await stage.poll()] == ["second"]


async def test_invariant_1_a_long_backlog_is_read_over_several_polls_without_a_loss():
    async with account("facebook", comments=False) as (stage, market):
        wanted = {f"question {number}" for number in range(MOST_OPENED + 40)}
        for number in range(MOST_OPENED + 40):
            await market.says(Author.CUSTOMER, f"question {number}", thread=str(8000 + number))
        first = {one.text for one in await stage.poll()}
        assert len(first) < len(wanted)
        await stage.restart()
        await market.says(Author.CUSTOMER, "came in between", thread="9500")
        stage.time.advance(2 * MINUTE)
        found = (
            first
            | {one.text for one in await stage.poll()}
            | {one.text for one in await stage.poll()}
        )

    assert wanted | {"came in between"} <= found


async def test_invariant_1_messages_that_meta_hides_are_told():
    async with account("facebook", comments=False) as (stage, market):
        await stage.asked("hello")
        stage.time.advance(10 * MINUTE)
        for number in range(NEWEST + 3):
            await market.says(Author.CUSTOMER, f"line {number}")
            stage.time.advance(timedelta(seconds=2))
        found = await stage.poll()

    told = [one for one in found if one.verdict is Verdict.NOTICE]
    assert len(told) == 1
    assert "20" in told[0].text
    assert told[0].thread_keys == found[-1].thread_keys
    assert [one.text for one in found if one.verdict is Verdict.CUSTOMER] == [
        f"line {number}" for number in range(3, NEWEST + 3)
    ]


async def test_a_first_poll_tells_of_no_gap_before_its_beginning():
    async with account("facebook", comments=False) as (stage, market):
        for number in range(NEWEST + 3):
            await market.says(Author.CUSTOMER, f"line {number}")
        found = await stage.poll()

    assert {one.verdict for one in found} == {Verdict.CUSTOMER}


async def test_a_conversation_that_cannot_be_opened_is_told_and_the_others_are_read():
    async with account("instagram", comments=False) as (stage, market):
        await market.says(Author.CUSTOMER, "shown", thread="7001")
        await market.says(Author.CUSTOMER, "hidden", thread="7002")
        market.hidden.add(market.conversation_id("7002"))
        found = await stage.poll()

    assert {one.verdict for one in found} == {Verdict.CUSTOMER, Verdict.NOTICE}
    assert "shown" in {one.text for one in found}


async def test_a_page_mark_that_meta_forgot_begins_the_sweep_anew():
    async with account("facebook", comments=False) as (stage, market):
        await market.says(Author.CUSTOMER, "still here")
        now = stage.time.now().isoformat()
        week_ago = (stage.time.now() - timedelta(days=7)).isoformat()
        stage.cursor = Cursor(
            state={"floor": week_ago, "mark": week_ago, "top": now, "after": "forgotten"}
        )

        assert [one.text for one in await stage.poll()] == ["still here"]


@pytest.mark.parametrize("state", [{}, {"floor": 7}, {"seen": [], "after": None, "top": 3}])
async def test_a_cursor_of_another_shape_is_no_crash(state):
    async with account("facebook") as (stage, market):
        await market.says(Author.CUSTOMER, "hello")
        stage.cursor = Cursor(state=state)

        assert "hello" in {one.text for one in await stage.poll()}


async def test_a_list_without_times_does_not_pass_for_silence():
    async with account("facebook", comments=False) as (stage, market):
        await market.says(Author.CUSTOMER, "hello")
        market.timeless = True

        with pytest.raises(Unavailable, match="times"):
            await stage.poll()


@pytest.mark.parametrize("channel", CHANNELS)
async def test_invariant_6_an_answer_within_seconds_is_a_machines(channel):
    async with account(channel) as (stage, market):
        await market.says(Author.CUSTOMER, "Is anybody there?")
        stage.time.advance(timedelta(seconds=4))
        await market.says(Author.AUTO, "Thanks, we will be back.")
        stage.time.advance(timedelta(minutes=5))
        await market.says(Author.AGENT, "Yes, I am.")
        found = {one.text: one.verdict for one in await stage.poll()}

    assert found["Thanks, we will be back."] is Verdict.AUTO_REPLY
    assert found["Yes, I am."] is Verdict.ANSWERED_ELSEWHERE


async def test_a_conversation_is_one_thread_whoever_wrote():
    async with account("instagram") as (stage, market):
        await market.says(Author.CUSTOMER, "one")
        stage.time.advance(MINUTE)
        await market.says(Author.AGENT, "two")
        found = await stage.poll()

    assert len({one.thread_keys[0].value for one in found}) == 1
    assert found[0].thread_keys[0].value == f"person:2400000000{int(THREAD):06d}"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("channel", CHANNELS)
async def test_invariant_1_whatever_the_order_of_writing_polling_and_crashing(channel, seed):
    chance = random.Random(seed)
    async with account(channel) as (stage, market):
        for step in range(40):
            stage.time.advance(timedelta(seconds=chance.choice([0, 1, 20, 200, 900])))
            act = chance.random()
            if act < 0.6:
                thread = str(7001 + chance.randrange(9))
                late = timedelta(seconds=chance.choice([0, 0, 0, 30, 60]))
                await market.says(
                    Author.CUSTOMER, f"text {step}", thread=thread, at=stage.time.now() - late
                )
            elif act < 0.7:
                await market.says(Author.CUSTOMER, f"text {step}", thread="88", comment=True)
            elif act < 0.85:
                await stage.poll(stop_after=chance.choice([None, 1]))
            else:
                await stage.restart()
        for _ in range(2):
            stage.time.advance(timedelta(minutes=11))
            await stage.poll()
        found = {stage.connector.normalise(item).text for item in stage.stored.values()}

    assert {said.text for said in market.messages} <= found


async def test_a_sweep_that_ends_on_an_empty_page_is_over():
    async with account("facebook", comments=False) as (stage, market):
        await market.says(Author.CUSTOMER, "hello")
        await stage.poll()
        assert stage.cursor is not None
        state = {**stage.cursor.state, "top": stage.time.now().isoformat(), "after": "QVFI9"}
        stage.cursor = Cursor(state=state)
        assert await stage.poll() == []
        await market.says(Author.CUSTOMER, "again")

        assert [one.text for one in await stage.poll()] == ["again"]


async def test_the_cursor_stays_small():
    async with account("facebook", comments=False) as (stage, market):
        for number in range(30):
            await market.says(Author.CUSTOMER, f"question {number}", thread=str(8000 + number))
            stage.time.advance(MINUTE)
            if number % 5 == 4:
                await stage.poll()
        assert stage.cursor is not None
        seen = stage.cursor.state["seen"]

    assert isinstance(seen, dict)
    assert 0 < len(seen) <= 4


async def test_only_the_newest_parts_are_remembered():
    keep = MemoryKeep()
    sent = SentParts(keep)
    for number in range(MOST + 5):
        await sent.add([f"m_{number}"])

    assert await SentParts(keep).ids() == {f"m_{number}" for number in range(5, MOST + 5)}


@pytest.mark.parametrize("channel", CHANNELS)
async def test_half_a_character_spoils_no_message(channel):
    async with account(channel) as (stage, market):
        said = await market.says(Author.CUSTOMER, "half \ud83d a smile")
        by_call = (await called(stage, market.webhook(said))).items[0]

        assert stage.connector.normalise(by_call).text == "half  a smile"
        assert (await stage.poll())[0].text == "half  a smile"


async def test_a_page_is_stored_before_the_desk_loses_patience():
    async with account("facebook", comments=False) as (stage, market):
        for number in range(OPENED_A_PAGE * 3):
            await market.says(Author.CUSTOMER, f"question {number}", thread=str(8000 + number))
        started, longest = stage.time.now(), timedelta()
        async for _ in stage.connector.fetch(None):
            longest = max(longest, stage.time.now() - started)
            started = stage.time.now()

    assert timedelta() < longest < timedelta(seconds=30)


def test_the_shared_core_is_no_channel():
    registry = load_connectors()

    assert {"instagram", "facebook"} <= set(registry.specs)
    assert "meta" not in {*registry.specs, *registry.broken}
