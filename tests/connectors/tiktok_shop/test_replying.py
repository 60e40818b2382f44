"""Answers: who they are from, what is sent of them, and what is known when the line breaks."""

import json
from datetime import timedelta

import pytest

from connectors.contract import Absent, File, Found, Unknown
from connectors.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ReplyWindowClosed,
    Unavailable,
)
from connectors.reply_guard import check_reply
from connectors.testing.market import Fault
from sla_rules.vocabulary import Author
from tests.connectors.tiktok_shop.stand import PICTURE, SPEC, a_shop


@pytest.mark.parametrize(
    ("author", "role"), [(Author.AGENT, "CUSTOMER_SERVICE"), (Author.AUTO, "SYSTEM")]
)
async def test_invariant_6_an_automatic_answer_is_sent_as_the_systems(author, role):
    async with a_shop() as shop:
        message = await shop.stage.asked()
        await shop.connector.reply(shop.stage.answer(message, author=author))
        assert shop.market.messages[-1].more["role"] == role


async def test_the_older_call_is_sent_without_a_role():
    async with a_shop(send_version="202309") as shop:
        message = await shop.stage.asked()
        receipt = await shop.connector.reply(shop.stage.answer(message))
        assert receipt.external_id == shop.market.messages[-1].id
        assert shop.asked("/202606/") == 0


async def test_our_own_answer_read_back_names_the_answer_it_is():
    async with a_shop() as shop:
        receipt = await shop.connector.reply(shop.stage.answer(await shop.stage.asked()))
        (own,) = await shop.poll()
        assert own.external_id == receipt.external_id
        assert list(own.refers_to) == [receipt.external_id]


async def test_pictures_follow_the_text():
    async with a_shop() as shop:
        command = shop.stage.answer(await shop.stage.asked(), attachments=[PICTURE, PICTURE])
        await shop.connector.reply(command)
        types = [said.more["type"] for said in shop.market.messages[1:]]
        assert types == ["TEXT", "IMAGE", "IMAGE"]
        assert json.loads(shop.market.messages[-1].more["content"])["width"] == 640


async def test_a_picture_that_cannot_be_stored_means_that_nothing_was_sent():
    async with a_shop() as shop:
        command = shop.stage.answer(await shop.stage.asked(), attachments=[PICTURE])
        shop.market.fail(Fault.CUT_AFTER)
        with pytest.raises(Unavailable):
            await shop.connector.reply(command)
        assert shop.market.texts_sent == []


async def test_a_file_that_tiktok_does_not_take_is_refused_before_any_call():
    async with a_shop() as shop:
        pdf = File(name="a.pdf", media_type="application/pdf", content=b"%PDF-1.7")
        command = shop.stage.answer(await shop.stage.asked(), attachments=[pdf])
        with pytest.raises(Rejected):
            shop.connector.preview(command)


async def test_invariant_6_a_greeting_alone_is_not_sent_as_an_answer():
    async with a_shop() as shop:
        message = await shop.stage.asked()
        with pytest.raises(Rejected, match="greeting"):
            shop.connector.preview(shop.stage.answer(message, text="Ciao! 👋"))
        answered = shop.stage.answer(message, text="Ciao! È partito oggi.")
        assert shop.connector.preview(answered).body == "Ciao! È partito oggi."


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (45109001, ReplyWindowClosed),
        (45101006, Rejected),
        (45102007, Rejected),
        (45101003, Rejected),
        (45101004, RateLimited),
        (36009002, RateLimited),
        (36009003, OutcomeUnknown),
        (36009007, OutcomeUnknown),
        (45101001, OutcomeUnknown),
        (99999999, Rejected),
    ],
)
async def test_each_code_has_its_error(code, error):
    async with a_shop() as shop:
        message = await shop.stage.asked()
        shop.market.code_for_replies = code
        with pytest.raises(error) as refused:
            await shop.connector.reply(shop.stage.answer(message))
        assert type(refused.value) is error


async def test_a_sensitive_word_is_told_in_words():
    async with a_shop() as shop:
        message = await shop.stage.asked()
        shop.market.code_for_replies = 45101006
        with pytest.raises(Rejected, match="sensitive"):
            await shop.connector.reply(shop.stage.answer(message))


