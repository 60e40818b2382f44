"""Which discussions are opened, what they cost, and what is found in them."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from typing_extensions import override

from connectors.contract import Verdict
from connectors.errors import Malformed, Unavailable
from connectors.testing.bench import Stage
from sandbox.markets.octopia import OctopiaMarket
from sla_rules.topics import Topic
from sla_rules.vocabulary import Author, Kind
from tests.connectors.octopia.bench import OctopiaBench, octopia_of
from tests.connectors.opening import poll_after_one_went_on, poll_without_news

BENCH = OctopiaBench()
MINUTE = timedelta(minutes=1)


def opened(stage: Stage) -> list[str]:
    lists = ("/discussions", "/token", "/count")
    return [call.path[-6:] for call in octopia_of(stage).log if not call.path.endswith(lists)]


async def test_a_poll_without_news_costs_two_calls_and_opens_no_discussion():
    assert await poll_without_news(BENCH, opened) == (3, 3, 2)


async def test_only_the_discussion_that_changed_is_opened_again():
    assert await poll_after_one_went_on(BENCH, opened) == ["ons/d1"]


async def test_invariant_1_a_message_that_does_not_touch_its_answered_discussion_is_seen():
    async with BENCH.running() as stage:
        await stage.market.says(Author.CUSTOMER, "Bonjour ?")
        await stage.market.says(Author.AGENT, "Il arrive.")
        stage.time.advance(2 * MINUTE)
        await stage.poll()
        stage.time.advance(timedelta(days=2))
        await octopia_of(stage).says(Author.CUSTOMER, "Toujours rien", unnoticed=True)

        assert [one.text for one in await stage.poll()] == ["Toujours rien"]


@pytest.mark.parametrize("counts_from", [0, 1])
async def test_invariant_1_every_page_is_read_wherever_their_numbers_begin(counts_from):
    class Counted(OctopiaBench):
        @override
        def market(self, now):
            return OctopiaMarket(now, counts_from=counts_from)

    wanted = {f"Question {number}" for number in range(120)}
    async with Counted().running() as stage:
        for number, text in enumerate(sorted(wanted)):
            await stage.market.says(Author.CUSTOMER, text, thread=f"{number}")
            stage.time.advance(timedelta(seconds=10))
        first = await stage.poll()
        await stage.restart()
        second = await stage.poll()

        assert len(first) == 100
        assert {one.text for one in (*first, *second)} == wanted


async def test_a_long_discussion_is_cut_into_pages_of_50():
    async with BENCH.running() as stage:
        for number in range(120):
            stage.time.advance(timedelta(seconds=1))
            await stage.market.says(Author.CUSTOMER, f"ligne {number}")
        found = await stage.poll()

        assert [one.text for one in found] == [f"ligne {number}" for number in range(120)]
        assert stage.largest_page == 50


@pytest.mark.parametrize("channels", [["CDISFR"], ["CDISFR", "OTHRFR"]])
async def test_an_inbox_of_some_sales_channels_leaves_the_others_alone(channels):
    class Some(OctopiaBench):
        settings_too: ClassVar[dict[str, Any]] = {"sales_channels": channels}

    async with Some().running() as stage:
        market = octopia_of(stage)
        for number, code in enumerate(("CDISFR", "OTHRFR", "THRDES")):
            await market.says(Author.CUSTOMER, code, thread=f"{number}", channel=code)

        assert sorted(one.text for one in await stage.poll()) == channels


async def test_a_closed_discussion_waits_for_nobody():
    async with BENCH.running() as stage:
        message = await stage.asked()
        stage.time.advance(MINUTE)
        octopia_of(stage).shut("7001")
        found = await stage.poll()
        stage.time.advance(MINUTE)

        assert [one.verdict for one in found] == [Verdict.ANSWERED_ELSEWHERE]
        assert found[0].thread_keys == message.thread_keys
        assert await stage.poll() == []


async def test_a_message_in_a_claim_says_that_it_is_one():
    async with BENCH.running() as stage:
        octopia_of(stage).levels["7001"] = "Claim"
        message = await stage.asked("Le train est cassé.")

        assert (message.kind, message.topic) == (Kind.CLAIM, Topic.CLAIM)
        assert len(stage.stored) == 1


@pytest.mark.parametrize("wait", [MINUTE, timedelta(hours=3)])
async def test_a_discussion_raised_without_a_word_says_so_once(wait):
    async with BENCH.running() as stage:
        await stage.asked()
        await stage.market.says(Author.AGENT, "Il arrive.")
        stage.time.advance(MINUTE)
        await stage.poll()
        stage.time.advance(wait)
        octopia_of(stage).raise_to("7001", "Claim")
        stage.time.advance(MINUTE)
        found = await stage.poll()
        stage.time.advance(MINUTE)
        await stage.market.says(Author.PLATFORM, "Merci de répondre.")
        stage.time.advance(MINUTE)
        later = await stage.poll()

        assert [(one.verdict, one.kind) for one in found] == [(Verdict.CUSTOMER, Kind.CLAIM)]
        assert found[0].text == "The discussion was raised to a claim."
        assert [one.verdict for one in later] == [Verdict.NOTICE]


async def test_a_first_poll_opens_claims_and_raises_none():
    async with BENCH.running() as stage:
        market = octopia_of(stage)
        for number in range(3):
            market.levels[f"{number}"] = "Claim"
            await market.says(Author.CUSTOMER, f"{number}", thread=f"{number}")
            stage.time.advance(timedelta(hours=1))

        assert [one.text for one in await stage.poll()] == ["0", "1", "2"]


async def test_invariant_1_a_discussion_that_cannot_be_opened_is_left_to_a_person():
    async with BENCH.running() as stage:
        octopia_of(stage).unopenable = {"7001"}
        await stage.market.says(Author.CUSTOMER, "illisible")
        await stage.market.says(Author.CUSTOMER, "lisible", thread="7002")
        with pytest.raises(Malformed):
            await stage.poll()

        assert {name.partition(":")[0] for name in stage.stored} == {"message", "unopened"}


async def test_invariant_1_a_discussion_dated_in_the_future_hides_none_of_those_after_it():
    async with BENCH.running() as stage:
        ahead = stage.time.now() + timedelta(days=3)
        await stage.market.says(Author.CUSTOMER, "mal daté", at=ahead, thread="1")
        await stage.poll()
        stage.time.advance(MINUTE)
        await stage.market.says(Author.CUSTOMER, "bien daté", thread="2")

        assert "bien daté" in [one.text for one in await stage.poll()]


async def test_after_a_year_away_the_search_stays_within_six_months():
    async with BENCH.running() as stage:
        await stage.asked()
        stage.time.advance(timedelta(days=365))
        await stage.market.says(Author.CUSTOMER, "un an après")

        assert [one.text for one in await stage.poll()] == ["un an après"]


@pytest.mark.parametrize(
    ("named", "found"), [("items", ["Bonjour ?"]), ("discussions", ["Bonjour ?"]), (None, [])]
)
async def test_invariant_1_a_list_in_a_form_nobody_knows_is_never_taken_for_an_empty_one(
    named, found
):
    class Named(OctopiaMarket):
        rows_in = named

    class Bench(OctopiaBench):
        @override
        def market(self, now):
            return Named(now)

    async with Bench().running() as stage:
        await stage.market.says(Author.CUSTOMER, "Bonjour ?")
        if named is not None:
            assert [one.text for one in await stage.poll()] == found
            return
        with pytest.raises(Unavailable, match="no list"):
            await stage.poll()


async def test_invariant_1_a_discussion_shown_without_messages_is_left_to_a_person():
    async with BENCH.running() as stage:
        octopia_of(stage).without_messages = {"7001"}
        await stage.market.says(Author.CUSTOMER, "Bonjour ?")
        with pytest.raises(Malformed):
            await stage.poll()

        assert [name.partition(":")[0] for name in stage.stored] == ["unopened"]
