"""Which reviews are found, when, and what they cost."""

from datetime import timedelta

import pytest
from aiohttp import web
from typing_extensions import override

from connectors.capabilities import Webhooks
from connectors.contract import Verdict
from connectors.errors import Unavailable, WebhookRefused
from connectors.testing.bench import Stage
from sandbox.markets.judge_me import JudgeMeMarket
from sla_rules.topics import Topic
from sla_rules.vocabulary import Author
from tests.connectors.judge_me.bench import JudgeMeBench, judge_me_of

BENCH = JudgeMeBench()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def call(stage: Stage, review: str) -> None:
    assert isinstance(stage.connector, Webhooks)
    await stage.connector.parse_webhook(stage.market.webhook(review))


async def test_a_poll_without_news_costs_one_call_and_brings_nothing():
    async with BENCH.running() as stage:
        for number in range(5):
            await stage.market.says(Author.CUSTOMER, f"{number}", thread=f"{number}")
        await stage.poll()
        calls = stage.market.calls
        stage.time.advance(HOUR)

        assert await stage.poll() == []
        assert stage.market.calls - calls == 1


@pytest.mark.parametrize("newest_first", [True, False])
async def test_invariant_1_every_recent_review_is_found_in_whichever_order_they_come(newest_first):
    class Ordered(JudgeMeBench):
        @override
        def market(self, now):
            return JudgeMeMarket(now, newest_first=newest_first)

    async with Ordered().running() as stage:
        old = stage.time.now() - 30 * DAY
        for number in range(150):
            await stage.market.says(Author.CUSTOMER, "old", at=old, thread=f"{number}")
        for number in range(110):
            await stage.market.says(Author.CUSTOMER, f"{number}", thread=f"{number}")
            stage.time.advance(timedelta(minutes=1))
        found = await stage.poll()
        pages = stage.market.calls

        assert [one.text for one in found] == [f"{number}" for number in range(110)]
        assert pages == (2 if newest_first else 3)


async def test_invariant_1_a_review_approved_days_after_it_was_left_is_seen():
    async with BENCH.running() as stage:
        await stage.market.says(Author.CUSTOMER, "first", at=stage.time.now() - HOUR)
        await stage.poll()
        stage.time.advance(3 * DAY)
        await stage.market.says(Author.CUSTOMER, "second")
        await stage.poll()
        await stage.market.says(Author.CUSTOMER, "late", at=stage.time.now() - 2 * DAY)

        assert [one.text for one in await stage.poll()] == ["late"]


async def test_a_changed_review_says_its_stars_in_the_same_conversation():
    async with BENCH.running() as stage:
        message = await stage.asked("Si è rotto.")
        stage.time.advance(DAY)
        judge_me_of(stage).change(str(message.reply_context["review"]), "Sostituito!", stars=5)
        await stage.restart()
        found = await stage.poll()

        assert [one.text for one in found] == ["★★★★★ (changed)\nSostituito!"]
        assert found[0].thread_keys == message.thread_keys
        assert found[0].sent_at == stage.time.now()


async def test_a_review_that_the_shop_hides_is_no_other_review():
    async with BENCH.running() as stage:
        await stage.asked()
        market = judge_me_of(stage)
        market.messages[0].more["hidden"] = True
        market.changed[market.messages[0].id] = stage.time.now() + HOUR
        stage.time.advance(2 * HOUR)

        assert await stage.poll() == []


async def test_an_old_review_is_looked_at_when_judge_me_calls_about_it():
    async with BENCH.running() as stage:
        message = await stage.asked("Si è rotto.")
        review = str(message.reply_context["review"])
        stage.time.advance(60 * DAY)
        await stage.market.says(Author.CUSTOMER, "another")
        await stage.poll()
        judge_me_of(stage).change(review, "Ancora rotto.")
        before = await stage.poll()
        await call(stage, review)
        found = await stage.poll()
        calls = stage.market.calls
        await stage.poll()

        assert before == []
        assert [one.text for one in found] == ["★★☆☆☆ (changed)\nAncora rotto."]
        assert stage.market.calls - calls == 1


async def test_a_review_taken_down_is_a_line_in_the_log():
    async with BENCH.running() as stage:
        message = await stage.asked()
        review = str(message.reply_context["review"])
        stage.time.advance(HOUR)
        await call(stage, review)
        judge_me_of(stage).removed.add(review)
        found = await stage.poll()

        assert [one.verdict for one in found] == [Verdict.DELIVERY_NOTICE]
        assert found[0].thread_keys == message.thread_keys


@pytest.mark.parametrize(
    ("more", "verdict", "public", "topic"),
    [
        ({"stars": 1}, Verdict.CUSTOMER, True, Topic.NEGATIVE_REVIEW),
        ({"stars": 5}, Verdict.CUSTOMER, True, Topic.REVIEW),
        ({"stars": 1, "curated": "not-yet"}, Verdict.CUSTOMER, False, Topic.NEGATIVE_REVIEW),
        ({"stars": 1, "hidden": True}, Verdict.CUSTOMER, False, Topic.NEGATIVE_REVIEW),
        ({"stars": 1, "curated": "spam"}, Verdict.BULK, False, Topic.REVIEW),
    ],
)
async def test_who_reads_a_review_and_who_waits(more, verdict, public, topic):
    async with BENCH.running() as stage:
        await judge_me_of(stage).says(Author.CUSTOMER, "words", **more)
        message = (await stage.poll())[0]

        assert (message.verdict, message.public, message.topic) == (verdict, public, topic)


async def test_invariant_11_neither_phone_nor_network_address_of_a_customer_is_kept():
    async with BENCH.running() as stage:
        await stage.asked()
        kept = b"".join(item.payload for item in stage.stored.values())

        assert b"nora.7001@buyer.example" in kept
        assert b"0212345678" not in kept
        assert b"203.0.113.7" not in kept


async def test_a_call_signed_with_an_apps_secret_counts_where_it_is_set():
    class App(JudgeMeBench):
        settings_too = {"webhook_secret": "app-secret-of-judge-me"}  # noqa: RUF012

    for bench, known in ((App(), True), (BENCH, False)):
        async with bench.running() as stage:
            judge_me_of(stage).signs_with = "app-secret-of-judge-me"
            review = await stage.market.says(Author.CUSTOMER, "hello")
            if known:
                await call(stage, review)
                continue
            with pytest.raises(WebhookRefused):
                await call(stage, review)


@pytest.mark.parametrize(
    "header", ["judgeme-hmac-sha256", "x-judgeme-hmac-sha256", "http_x_judgeme_hmac_sha256"]
)
async def test_the_signature_is_found_under_each_of_its_names(header):
    async with BENCH.running() as stage:
        review = await stage.market.says(Author.CUSTOMER, "hello")
        request = stage.market.webhook(review)
        (signature,) = request.headers.values()
        renamed = type(request)(
            method=request.method,
            path=request.path,
            headers={header: signature.upper()},
            query={},
            body=request.body,
            received_at=request.received_at,
        )
        assert isinstance(stage.connector, Webhooks)

        assert (await stage.connector.parse_webhook(renamed)).poll


async def test_invariant_1_a_list_in_another_form_is_never_taken_for_an_empty_one():
    class Renamed(JudgeMeMarket):
        @override
        async def list_reviews(self, request):
            return web.json_response({"items": []})

    class Bench(JudgeMeBench):
        @override
        def market(self, now):
            return Renamed(now)

    async with Bench().running() as stage:
        with pytest.raises(Unavailable, match="no list"):
            await stage.poll()
