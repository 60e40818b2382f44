"""Answers: what is refused before the call, what moderation does, what a look-up proves."""

from datetime import timedelta

import pytest

from connectors.contract import Absent, File, Found, Unknown
from connectors.errors import OutcomeUnknown, Rejected, ReplyWindowClosed, Unavailable
from connectors.testing.market import Fault
from sla_rules.vocabulary import Author
from tests.connectors.mercado_libre.bench import an_account

PICTURE = File(name="a.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 64)


async def test_a_message_after_a_sale_has_350_characters_and_is_not_split():
    async with an_account() as account:
        asked = await account.stage.asked()
        fits = account.stage.answer(asked, "a" * 350)
        long = account.stage.answer(asked, "a" * 351)
        before = account.market.calls

        with pytest.raises(Rejected, match="351 of at most 350"):
            account.connector.preview(long)
        with pytest.raises(Rejected):
            await account.connector.reply(long)
        assert account.market.calls == before
        await account.connector.reply(fits)

        assert account.market.texts_sent == ["a" * 350]


async def test_an_answer_to_a_question_has_2000_characters_and_is_public():
    async with an_account() as account:
        await account.market.asks("¿Es de abedul?")
        (asked,) = await account.poll()
        command = account.stage.answer(asked, "a" * 2000, public=True)
        preview = account.connector.preview(command)
        await account.connector.reply(command)

        assert (preview.public, preview.recipient) == (True, "everybody, below the item")
        assert account.market.texts_sent == ["a" * 2000]


async def test_nothing_private_goes_public_and_nothing_public_private():
    async with an_account() as account:
        await account.market.asks("¿Es de abedul?")
        (question,) = await account.poll()
        message = await account.stage.asked()

        with pytest.raises(Rejected, match="cannot be private"):
            account.connector.preview(account.stage.answer(question, "Sí."))
        with pytest.raises(Rejected, match="takes no public answer"):
            account.connector.preview(account.stage.answer(message, "Sí.", public=True))


async def test_typographic_signs_become_plain_ones_as_the_preview_shows():
    async with an_account() as account:
        asked = await account.stage.asked()
        command = account.stage.answer(asked, "“Sale hoy” \u2013 ¡perdón\u2026! \U0001f4e6")
        preview = account.connector.preview(command)
        await account.connector.reply(command)
        found = await account.connector.probe(command)

        assert preview.body == '"Sale hoy" - ¡perdón...! \U0001f4e6'
        assert account.market.texts_sent == [preview.body]
        assert isinstance(found, Found)


async def test_characters_messages_cannot_hold_are_named_before_the_call():
    async with an_account() as account:
        asked = await account.stage.asked()

        with pytest.raises(Rejected, match="€"):
            account.connector.preview(account.stage.answer(asked, "Son 5 €."))


async def test_moderation_that_refuses_at_once_is_a_refusal_with_its_reason():
    async with an_account() as account:
        asked = await account.stage.asked()
        account.market.moderation = "refused"

        with pytest.raises(Rejected, match="takes it for an automatic message"):
            await account.connector.reply(account.stage.answer(asked, "Gracias."))


async def test_moderation_that_refuses_an_answer_to_a_question_is_a_refusal():
    async with an_account() as account:
        await account.market.asks("¿Teléfono?")
        (asked,) = await account.poll()
        account.market.moderation = "refused"

        with pytest.raises(Rejected, match="moderation refuses"):
            await account.connector.reply(account.stage.answer(asked, "Sí.", public=True))


async def test_invariant_3_a_held_answer_is_looked_at_for_a_while_and_never_absent():
    async with an_account() as account:
        command = account.stage.answer(await account.stage.asked(), "Sale hoy.")
        account.market.moderation = "held"
        with pytest.raises(OutcomeUnknown, match="moderation looks at"):
            await account.connector.reply(command)
        before = account.calls("/messages/packs/")

        held = await account.connector.probe(command)
        looks = account.calls("/messages/packs/") - before
        account.market.moderation = "refused"
        refused = await account.connector.probe(command)

    # Absent would let a machine send the refused text again.
    assert isinstance(held, Unknown)
    assert isinstance(refused, Unknown)
    assert looks == 3


@pytest.mark.parametrize(
    ("substatus", "words"),
    [
        ("blocked_by_time", "30 days have passed"),
        ("blocked_by_buyer", "switched messages off"),
        ("bloqued_by_mediation", "answer in the claim"),
        ("blocked_by_fulfillment", "not delivered yet"),
        ("blocked_by_payment", "not paid yet"),
        ("blocked_by_cancelled_order", "was cancelled"),
        ("blocked_by_something_new", "blocked_by_something_new"),
    ],
)
async def test_a_blocked_conversation_says_why_in_plain_words(substatus, words):
    async with an_account() as account:
        command = account.stage.answer(await account.stage.asked())
        account.market.substatus["7001"] = substatus
        account.market.close_window()

        with pytest.raises(ReplyWindowClosed, match=words):
            await account.connector.reply(command)


async def test_a_question_that_was_answered_meanwhile_takes_no_second_answer():
    async with an_account() as account:
        name = await account.market.asks("¿Es de abedul?")
        (asked,) = await account.poll()
        account.market.answers_question(name, "Sí, de abedul.")
        command = account.stage.answer(asked, "Sí.", public=True)

        with pytest.raises(ReplyWindowClosed, match="answered, closed or removed"):
            await account.connector.reply(command)
        assert isinstance(await account.connector.probe(command), Unknown)


async def test_a_lost_answer_to_a_question_is_found_by_its_text():
    async with an_account() as account:
        await account.market.asks("¿Es de abedul?")
        (asked,) = await account.poll()
        command = account.stage.answer(asked, "Sí.", public=True)
        assert isinstance(await account.connector.probe(command), Absent)
        account.market.fail(Fault.CUT_AFTER)
        with pytest.raises(OutcomeUnknown):
            await account.connector.reply(command)
        account.market.fail(None)

        found = await account.connector.probe(command)

    assert isinstance(found, Found)
    assert found.receipt.external_id == f"answer:{asked.external_id.removeprefix('question:')}"


async def test_a_lost_answer_in_a_claim_is_found_by_its_text():
    async with an_account() as account:
        account.market.claim("7001")
        (told,) = await account.poll()
        command = account.stage.answer(told, "Va otro")
        assert isinstance(await account.connector.probe(command), Absent)
        account.market.fail(Fault.CUT_AFTER)
        with pytest.raises(Unavailable):
            await account.connector.reply(command)  # the claim could not even be read
        account.market.fail(None)
        await account.connector.reply(command)

        assert isinstance(await account.connector.probe(command), Found)


async def test_a_long_conversation_is_read_to_its_end_before_an_answer_is_called_absent():
    async with an_account() as account:
        asked = await account.stage.asked()
        command = account.stage.answer(asked, "Sale hoy.")
        await account.connector.reply(command)
        for number in range(9):
            account.time.advance(timedelta(minutes=1))
            await account.market.says(Author.CUSTOMER, f"¿Y? {number}")

        assert isinstance(await account.connector.probe(command), Found)


async def test_files_go_with_messages_about_a_sale_only():
    async with an_account() as account:
        await account.market.asks("¿Foto?")
        (question,) = await account.poll()
        message = await account.stage.asked()
        await account.connector.reply(account.stage.answer(message, "Mirá", attachments=[PICTURE]))

        assert list(account.market.files.values()) == [PICTURE.content]
        with pytest.raises(Rejected, match="about a sale only"):
            account.connector.preview(
                account.stage.answer(question, "Mirá", public=True, attachments=[PICTURE])
            )


async def test_a_lost_upload_is_no_lost_answer():
    async with an_account() as account:
        command = account.stage.answer(await account.stage.asked(), attachments=[PICTURE])
        account.market.fail(Fault.CUT_AFTER)

        with pytest.raises(Unavailable, match="the file was not taken"):
            await account.connector.reply(command)
        assert account.market.texts_sent == []


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"to": "pack", "pack": "../1", "buyer": "5"},
        {"to": "pack", "pack": "1", "buyer": "5/x"},
        {"to": "question", "question": 7},
        {"to": "nowhere"},
    ],
)
async def test_an_answer_that_leads_nowhere_is_refused(context):
    async with an_account() as account:
        asked = await account.stage.asked()

        with pytest.raises(Rejected):
            account.connector.preview(account.stage.answer(asked, context=context))
