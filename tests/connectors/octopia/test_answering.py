"""Access, answers, their traces, files and orders."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest

from connectors.capabilities import (
    ContextRequest,
    Delivery,
    FetchesAttachments,
    FetchesContext,
)
from connectors.contract import Absent, Attachment, File, Found, Unknown
from connectors.errors import AuthExpired, Rejected, ReplyWindowClosed
from sla_rules.vocabulary import Author
from tests.connectors.octopia.bench import OctopiaBench, octopia_of

BENCH = OctopiaBench()
PNG = File(name="bon de retour.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n0")


async def test_a_token_serves_many_polls_and_is_fetched_anew_before_it_ends():
    async with BENCH.running() as stage:
        await stage.poll()
        stage.time.advance(timedelta(minutes=90))
        await stage.poll()
        early = len(octopia_of(stage).tokens)
        stage.time.advance(timedelta(minutes=10))
        await stage.poll()

        assert (early, len(octopia_of(stage).tokens)) == (1, 2)


async def test_a_token_revoked_in_its_life_is_exchanged_within_the_call():
    async with BENCH.running() as stage:
        await stage.poll()
        octopia_of(stage).tokens.clear()
        await stage.market.says(Author.CUSTOMER, "Bonjour ?")

        assert [one.text for one in await stage.poll()] == ["Bonjour ?"]


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "no"}, {"seller_id": "1"}, {"subscription_key": "no"}]
)
async def test_wrong_credentials_pause_the_inbox(wrong):
    class Wrong(OctopiaBench):
        settings_too: ClassVar[dict[str, Any]] = wrong

    async with Wrong().running() as stage:
        with pytest.raises(AuthExpired):
            await stage.poll()
        assert not (await stage.connector.check()).ok


async def test_an_account_without_a_subscription_key_is_served():
    class Keyless(OctopiaBench):
        settings_too: ClassVar[dict[str, Any]] = {"subscription_key": None}

    async with Keyless().running() as stage:
        octopia_of(stage).subscription = ""

        assert (await stage.asked("Bonjour ?")).text == "Bonjour ?"


async def test_the_health_line_counts_what_is_to_be_treated():
    async with BENCH.running() as stage:
        await stage.market.says(Author.CUSTOMER, "Bonjour ?", thread="1")
        await stage.market.says(Author.CUSTOMER, "Bonjour ?", thread="2")
        await stage.market.says(Author.AGENT, "Bonjour.", thread="2")

        assert "1 discussions to be treated" in (await stage.connector.check()).detail


async def test_the_receipt_is_the_id_that_the_discussion_shows():
    async with BENCH.running() as stage:
        receipt = await stage.connector.reply(stage.answer(await stage.asked()))

        assert receipt.external_id == octopia_of(stage).messages[-1].id
        assert octopia_of(stage).messages[-1].more["to"] == ["Customer"]


async def test_the_second_of_two_equal_answers_has_an_id_of_its_own():
    async with BENCH.running() as stage:
        message = await stage.asked()
        first = await stage.connector.reply(stage.answer(message))
        second = await stage.connector.reply(stage.answer(message))

        assert first.external_id != second.external_id


async def test_invariant_3_an_answer_shown_as_html_is_still_found():
    async with BENCH.running() as stage:
        octopia_of(stage).dresses = True
        text = "Il part aujourd'hui,\nl'étiquette & le bon sont joints."
        command = stage.answer(await stage.asked(), text)
        receipt = await stage.connector.reply(command)
        stage.time.advance(timedelta(minutes=1))
        shown = (await stage.poll())[-1]

        assert receipt.external_id == octopia_of(stage).messages[-1].id
        assert isinstance(await stage.connector.probe(command), Found)
        assert shown.text == text


async def test_files_go_out_with_their_format():
    async with BENCH.running() as stage:
        await stage.connector.reply(stage.answer(await stage.asked(), attachments=[PNG]))

        sent = octopia_of(stage).sent_files
        assert [(one["name"], one["fileFormat"]) for one in sent] == [("bon de retour", "png")]


async def test_files_of_more_than_4_mb_together_are_refused_unsent():
    heavy = File(name="a.png", media_type="image/png", content=PNG.content + b"0" * 2_100_000)
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked(), attachments=[heavy, heavy])
        with pytest.raises(Rejected, match="together"):
            await stage.connector.reply(command)


async def test_a_closed_discussion_is_its_own_error():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        octopia_of(stage).shut("7001")
        with pytest.raises(ReplyWindowClosed, match="closed"):
            await stage.connector.reply(command)
        assert stage.market.texts_sent == []


async def test_a_customer_who_may_not_be_answered_is_named_as_the_reason():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        octopia_of(stage).only_service = {"7001"}
        with pytest.raises(Rejected, match="customer cannot be answered"):
            await stage.connector.reply(command)


async def test_any_other_refusal_is_told_in_octopias_words():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked(), context={"discussion": "d404"})
        with pytest.raises(Rejected, match="Discussion not found"):
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


async def test_an_order_is_shown_with_its_lines_and_amounts():
    async with BENCH.running() as stage:
        message = await stage.asked()
        assert isinstance(stage.connector, FetchesContext)
        found = await stage.connector.fetch_context(
            ContextRequest(customer_handle="x", order_id=message.order_id)
        )
        order = found.orders[0]

        assert order.order_id == message.order_id
        assert order.total is not None
        assert (str(order.total.amount), order.total.currency) == ("39.8", "EUR")
        assert (order.items[0].title, order.items[0].quantity) == ("Train en bois", 2)
        assert order.delivery is Delivery.IN_TRANSIT


@pytest.mark.parametrize("ref", ["", "d7001", "d7001 1 x", "d7001 1 7", "d7001 1 ²"])
async def test_a_file_that_octopia_does_not_show_is_refused(ref):
    async with BENCH.running() as stage:
        await stage.asked()
        item = next(iter(stage.stored.values()))
        wanted = Attachment(name="a.png", media_type="image/png", size=0, ref=ref)
        assert isinstance(stage.connector, FetchesAttachments)
        with pytest.raises(Rejected):
            await stage.connector.fetch_attachment(item, wanted)
