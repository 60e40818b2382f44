"""The one public answer below a review, and comments below a product's."""

from typing import Any, ClassVar

import pytest

from connectors.contract import Found, InboundMessage, Unknown
from connectors.errors import Rejected, Unavailable
from connectors.testing.bench import Stage
from connectors.testing.market import Fault
from sla_rules.vocabulary import Author
from tests.connectors.trustpilot.bench import TrustpilotBench, trustpilot_of


class WithProducts(TrustpilotBench):
    settings_too: ClassVar[dict[str, Any]] = {"product_reviews": True}


BENCH, PRODUCTS = TrustpilotBench(), WithProducts()


async def product_asked(stage: Stage) -> InboundMessage:
    await stage.market.says(Author.CUSTOMER, "A scratch")
    trustpilot_of(stage).messages[0].more["of"] = "product"
    (review,) = await stage.poll()
    return review


async def test_an_answer_that_stands_is_not_replaced() -> None:
    async with BENCH.running() as stage:
        message = await stage.asked()
        await stage.market.says(Author.AGENT, "Somebody was quicker.")
        with pytest.raises(Rejected, match="stands under this review already"):
            await stage.connector.reply(stage.answer(message))

        assert stage.market.changes == 0


async def test_a_review_that_is_gone_is_not_answered() -> None:
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        trustpilot_of(stage).take_down(trustpilot_of(stage).messages[0].id)
        with pytest.raises(Rejected, match="does not show"):
            await stage.connector.reply(command)

        assert await stage.connector.probe(command) == Unknown()


@pytest.mark.parametrize("text", ["Your order TP-7001 is lost.", "We wrote to NORA@mail.example"])
async def test_the_customers_order_and_address_never_leave(text: str) -> None:
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked(), text)
        before = stage.market.calls
        with pytest.raises(Rejected, match="anybody can read it"):
            stage.connector.preview(command)
        with pytest.raises(Rejected, match="anybody can read it"):
            await stage.connector.reply(command)

        assert stage.market.calls == before


async def test_the_preview_says_that_everybody_reads_it() -> None:
    async with BENCH.running() as stage:
        preview = stage.connector.preview(stage.answer(await stage.asked()))

    assert preview.public
    assert preview.recipient == "everybody, below the review by Nora Quist"


async def test_a_product_review_is_answered_by_a_comment() -> None:
    async with PRODUCTS.running() as stage:
        market = trustpilot_of(stage)
        command = stage.answer(await product_asked(stage))
        receipt = await stage.connector.reply(command)
        found = await stage.connector.probe(command)

        assert market.texts_sent == ["It leaves today."]
        assert isinstance(found, Found)
        assert found.receipt.external_id == receipt.external_id
        again = stage.answer(await stage.asked("Another"), "Second")
        assert again.context["of"] == "service"


async def test_a_conversation_is_opened_once() -> None:
    async with PRODUCTS.running() as stage:
        message = await product_asked(stage)
        await stage.connector.reply(stage.answer(message, "One"))
        await stage.connector.reply(stage.answer(message, "Two"))

        assert len(trustpilot_of(stage).comments) == 1
        assert stage.market.texts_sent == ["One", "Two"]


async def test_a_conversation_whose_opening_is_lost_may_be_opened_again() -> None:
    async with PRODUCTS.running() as stage:
        command = stage.answer(await product_asked(stage))
        stage.market.fail(Fault.CUT_AFTER)
        with pytest.raises(Unavailable, match="conversation"):
            await stage.connector.reply(command)
        stage.market.fail(None)
        await stage.connector.reply(command)

        assert stage.market.texts_sent == ["It leaves today."]


async def test_an_answer_needs_a_review() -> None:
    async with BENCH.running() as stage:
        with pytest.raises(Rejected, match="names no review"):
            stage.connector.preview(stage.answer(await stage.asked(), context={}))
