"""Answers, their traces, and tickets that need none."""

from datetime import timedelta

import pytest

from connectors.capabilities import (
    ContextRequest,
    Delivery,
    FetchesAttachments,
    FetchesContext,
    MarksNoReply,
)
from connectors.contract import Absent, Attachment, File, Unknown
from connectors.errors import Rejected
from sla_rules.vocabulary import Author
from tests.connectors.kaufland.bench import KauflandBench, kaufland_of

BENCH = KauflandBench()
PNG = File(name="etikett.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n0")


async def test_the_receipt_is_the_number_that_the_ticket_shows():
    async with BENCH.running() as stage:
        receipt = await stage.connector.reply(stage.answer(await stage.asked()))

        assert receipt.external_id == kaufland_of(stage).messages[-1].id


async def test_the_second_of_two_equal_answers_has_a_number_of_its_own():
    async with BENCH.running() as stage:
        message = await stage.asked()
        first = await stage.connector.reply(stage.answer(message))
        second = await stage.connector.reply(stage.answer(message))

        assert first.external_id != second.external_id


async def test_files_go_out_as_data_addresses():
    async with BENCH.running() as stage:
        await stage.connector.reply(stage.answer(await stage.asked(), attachments=[PNG]))

        sent = kaufland_of(stage).sent_files
        assert [(one["filename"], one["mime_type"]) for one in sent] == [
            ("etikett.png", "image/png")
        ]


async def test_a_closed_ticket_takes_no_answer_and_kaufland_says_so():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        kaufland_of(stage).shut("7001", "customer_service_closed_final")
        with pytest.raises(Rejected, match="The ticket is closed"):
            await stage.connector.reply(command)


async def test_invariant_3_an_equal_text_of_moments_before_is_for_a_person_to_judge():
    async with BENCH.running() as stage:
        message = await stage.asked()
        await stage.market.says(Author.AGENT, "It leaves today.")
        stage.time.advance(timedelta(seconds=-100))

        assert isinstance(await stage.connector.probe(stage.answer(message)), Unknown)


async def test_a_text_that_is_nowhere_is_absent():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())

        assert isinstance(await stage.connector.probe(command), Absent)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("opened", "seller_closed", 1),
        ("buyer_closed", "both_closed", 1),
        ("seller_closed", "seller_closed", 0),
        ("customer_service_closed_final", "customer_service_closed_final", 0),
    ],
)
async def test_no_answer_needed_closes_the_sellers_side_once(before, after, changes):
    async with BENCH.running() as stage:
        context = (await stage.asked()).reply_context
        kaufland_of(stage).status["7001"] = before
        assert isinstance(stage.connector, MarksNoReply)
        await stage.connector.mark_no_reply(context)

        assert kaufland_of(stage).status["7001"] == after
        assert stage.market.changes == changes


async def test_an_order_is_shown_with_its_amounts_in_whole_money():
    async with BENCH.running() as stage:
        message = await stage.asked()
        assert isinstance(stage.connector, FetchesContext)
        found = await stage.connector.fetch_context(
            ContextRequest(customer_handle="x", order_id=message.order_id)
        )
        order = found.orders[0]

        assert order.total is not None
        assert str(order.total.amount) == "39.8"
        assert (order.items[0].title, order.delivery) == ("Wooden train", Delivery.IN_TRANSIT)


@pytest.mark.parametrize("ref", ["https://evil.example/a.png", "file:///etc/passwd", ""])
async def test_a_file_that_is_not_on_kauflands_hosts_is_not_fetched(ref):
    async with BENCH.running() as stage:
        await stage.asked()
        item = next(iter(stage.stored.values()))
        wanted = Attachment(name="a.png", media_type="image/png", size=0, ref=ref)
        assert isinstance(stage.connector, FetchesAttachments)
        with pytest.raises(Rejected):
            await stage.connector.fetch_attachment(item, wanted)
