"""Answers: what is sent is what the preview says, and what was sent is found again."""

from datetime import timedelta

import pytest

from connectors.contract import Absent, File, Found, Unknown, Verdict
from connectors.errors import OutcomeUnknown, RateLimited, Rejected, ReplyWindowClosed
from connectors.testing.market import Fault
from sandbox.markets.meta_calls import NEWEST
from sla_rules.vocabulary import Author
from tests.connectors.meta.worlds import CHANNELS, account, commented, mentioned


async def test_instagram_counts_bytes_and_splits():
    async with account("instagram") as (stage, market):
        text = ("È già partito, arriverà più tardi. " * 40).strip()
        command = stage.answer(await stage.asked(), text)
        preview = stage.connector.preview(command)
        await stage.connector.reply(command)

        assert market.texts_sent == list(preview.parts)
        assert all(len(part.encode()) <= 1000 for part in preview.parts)
        assert len(preview.parts) == 2


async def test_the_second_part_read_back_is_ours_and_no_answer_of_somebody_else():
    async with account("instagram") as (stage, _):
        command = stage.answer(await stage.asked(), "Un pezzo di testo. " * 90)
        receipt = await stage.connector.reply(command)
        stage.time.advance(timedelta(minutes=3))
        await stage.restart()
        found = {one.external_id: one.verdict for one in await stage.poll()}

    assert found.pop(receipt.external_id) is Verdict.ANSWERED_ELSEWHERE
    assert set(found.values()) == {Verdict.OWN_LOOP}


@pytest.mark.parametrize("channel", CHANNELS)
async def test_invariant_3_throttling_takes_nothing_and_tells_how_long(channel):
    async with account(channel) as (stage, market):
        command = stage.answer(await stage.asked())
        market.usage = {"1": [{"call_count": 101, "estimated_time_to_regain_access": 4}]}
        market.fail(Fault.THROTTLED_SILENTLY)
        with pytest.raises(RateLimited) as refused:
            await stage.connector.reply(command)

        assert refused.value.retry_after == 240
        assert market.texts_sent == []


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_probe_tells_arrived_from_not_arrived(channel):
    async with account(channel) as (stage, market):
        command = stage.answer(await stage.asked())
        assert isinstance(await stage.connector.probe(command), Absent)
        market.fail(Fault.CUT_AFTER)
        with pytest.raises(OutcomeUnknown):
            await stage.connector.reply(command)
        market.fail(None)
        found = await stage.connector.probe(command)

        assert isinstance(found, Found)
        assert found.receipt.external_id == market.message_id(market.messages[-1])


async def test_half_of_an_answer_asks_a_person():
    async with account("instagram") as (stage, market):
        command = stage.answer(await stage.asked(), "Un pezzo di testo. " * 90)
        first = stage.connector.preview(command).parts[0]
        await market.says(Author.AGENT, first)

        assert isinstance(await stage.connector.probe(command), Unknown)


async def test_an_answer_that_may_lie_behind_the_newest_messages_asks_a_person():
    async with account("facebook") as (stage, market):
        command = stage.answer(await stage.asked())
        for number in range(NEWEST):
            await market.says(Author.AGENT, f"typed elsewhere {number}")

        assert isinstance(await stage.connector.probe(command), Unknown)


async def test_a_probe_after_the_window_still_looks():
    async with account("facebook") as (stage, market):
        command = stage.answer(await stage.asked())
        await market.says(Author.AGENT, command.text)
        stage.time.advance(timedelta(days=3))

        assert isinstance(await stage.connector.probe(command), Found)


async def test_a_direct_message_has_no_public_answer():
    async with account("facebook") as (stage, _):
        with pytest.raises(Rejected, match="public"):
            stage.connector.preview(stage.answer(await stage.asked(), public=True))


async def test_an_answer_to_nobody_is_refused():
    async with account("facebook") as (stage, _):
        message = await stage.asked()
        for context in (
            {},
            {"to": "24"},
            {"at": message.reply_context["at"]},
            {"to": 7, "at": "x"},
        ):
            command = stage.answer(message, context=context)
            with pytest.raises(Rejected):
                stage.connector.preview(command)
            assert isinstance(await stage.connector.probe(command), Unknown)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_comment_is_answered_in_public_below_it(channel):
    async with account(channel) as (stage, market):
        message = await commented(stage)
        command = stage.answer(message, "Yes, in green too.", public=True)
        preview = stage.connector.preview(command)
        receipt = await stage.connector.reply(command)
        stage.time.advance(timedelta(minutes=11))
        found = {one.external_id: one for one in await stage.poll()}
        probed = await stage.connector.probe(command)

    assert preview.public
    assert preview.recipient.startswith("everybody, below the comment of ")
    assert market.sent == []
    assert found[receipt.external_id].verdict is Verdict.ANSWERED_ELSEWHERE
    assert found[receipt.external_id].thread_keys == message.thread_keys
    assert isinstance(probed, Found)
    assert probed.receipt.external_id == receipt.external_id


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_comment_is_answered_in_private_once(channel):
    async with account(channel) as (stage, market):
        message = await commented(stage)
        command = stage.answer(message, "I sent you the price.")
        assert not stage.connector.preview(command).public
        await stage.connector.reply(command)
        await stage.restart()
        calls = market.calls
        with pytest.raises(Rejected, match="once"):
            await stage.connector.reply(stage.answer(message, "And another thing."))

        assert market.calls == calls
        assert [sent["recipient"] for sent in market.sent] == [
            {"comment_id": message.reply_context["comment"]}
        ]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_private_answer_somebody_else_gave_is_metas_refusal(channel):
    async with account(channel) as (stage, market):
        message = await commented(stage)
        market.answered_privately.add(str(message.reply_context["comment"]))

        with pytest.raises(Rejected, match="once"):
            await stage.connector.reply(stage.answer(message, "I sent you the price."))


