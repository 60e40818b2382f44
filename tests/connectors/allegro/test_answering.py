"""Answers, their files and their traces, in the message centre and in disputes and claims."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import (
    Absent,
    File,
    Found,
    ReplyCommand,
    Unknown,
)
from connectors.errors import (
    AuthExpired,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ReplyWindowClosed,
    Unavailable,
)
from connectors.testing.market import Fault
from sla_rules.vocabulary import Author
from tests.connectors.allegro.bench import AllegroBench, allegro_of

BENCH = AllegroBench()
PNG = File(name="etykieta.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n0")


async def claimed(stage, **more):
    """A customer's message in the chat of a claim."""
    market = allegro_of(stage)
    market.opens("c-1", **more)
    await market.says(Author.CUSTOMER, "Koło odpadło.", thread="c-1")
    found = await stage.poll()
    return next(one for one in found if one.text == "Koło odpadło.")


async def troubled(stage):
    """A customer's message about a problem with a purchase."""
    await allegro_of(stage).says(Author.CUSTOMER, "Gdzie zwrot?", thread="77", problem=True)
    return (await stage.poll())[0]


async def test_an_answer_delivered_at_once_has_its_receipt_though_it_was_verified_first():
    async with BENCH.running() as stage:
        receipt = await stage.connector.reply(stage.answer(await stage.asked()))

        assert receipt.external_id == allegro_of(stage).messages[-1].id


async def test_an_answer_that_allegro_blocks_at_once_is_for_a_person_to_judge():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        allegro_of(stage).moderation = "refused"
        with pytest.raises(OutcomeUnknown, match="blocked"):
            await stage.connector.reply(command)

        assert isinstance(await stage.connector.probe(command), Unknown)


async def test_an_answer_to_a_claim_goes_into_its_chat():
    async with BENCH.running() as stage:
        command = stage.answer(await claimed(stage), "Wymienimy koło.")
        receipt = await stage.connector.reply(command)
        said = allegro_of(stage).messages[-1]

        assert (said.thread, said.text, said.id) == ("c-1", "Wymienimy koło.", receipt.external_id)
        assert isinstance(await stage.connector.probe(command), Found)


async def test_an_answer_to_a_problem_speaks_the_edition_in_which_it_stands():
    async with BENCH.running() as stage:
        command = stage.answer(await troubled(stage))
        await stage.connector.reply(command)

        assert allegro_of(stage).messages[-1].thread == "77"
        assert isinstance(await stage.connector.probe(command), Found)


async def test_a_chat_that_allegro_closed_is_a_closed_window():
    async with BENCH.running() as stage:
        command = stage.answer(await claimed(stage))
        allegro_of(stage).issues["c-1"].chat_active = False
        with pytest.raises(ReplyWindowClosed):
            await stage.connector.reply(command)

        assert allegro_of(stage).texts_sent == []


async def test_invariant_3_an_answer_taken_without_an_id_is_looked_up_and_not_sent_again():
    async with BENCH.running() as stage:
        command = stage.answer(await claimed(stage))
        allegro_of(stage).forgets_ids = True
        with pytest.raises(OutcomeUnknown):
            await stage.connector.reply(command)

        assert isinstance(await stage.connector.probe(command), Found)
        assert len(allegro_of(stage).texts_sent) == 1


async def test_a_claim_takes_ten_times_the_text_of_a_message():
    long = "Koło wymienimy. " * 150
    async with BENCH.running() as stage:
        message, claim = await stage.asked(), await claimed(stage)
        with pytest.raises(Rejected, match="at most 2000"):
            stage.connector.preview(stage.answer(message, long))
        with pytest.raises(Rejected, match="at most 20000"):
            stage.connector.preview(stage.answer(claim, long * 9))
        await stage.connector.reply(stage.answer(claim, long.strip()))

        assert allegro_of(stage).texts_sent == [long.strip()]


async def test_files_go_to_the_message_centre_and_to_claims_each_in_its_own_words():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        await stage.connector.reply(stage.answer(await stage.asked(), attachments=[PNG]))
        await stage.connector.reply(stage.answer(await claimed(stage), attachments=[PNG, PNG]))
        said = [one.more["files"] for one in market.messages if one.author is Author.AGENT]

        assert said == [["etykieta.png"], ["etykieta.png", "etykieta.png"]]
        assert [content for _, content in market.uploads.values()] == [PNG.content] * 3


async def test_a_file_is_not_sent_to_a_stranger_whatever_address_comes_back():
    async with BENCH.running() as stage:
        command = stage.answer(await claimed(stage), attachments=[PNG])
        allegro_of(stage).upload_host = "https://evil.example"
        with pytest.raises(Rejected, match="not its own"):
            await stage.connector.reply(command)

        assert allegro_of(stage).texts_sent == []


async def test_a_file_that_is_lost_on_its_way_is_no_answer_that_may_have_arrived():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked(), attachments=[PNG])
        stage.market.fail(Fault.CUT_AFTER)
        with pytest.raises(Unavailable, match="nothing was sent"):
            await stage.connector.reply(command)
        stage.market.fail(None)

        assert isinstance(await stage.connector.probe(command), Absent)


async def test_two_answers_within_a_second_are_one_too_many():
    async with BENCH.running() as stage:
        message = await stage.asked()
        command = stage.answer(message)
        await stage.connector.reply(command)
        with pytest.raises(RateLimited):
            await stage.connector.reply(command)


async def test_invariant_3_an_equal_text_of_moments_before_is_for_a_person_to_judge():
    async with BENCH.running() as stage:
        message = await claimed(stage)
        await stage.market.says(Author.AGENT, "It leaves today.", thread="c-1")
        stage.time.advance(timedelta(seconds=-100))

        assert isinstance(await stage.connector.probe(stage.answer(message)), Unknown)


async def test_invariant_3_an_equal_text_of_an_author_not_told_is_for_a_person_to_judge():
    async with BENCH.running() as stage:
        message = await troubled(stage)
        command = stage.answer(message)
        more: dict[str, Any] = {"problem": True, "role": "USER", "login": "somebody"}
        await allegro_of(stage).says(Author.AGENT, "It leaves today.", thread="77", **more)

        assert isinstance(await stage.connector.probe(command), Unknown)


async def test_the_customers_own_words_are_no_trace_of_ours():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        await stage.market.says(Author.CUSTOMER, "It leaves today.")

        assert isinstance(await stage.connector.probe(command), Absent)


@pytest.mark.parametrize("context", [{}, {"thread": ""}, {"issue": 7}])
def test_a_message_that_names_no_place_cannot_be_answered(context):
    connector = BENCH.asleep()
    command = ReplyCommand(reply_id="1", ticket_number=1, text="Dzień dobry", context=context)
    with pytest.raises(Rejected, match="names no thread"):
        connector.preview(command)


async def test_a_permission_taken_away_pauses_the_inbox_and_sends_nothing():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked())
        allegro_of(stage).scopes.discard("messaging")
        with pytest.raises(AuthExpired):
            await stage.connector.reply(command)

        assert allegro_of(stage).texts_sent == []
