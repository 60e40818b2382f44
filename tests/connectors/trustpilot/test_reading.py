"""What one look at Trustpilot brings: changes, answers, removals, calls, product reviews."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest

from connectors.called_about import CalledAbout
from connectors.capabilities import LinksDeep, WebhookRequest, Webhooks
from connectors.contract import InboundMessage, InboxContext, Verdict
from connectors.errors import AuthExpired, Unavailable, WebhookRefused
from connectors.testing.bench import Stage
from connectors.testing.market import Fault
from connectors.trustpilot.client import TrustpilotClient
from connectors.trustpilot.config import Config
from connectors.trustpilot.position import Position
from connectors.trustpilot.reading import Reader
from sla_rules.vocabulary import Author
from tests.connectors.trustpilot.bench import TrustpilotBench, trustpilot_of


class WithProducts(TrustpilotBench):
    settings_too: ClassVar[dict[str, Any]] = {"product_reviews": True}


class WithoutCalls(TrustpilotBench):
    settings_too: ClassVar[dict[str, Any]] = {"webhook_secret": None}


BENCH, PRODUCTS = TrustpilotBench(), WithProducts()


async def called(stage: Stage, request: WebhookRequest) -> None:
    hooks = stage.connector
    assert isinstance(hooks, Webhooks)
    await hooks.parse_webhook(request)


def kinds(messages: list[InboundMessage]) -> list[str]:
    return [str(message.verdict) for message in messages]


async def test_a_changed_review_comes_again_in_its_own_thread() -> None:
    async with BENCH.running() as stage:
        first = await stage.asked("Never arrived")
        stage.time.advance(timedelta(days=2))
        name = first.external_id.split(":")[1]
        trustpilot_of(stage).change(name, text="It came after all", stars=3)
        (second,) = await stage.poll()

    assert second.verdict is Verdict.CUSTOMER
    assert second.thread_keys == first.thread_keys
    assert second.external_id != first.external_id
    assert second.sent_at == stage.time.now()
    assert second.text == "★★★☆☆ (changed)\nIt came after all"


async def test_a_review_that_others_touched_is_no_new_one() -> None:
    async with BENCH.running() as stage:
        await stage.asked()
        stage.time.advance(timedelta(hours=5))
        trustpilot_of(stage).messages[0].more["updated"] = stage.time.now()

        assert await stage.poll() == []


async def test_an_answer_typed_at_trustpilot_days_later_is_seen() -> None:
    async with BENCH.running() as stage:
        first = await stage.asked()
        stage.time.advance(timedelta(days=5))
        await stage.market.says(Author.AGENT, "We have written to you.")
        (found,) = await stage.poll()

    assert found.verdict is Verdict.ANSWERED_ELSEWHERE
    assert found.thread_keys == first.thread_keys


async def test_our_own_answer_comes_back_under_its_receipt() -> None:
    async with BENCH.running() as stage:
        receipt = await stage.connector.reply(stage.answer(await stage.asked()))
        (copy,) = await stage.poll()

    assert list(copy.refers_to) == [receipt.external_id]


async def test_a_review_taken_down_is_told_once() -> None:
    async with BENCH.running() as stage:
        first = await stage.asked()
        trustpilot_of(stage).take_down(first.external_id.split(":")[1])
        (gone,) = await stage.poll()

        assert gone.verdict is Verdict.DELIVERY_NOTICE
        assert gone.thread_keys == first.thread_keys
        assert await stage.poll() == []


async def test_a_review_too_old_to_be_looked_at_is_not_taken_for_removed() -> None:
    async with BENCH.running() as stage:
        await stage.asked()
        stage.time.advance(timedelta(days=15))
        await stage.asked("A newer one")
        stage.time.advance(timedelta(hours=1))
        before = stage.market.calls

        assert await stage.poll() == []
        assert stage.market.calls - before == 1


async def test_a_call_about_an_old_review_is_looked_up() -> None:
    async with BENCH.running() as stage:
        first = await stage.asked()
        name = first.external_id.split(":")[1]
        stage.time.advance(timedelta(days=40))
        await stage.asked("A newer one")
        await stage.poll()
        trustpilot_of(stage).change(name, text="Broke after a month", stars=1)
        assert await stage.poll() == []
        await called(stage, trustpilot_of(stage).call("service-review-updated", name))
        (second,) = await stage.poll()
        trustpilot_of(stage).take_down(name)
        await called(stage, trustpilot_of(stage).call("service-review-deleted", name))
        (third,) = await stage.poll()

    assert second.text.endswith("Broke after a month")
    assert third.verdict is Verdict.DELIVERY_NOTICE


async def test_a_call_that_lies_brings_nothing_that_is_not_at_trustpilot() -> None:
    async with BENCH.running() as stage:
        await called(stage, trustpilot_of(stage).call("service-review-created", "no-such-review"))
        found = await stage.poll()

        assert kinds(found) == ["delivery_notice"]
        assert await stage.poll() == []


async def test_a_name_that_trustpilot_does_not_take_stands_in_nobodys_way() -> None:
    async with BENCH.running() as stage:
        market = trustpilot_of(stage)
        market.odd.add("odd name")
        await called(stage, market.call("service-review-updated", "odd name"))
        await market.says(Author.CUSTOMER, "Never arrived")

        assert [message.text for message in await stage.poll()] == ["Never arrived"]
        assert await stage.poll() == []


async def test_calls_are_refused_where_none_are_expected() -> None:
    async with WithoutCalls().running() as stage:
        request = trustpilot_of(stage).call("service-review-created", "1")
        with pytest.raises(WebhookRefused) as refused:
            await called(stage, request)

    assert refused.value.status == 404


async def test_an_idle_look_is_one_call() -> None:
    async with BENCH.running() as stage:
        await stage.asked()
        await stage.poll()
        before = stage.market.calls
        await stage.poll()

        assert stage.market.calls - before == 1


async def test_more_than_a_hundred_reviews_are_read_page_by_page() -> None:
    async with BENCH.running() as stage:
        for number in range(103):
            await stage.market.says(Author.CUSTOMER, f"review {number}", thread=str(number))
            stage.time.advance(timedelta(seconds=1))
        found = await stage.poll()

    assert len({message.text for message in found}) == 103


async def first_look(stage: Stage, days: int, polls: int) -> set[str]:
    """Looks of two pages each, from so many days ago."""
    time = stage.time
    context = InboxContext(inbox="x", instance_key=b"k" * 32, now=time.now, sleep=time.sleep)
    config = Config.model_validate(BENCH.config(stage.market))
    client = TrustpilotClient(config, context)
    window = timedelta(days=14)
    reader = Reader(
        client, CalledAbout(context.keep), context.now, window=window, products=False, most_pages=2
    )
    at = Position.of(None, stage.time.now() - timedelta(days=days))
    found: set[str] = set()
    try:
        for _ in range(polls):
            async for page in reader.pages(at):
                found |= {item.source_id for item in page.items}
                at = Position.of(page.cursor, at.first)
    finally:
        await client.close()
    return found


async def many_reviews(stage: Stage, since: timedelta) -> None:
    for number in range(250):
        at = stage.time.now() - since + timedelta(minutes=20 * number)
        await stage.market.says(Author.CUSTOMER, f"review {number}", at=at, thread=str(number))


async def test_invariant_1_a_long_first_look_goes_on_at_the_next_poll() -> None:
    async with BENCH.running() as stage:
        await many_reviews(stage, timedelta(days=60))

        assert len(await first_look(stage, days=90, polls=2)) == 250


async def test_more_reviews_than_a_look_can_take_are_an_error_and_not_a_silence() -> None:
    async with BENCH.running() as stage:
        await many_reviews(stage, timedelta(days=10))
        with pytest.raises(Unavailable, match="lower revisit_days"):
            await first_look(stage, days=12, polls=1)


async def test_a_token_serves_until_it_ends() -> None:
    async with BENCH.running() as stage:
        await stage.asked()
        stage.time.advance(timedelta(hours=60))
        await stage.poll()
        assert trustpilot_of(stage).tokens_given == 1
        stage.time.advance(timedelta(hours=30))
        await stage.poll()

        assert trustpilot_of(stage).tokens_given == 2


async def test_a_key_that_is_refused_is_told_apart() -> None:
    async with BENCH.running() as stage:
        stage.market.fail(Fault.REFUSED)
        with pytest.raises(AuthExpired):
            await stage.poll()


async def test_product_reviews_are_left_alone_unless_asked_for() -> None:
    async with BENCH.running() as stage:
        await stage.market.says(Author.CUSTOMER, "A scratch", thread="1")
        trustpilot_of(stage).messages[0].more["of"] = "product"

        assert await stage.poll() == []


async def test_a_product_review_and_what_is_said_below_it_are_one_thread() -> None:
    async with PRODUCTS.running() as stage:
        market = trustpilot_of(stage)
        await stage.market.says(Author.CUSTOMER, "A scratch", thread="1")
        market.messages[0].more["of"] = "product"
        (review,) = await stage.poll()
        market.messages[0].more["conversation"] = "c1"
        market.comments["c1"] = []
        market.commented("c1", "businessUser", "We send another.")
        stage.time.advance(timedelta(minutes=10))
        assert await stage.poll() == []
        market.commented("c1", "consumer", "When?")
        stage.time.advance(timedelta(minutes=31))
        answer, question = await stage.poll()

    assert review.order_id == "TP-1"
    assert kinds([answer, question]) == ["answered_elsewhere", "customer"]
    assert {key.value for one in (review, answer, question) for key in one.thread_keys} == {
        review.thread_keys[0].value
    }


async def test_the_link_opens_the_review_in_trustpilot_business() -> None:
    async with BENCH.running() as stage:
        message = await stage.asked()
        linking = stage.connector
        assert isinstance(linking, LinksDeep)
        link = linking.deep_link(message.reply_context)

    name = message.external_id.split(":")[1]
    assert link == f"https://businessapp.b2b.trustpilot.com/reviews/{name}"