async def test_after_seven_days_a_comment_takes_a_public_answer_only():
    async with account("instagram") as (stage, market):
        message = await commented(stage)
        stage.time.advance(timedelta(days=7))
        with pytest.raises(ReplyWindowClosed, match="public"):
            stage.connector.preview(stage.answer(message, "Too late?"))
        await stage.connector.reply(stage.answer(message, "Never too late.", public=True))

        assert market.texts_sent == ["Never too late."]


@pytest.mark.parametrize(
    "text",
    [
        "Write to nora.quist@mail.example",
        "Call us: +39 011 555 0100",
        "Is your card 4111 1111 1111 1111?",
        "Your order number 302-4471 has left.",
        "Il Suo ordine n. 4410098 è partito.",
        "Ihre Sendungsnummer: 00340434161094",
        "Votre colis 6A12345678901 arrive demain.",
        "Su pedido nº ES-20981 sale hoy.",
    ],
)
async def test_what_is_private_is_not_written_in_public(text):
    async with account("instagram") as (stage, market):
        message = await commented(stage)
        with pytest.raises(Rejected, match="privately"):
            await stage.connector.reply(stage.answer(message, text, public=True))

        assert market.texts_sent == []


@pytest.mark.parametrize(
    "text",
    [
        "Your order has left, it takes 2 or 3 days.",
        "Il pacco parte il 12 marzo 2026.",
        "Die Bestellung ist ab 39,90 EUR versandkostenfrei.",
        "ORDER NOW AND IT ARRIVES TOMORROW",
    ],
)
async def test_what_anybody_may_read_is_written_in_public(text):
    async with account("instagram") as (stage, market):
        message = await commented(stage)
        await stage.connector.reply(stage.answer(message, text, public=True))

        assert market.texts_sent == [text]


async def test_a_comments_answer_is_one_message_or_none():
    async with account("facebook") as (stage, _):
        message = await commented(stage)
        with pytest.raises(Rejected, match="2000"):
            stage.connector.preview(stage.answer(message, "word " * 500, public=True))


async def test_a_mention_is_answered_where_it_stands_and_never_in_private():
    async with account("instagram") as (stage, market):
        message = await mentioned(stage)
        with pytest.raises(Rejected, match="private"):
            stage.connector.preview(stage.answer(message, "Thanks!"))
        command = stage.answer(message, "Thanks!", public=True)
        await stage.connector.reply(command)

        assert market.texts_sent == ["Thanks!"]
        assert isinstance(await stage.connector.probe(command), Unknown)


async def test_an_account_without_a_page_reads_and_answers_under_its_own_id():
    async with account("instagram_login") as (stage, market):
        message = await stage.asked()
        await market.says(Author.AGENT, "typed in the app")
        comment = await commented(stage)
        await stage.connector.reply(stage.answer(message))
        await stage.connector.reply(stage.answer(comment, "Yes.", public=True))
        stage.time.advance(timedelta(minutes=11))
        verdicts = {one.verdict for one in await stage.poll()}

    assert market.texts_sent == ["It leaves today.", "Yes."]
    assert verdicts == {Verdict.ANSWERED_ELSEWHERE}


PNG = File(name="label.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 64)
PDF = File(name="invoice.pdf", media_type="application/pdf", content=b"%PDF-1.7 " + b"0" * 64)


async def test_files_follow_the_words_each_as_a_message_of_its_own():
    async with account("facebook") as (stage, market):
        command = stage.answer(await stage.asked(), "Here it is.", attachments=[PNG, PDF])
        await stage.connector.reply(command)
        stage.time.advance(timedelta(minutes=3))
        verdicts = [one.verdict for one in await stage.poll()]
        kinds = [sent["message"].get("attachment", {}).get("type") for sent in market.sent]

        assert market.texts_sent == ["Here it is."]
        assert market.files_sent == ["label.png", "invoice.pdf"]
        assert kinds == [None, "image", "file"]
        assert verdicts[1:] == [Verdict.OWN_LOOP, Verdict.OWN_LOOP]
        assert isinstance(await stage.connector.probe(command), Found)


async def test_words_that_arrived_without_their_file_ask_a_person():
    async with account("facebook") as (stage, market):
        command = stage.answer(await stage.asked(), "Here it is.", attachments=[PNG])
        await market.says(Author.AGENT, "Here it is.")

        assert isinstance(await stage.connector.probe(command), Unknown)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_comment_takes_no_files(channel):
    async with account(channel) as (stage, market):
        message = await commented(stage)
        with pytest.raises(Rejected, match=r"files|attachments"):
            await stage.connector.reply(
                stage.answer(message, "Yes.", public=True, attachments=[PNG])
            )

        assert market.texts_sent == []
