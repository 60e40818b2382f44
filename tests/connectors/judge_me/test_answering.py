"""Answers in public and by e-mail."""

from typing import Any, ClassVar

import pytest

from connectors.contract import File, Unknown
from connectors.errors import AuthExpired, OutcomeUnknown, Rejected
from connectors.testing.market import Fault
from tests.connectors.judge_me.bench import JudgeMeBench, judge_me_of

BENCH = JudgeMeBench()


async def test_a_private_answer_is_an_email_with_a_subject():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked(), "Le mandiamo un pezzo nuovo.")
        preview = stage.connector.preview(command)
        receipt = await stage.connector.reply(command)
        market = judge_me_of(stage)

        assert (preview.subject, preview.public) == ("Re: Trenino di legno", False)
        assert preview.recipient == "Nora Quist, by e-mail through Judge.me"
        assert (market.subjects, market.public) == (["Re: Trenino di legno"], [])
        assert receipt.external_id.endswith(market.messages[-1].id)


@pytest.mark.parametrize("mailed", [True, False])
async def test_a_public_answer_stands_below_the_review(mailed):
    class Mailing(JudgeMeBench):
        settings_too: ClassVar[dict[str, Any]] = {"mail_public_answers": mailed}

    async with Mailing().running() as stage:
        command = stage.answer(await stage.asked(), "Ci dispiace.", public=True)
        preview = stage.connector.preview(command)
        await stage.connector.reply(command)
        market = judge_me_of(stage)

        assert preview.public
        assert preview.recipient == "everybody, below the review by Nora Quist"
        assert (market.public, market.subjects, market.mailed) == (["Ci dispiace."], [], mailed)


async def test_a_review_gets_one_public_answer_and_any_number_of_private_ones():
    async with BENCH.running() as stage:
        message = await stage.asked()
        await stage.connector.reply(stage.answer(message, "In public.", public=True))
        await stage.restart()
        with pytest.raises(Rejected, match="already"):
            await stage.connector.reply(stage.answer(message, "Once more.", public=True))
        await stage.connector.reply(stage.answer(message, "By mail."))
        await stage.connector.reply(stage.answer(message, "By mail again."))

        assert judge_me_of(stage).public == ["In public."]
        assert len(judge_me_of(stage).subjects) == 2


async def test_invariant_3_a_public_answer_whose_outcome_was_lost_is_left_to_a_person():
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked(), "In public.", public=True)
        stage.market.fail(Fault.CUT_AFTER)
        with pytest.raises(OutcomeUnknown):
            await stage.connector.reply(command)
        stage.market.fail(None)

        assert isinstance(await stage.connector.probe(command), Unknown)
        assert judge_me_of(stage).public == ["In public."]


async def test_the_customers_address_may_not_stand_in_public():
    text = "We write to nora.7001@buyer.example."
    async with BENCH.running() as stage:
        message = await stage.asked()
        with pytest.raises(Rejected, match="anybody can read it"):
            stage.connector.preview(stage.answer(message, text, public=True))

        assert stage.connector.preview(stage.answer(message, text)).body == text


async def test_nothing_can_be_attached():
    png = File(name="a.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n0")
    async with BENCH.running() as stage:
        command = stage.answer(await stage.asked(), attachments=[png])
        with pytest.raises(Rejected, match="attachments"):
            stage.connector.preview(command)


async def test_a_review_that_is_gone_refuses_in_judge_mes_words():
    async with BENCH.running() as stage:
        message = await stage.asked()
        judge_me_of(stage).removed.add(str(message.reply_context["review"]))
        with pytest.raises(Rejected, match="invalid"):
            await stage.connector.reply(stage.answer(message))


@pytest.mark.parametrize("wrong", [{"api_token": "no"}, {"shop_domain": "other.example"}])
async def test_a_wrong_token_or_shop_pauses_the_inbox(wrong):
    class Wrong(JudgeMeBench):
        settings_too: ClassVar[dict[str, Any]] = wrong

    async with Wrong().running() as stage:
        with pytest.raises(AuthExpired):
            await stage.poll()
        assert not (await stage.connector.check()).ok
