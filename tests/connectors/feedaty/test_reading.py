"""Access, which reviews are found, and answers that nobody here can send."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from aiohttp import web
from typing_extensions import override

from connectors.errors import AuthExpired, Rejected, Unavailable
from connectors.feedaty.access import proof
from connectors.feedaty.items import released_at
from connectors.fields import Fields
from sandbox.markets.feedaty import FeedatyMarket
from sla_rules.vocabulary import Author
from tests.connectors.feedaty.bench import FeedatyBench, feedaty_of

BENCH = FeedatyBench()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_the_secret_is_proven_and_never_sent():
    # As `printf %s token-1secret-1 | sha1sum` says.
    digest = "95a54cfcbe2ac16839ebdfddf2fd87a7c201a9a1"

    sent = base64.b64decode(proof("10215860", "token-1", "secret-1"))
    assert sent == f"10215860:{digest}".encode()


async def test_a_token_serves_many_polls_and_is_fetched_anew_when_refused():
    async with BENCH.running() as stage:
        market = feedaty_of(stage)
        await stage.poll()
        await stage.poll()
        one = len(market.tokens)
        market.tokens.clear()
        await stage.market.says(Author.CUSTOMER, "Rotto.")

        assert one == 1
        assert [message.text for message in await stage.poll()] == ["Rotto."]


@pytest.mark.parametrize("wrong", [{"merchant_code": "1"}, {"client_secret": "no"}])
async def test_wrong_codes_pause_the_inbox(wrong):
    class Wrong(FeedatyBench):
        settings_too: ClassVar[dict[str, Any]] = wrong

    async with Wrong().running() as stage:
        with pytest.raises(AuthExpired):
            await stage.poll()


async def test_access_that_is_not_switched_on_says_where_to_switch_it_on():
    async with BENCH.running() as stage:
        feedaty_of(stage).is_on = False
        with pytest.raises(AuthExpired, match="switched on in the reserved area"):
            await stage.poll()
        health = await stage.connector.check()

        assert not health.ok
        assert "API non abilitate" in health.detail


async def test_a_poll_without_news_costs_one_call_and_brings_nothing():
    async with BENCH.running() as stage:
        for number in range(5):
            await stage.market.says(Author.CUSTOMER, f"{number}", thread=f"{number}")
        await stage.poll()
        calls = stage.market.calls
        stage.time.advance(timedelta(minutes=15))

        assert await stage.poll() == []
        assert stage.market.calls - calls == 1


@pytest.mark.parametrize(("newest_first", "pages"), [(True, 2), (False, 3)])
async def test_invariant_1_every_recent_review_is_found_in_whichever_order_they_come(
    newest_first, pages
):
    class Ordered(FeedatyBench):
        @override
        def market(self, now):
            return FeedatyMarket(now, newest_first=newest_first)

    async with Ordered().running() as stage:
        old = stage.time.now() - 30 * DAY
        for number in range(150):
            await stage.market.says(Author.CUSTOMER, "old", at=old, thread=f"{number}")
        for number in range(110):
            await stage.market.says(Author.CUSTOMER, f"{number}", thread=f"{number}")
            stage.time.advance(timedelta(minutes=1))
        found = await stage.poll()

        assert [one.text for one in found] == [f"{number}" for number in range(110)]
        assert len([call for call in feedaty_of(stage).log if call.path == "/Reviews/Get"]) == pages


async def test_invariant_1_a_review_published_after_mediation_is_seen():
    async with BENCH.running() as stage:
        await stage.market.says(Author.CUSTOMER, "first")
        await stage.poll()
        stage.time.advance(5 * DAY)
        await stage.market.says(Author.CUSTOMER, "second")
        await stage.poll()
        await stage.market.says(Author.CUSTOMER, "mediated", at=stage.time.now() - 4 * DAY)

        assert [one.text for one in await stage.poll()] == ["mediated"]


async def test_a_changed_review_says_its_stars_in_the_same_conversation():
    async with BENCH.running() as stage:
        message = await stage.asked("Si è rotto.")
        stage.time.advance(DAY)
        feedaty_of(stage).change(feedaty_of(stage).messages[0].id, "Sostituito!", stars=5)
        found = await stage.poll()

        assert [one.text for one in found] == ["★★★★★ (changed)\nSostituito!"]
        assert found[0].thread_keys == message.thread_keys
        assert found[0].sent_at == stage.time.now()


async def test_a_products_review_is_told_apart_from_the_services():
    async with BENCH.running() as stage:
        await feedaty_of(stage).says(Author.CUSTOMER, "Rotto.", product="TRAIN-1")
        await feedaty_of(stage).says(Author.CUSTOMER, "Lenti.", thread="2")
        subjects = {one.subject: one.tags for one in await stage.poll()}

        assert subjects == {"★★☆☆☆ TRAIN-1": ("product",), "★★☆☆☆": ("service",)}


async def test_invariant_11_no_address_of_a_customer_is_kept():
    async with BENCH.running() as stage:
        await stage.asked()

        assert not any(b"@buyer.example" in item.payload for item in stage.stored.values())


async def test_an_answer_is_typed_in_the_reserved_area():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        with pytest.raises(Rejected, match="Le tue recensioni"):
            stage.connector.preview(command)
        with pytest.raises(Rejected, match="Le tue recensioni"):
            await stage.connector.reply(command)
        assert stage.market.changes == 0


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("/Date(1773131400000)/", datetime(2026, 3, 10, 8, 30, tzinfo=UTC)),
        ("/Date(1773131400000+0100)/", datetime(2026, 3, 10, 8, 30, tzinfo=UTC)),
        ("2026-03-10T08:30:00Z", datetime(2026, 3, 10, 8, 30, tzinfo=UTC)),
        ("/Date(999999999999999)/", None),
        ("/Date(soon)/", None),
        (None, None),
    ],
)
def test_a_time_is_read_in_each_of_its_forms(told, at):
    assert released_at(Fields({"Released": told})) == at


@pytest.mark.parametrize("answer", [{"Success": True}, {"Success": True, "Data": []}, {"Data": {}}])
async def test_invariant_1_a_list_in_another_form_is_never_taken_for_an_empty_one(answer):
    class Renamed(FeedatyMarket):
        @override
        async def reviews(self, request):
            return web.json_response(answer)

    class Bench(FeedatyBench):
        @override
        def market(self, now):
            return Renamed(now)

    async with Bench().running() as stage:
        with pytest.raises(Unavailable, match="no list"):
            await stage.poll()