async def test_invariant_3_a_long_answer_that_stopped_halfway_goes_to_a_person():
    async with a_shop() as shop:
        words = "All of these words have to arrive. "
        command = shop.stage.answer(await shop.stage.asked(), (words * 90).strip())
        first = shop.connector.preview(command).parts[0]
        await shop.says(first, author=Author.AGENT)
        assert isinstance(await shop.connector.probe(command), Unknown)


async def test_an_answer_with_pictures_is_found_only_whole():
    async with a_shop() as shop:
        command = shop.stage.answer(await shop.stage.asked(), attachments=[PICTURE])
        assert isinstance(await shop.connector.probe(command), Absent)
        await shop.says(command.text, author=Author.AGENT)
        assert isinstance(await shop.connector.probe(command), Unknown)
        await shop.says(author=Author.AGENT, type="IMAGE", content={"url": "https://x.example/a"})
        assert isinstance(await shop.connector.probe(command), Found)


async def test_a_buyer_who_says_the_same_is_not_our_answer():
    async with a_shop() as shop:
        command = shop.stage.answer(await shop.stage.asked(), "Thank you.")
        await shop.says("Thank you.")
        assert isinstance(await shop.connector.probe(command), Absent)


@pytest.mark.parametrize(("ago", "answer"), [(60, Unknown), (150, Absent)])
async def test_invariant_3_an_equal_text_of_moments_before_may_be_ours_on_another_clock(
    ago, answer
):
    async with a_shop() as shop:
        command = shop.stage.answer(await shop.stage.asked())
        at = shop.time.now() - timedelta(seconds=ago)
        await shop.says(command.text, author=Author.AGENT, at=at)
        assert isinstance(await shop.connector.probe(command), answer)


async def test_two_equal_parts_have_to_arrive_twice():
    async with a_shop() as shop:
        half = ("again " * 333).strip()
        command = shop.stage.answer(await shop.stage.asked(), f"{half}\n\n{half}")
        assert list(shop.connector.preview(command).parts) == [half, half]
        await shop.says(half, author=Author.AGENT)
        assert isinstance(await shop.connector.probe(command), Unknown)


async def test_a_probe_looks_through_a_busy_chat():
    async with a_shop() as shop:
        command = shop.stage.answer(await shop.stage.asked())
        await shop.connector.reply(command)
        for number in range(35):
            await shop.says(f"and {number}")
        assert isinstance(await shop.connector.probe(command), Found)


@pytest.mark.parametrize("conversation", [None, 7, "", "../../orders", "1?x=2", "7001/messages"])
async def test_a_context_that_names_no_chat_is_refused_without_a_call(conversation):
    async with a_shop() as shop:
        command = shop.stage.answer(
            await shop.stage.asked(), context={"conversation": conversation}
        )
        before = shop.market.calls
        with pytest.raises(Rejected):
            await shop.connector.reply(command)
        assert shop.market.calls == before


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Write to us at shop@seller.example", "tiktok_shop.email_address"),
        ("See https://seller.example/help", "tiktok_shop.link"),
        ("Contattaci su WhatsApp", "tiktok_shop.off_platform"),
        ("Bitte bezahlen Sie per PayPal", "tiktok_shop.other_payment"),
        ("Scriva una recensione positiva", "tiktok_shop.review_bias"),
        ("Appelez le +33 1 23 45 67 89", "tiktok_shop.phone"),
        ("Nuestro proveedor es una estafa", "tiktok_shop.sensitive"),
    ],
)
def test_the_policy_is_held_in_every_language(text, rule):
    found = {finding.rule for finding in check_reply(text, SPEC.manifest)}
    assert rule in found


@pytest.mark.parametrize(
    "text",
    [
        "Your order 576461413038785752 left yesterday with RR123456785IT.",
        "Il pacco è partito ieri e arriva venerdì. Grazie per la pazienza!",
        "Wir haben die Rückgabe angenommen; die Erstattung folgt in 5 Tagen.",
    ],
)
def test_a_usual_answer_passes(text):
    assert not list(check_reply(text, SPEC.manifest))
