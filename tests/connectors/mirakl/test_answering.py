"""Who gets an answer, and whether one arrived."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.capabilities import (
    ContextRequest,
    Delivery,
    FetchesAttachments,
    FetchesContext,
    Payment,
)
from connectors.contract import Absent, File, Found, InboundMessage, Unknown
from connectors.errors import Rejected
from connectors.mirakl.answering import route_of
from connectors.testing.bench import Stage
from sla_rules.vocabulary import Author
from tests.connectors.mirakl.bench import MiraklBench, mirakl_of

BENCH = MiraklBench()
PNG = File(name="Étiquette.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n0")


async def operator_wrote(stage: Stage, *to: str) -> InboundMessage:
    await stage.market.says(Author.CUSTOMER, "Where is it?")
    await mirakl_of(stage).says(Author.PLATFORM, "Please hurry.", to=list(to))
    return next(one for one in await stage.poll() if one.text == "Please hurry.")


@pytest.mark.parametrize(
    ("writer", "to", "answers_to", "expected"),
    [
        ("CUSTOMER", ["SHOP"], "writer", ["CUSTOMER"]),
        ("CUSTOMER", ["SHOP", "OPERATOR"], "writer", ["CUSTOMER"]),
        ("CUSTOMER", ["SHOP", "OPERATOR"], "mirror", ["CUSTOMER", "OPERATOR"]),
        ("CUSTOMER", ["SHOP"], "mirror", ["CUSTOMER"]),
        ("CUSTOMER", ["SHOP"], "everybody", ["CUSTOMER", "OPERATOR"]),
        ("OPERATOR", ["SHOP"], "writer", ["OPERATOR"]),
        ("OPERATOR", ["SHOP"], "everybody", ["OPERATOR"]),
    ],
)
def test_an_answer_goes_to_whom_the_setting_says(writer, to, answers_to, expected):
    context = {"thread": "t", "writer": writer, "to": to}

    assert route_of(context, answers_to).to == expected


async def test_the_customer_alone_gets_an_answer_and_is_named_by_id():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        await stage.connector.reply(command)

        assert stage.connector.preview(command).recipient == "the customer Nora Quist"
        assert mirakl_of(stage).recipients == [[{"type": "CUSTOMER", "id": "c-7001"}]]


async def test_invariant_8_what_the_operator_says_to_the_shop_is_answered_to_the_operator_alone():
    async with BENCH.running() as stage:
        aside = await operator_wrote(stage, "SHOP")
        command = stage.answer(aside, "We are on it.")
        await stage.connector.reply(command)

        assert stage.connector.preview(command).recipient == "the operator, Decathlon"
        assert mirakl_of(stage).recipients == [[{"type": "OPERATOR"}]]


async def test_a_word_of_the_operator_to_both_is_answered_to_the_customer():
    async with BENCH.running() as stage:
        command = stage.answer(await operator_wrote(stage, "SHOP", "CUSTOMER"), "It is on its way.")
        await stage.connector.reply(command)

        assert mirakl_of(stage).recipients == [[{"type": "CUSTOMER", "id": "c-7001"}]]


async def test_invariant_6_an_answer_to_the_operator_is_none_to_the_customer():
    async with BENCH.running() as stage:
        asked = await stage.asked()
        await mirakl_of(stage).says(Author.AGENT, "We have sent it.", to=["OPERATOR"])
        seen = await stage.poll()

        assert [one.text for one in seen] == ["We have sent it."]
        assert seen[0].thread_keys != asked.thread_keys


async def test_an_incident_is_answered_in_the_thread_its_order_has():
    async with BENCH.running() as stage:
        await stage.market.says(Author.CUSTOMER, "It is broken.", thread="7001")
        mirakl_of(stage).incident("7001-A")
        claim = next(one for one in await stage.poll() if one.verdict == "claim")
        await stage.connector.reply(stage.answer(claim, "We send another one."))

        assert mirakl_of(stage).messages[-1].thread == "7001"


async def test_an_incident_without_a_thread_begins_one_and_the_answer_is_found_there():
    async with BENCH.running() as stage:
        mirakl_of(stage).incident("8001-A")
        claim = (await stage.poll())[0]
        command = stage.answer(claim, "We send another one.")
        assert stage.connector.preview(command).subject == "Order 8001-A"
        receipt = await stage.connector.reply(command)
        found = await stage.connector.probe(command)

        assert isinstance(found, Found)
        assert found.receipt.external_id == receipt.external_id


async def test_files_go_out_with_their_names():
    async with BENCH.running() as stage:
        await stage.connector.reply(stage.answer(await stage.asked(), attachments=[PNG]))
        sent = mirakl_of(stage).messages[-1]

        assert [one["name"] for one in sent.more["attachments"]] == [PNG.name]
        assert mirakl_of(stage).files.content[sent.more["attachments"][0]["id"]] == PNG.content


async def test_the_50th_attachment_of_an_order_is_the_last_and_mirakl_says_so():
    async with BENCH.running() as stage:
        message = await stage.asked()
        mirakl_of(stage).files.count["7001-A"] = 50
        with pytest.raises(Rejected, match="Maximum 50 attachments"):
            await stage.connector.reply(stage.answer(message, attachments=[PNG]))
        assert stage.market.texts_sent == []


async def test_two_characters_are_refused_before_mirakl_is_asked():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked(), "ok")
        with pytest.raises(Rejected, match="shorter than 3"):
            stage.connector.preview(command)


async def test_invariant_3_an_equal_text_of_moments_before_is_for_a_person_to_judge():
    async with BENCH.running() as stage:
        message = await stage.asked()
        await stage.market.says(Author.AGENT, "It leaves today.", at=stage.time.now())
        stage.time.advance(timedelta(seconds=-100))
        command = stage.answer(message)

        assert isinstance(await stage.connector.probe(command), Unknown)


async def test_a_text_that_is_nowhere_is_absent():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())

        assert isinstance(await stage.connector.probe(command), Absent)


async def test_a_customers_file_is_fetched_by_its_id_and_never_beyond_30_megabytes():
    async with BENCH.running() as stage:
        market = mirakl_of(stage)
        await market.says(Author.CUSTOMER, "See this", files=[("photo.jpg", b"\xff\xd8\xff0")])
        shown = (await stage.poll())[0].attachments[0]
        item = next(iter(stage.stored.values()))
        connector = stage.connector
        assert isinstance(connector, FetchesAttachments)
        file = await connector.fetch_attachment(item, shown)
        with pytest.raises(Rejected, match="larger"):
            await connector.fetch_attachment(item, replace(shown, size=30_000_001))

        assert (file.name, file.media_type) == ("photo.jpg", "image/jpeg")
        assert file.content == b"\xff\xd8\xff0"


async def test_an_order_is_shown_with_its_parcel_and_opens_in_the_back_office():
    async with BENCH.running() as stage:
        message = await stage.asked()
        connector = stage.connector
        assert isinstance(connector, FetchesContext)
        found = await connector.fetch_context(
            ContextRequest(customer_handle="c-7001", order_id=message.order_id)
        )
        order = found.orders[0]

        assert (order.carrier, order.tracking_number) == ("Corriere Rapido", "1Z0042")
        assert (order.delivery, order.payment) == (Delivery.IN_TRANSIT, Payment.PAID)
        assert order.total is not None
        assert str(order.total.amount) == "39.8"
        assert order.url == ("https://marketplace-decathlon-eu.mirakl.net/mmp/shop/order/7001-A")
