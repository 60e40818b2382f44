"""Claims and mediations."""

from datetime import timedelta

import pytest

from connectors.contract import Verdict
from connectors.errors import ReplyWindowClosed
from sla_rules.vocabulary import Author
from tests.connectors.mercado_libre.bench import an_account

DAY = timedelta(days=1)


async def test_a_claim_says_until_when_the_seller_has_to_act():
    async with an_account() as account:
        due = account.time.now() + 2 * DAY
        name = account.market.claim("7001", due=due, reason="PNR3430")

        (told,) = await account.poll()
        again = await account.poll()

    assert told.verdict is Verdict.CLAIM
    assert told.external_id.startswith(f"claim:{name}:claim:")
    assert told.respond_by == due
    assert "Mercado Libre waits for the seller: refund." in told.text
    assert again == []


async def test_a_new_date_and_a_new_stage_are_told_again():
    async with an_account() as account:
        name = account.market.claim("7001", due=account.time.now() + DAY)
        await account.poll()
        account.market.change(name, due=account.time.now() + 3 * DAY)
        (moved,) = await account.poll()
        account.market.mediate(name)
        (mediation,) = await account.poll()

    assert moved.respond_by is not None
    assert mediation.verdict is Verdict.CLAIM
    assert mediation.text.startswith("This is a mediation: Mercado Libre decides.")


async def test_what_the_seller_does_in_the_console_in_time_counts_as_an_answer():
    async with an_account() as account:
        name = account.market.claim("7001", due=account.time.now() + DAY)
        await account.poll()
        account.market.change(name, due=None)

        (acted,) = await account.poll()

    assert acted.verdict is Verdict.ANSWERED_ELSEWHERE


async def test_a_date_that_passed_counts_as_nothing():
    async with an_account() as account:
        name = account.market.claim("7001", due=account.time.now() + DAY)
        await account.poll()
        account.time.advance(2 * DAY)
        account.market.change(name, due=None)

        assert await account.poll() == []


async def test_a_decided_claim_is_closed_with_how_and_for_whom():
    async with an_account() as account:
        name = account.market.claim("7001")
        await account.poll()
        account.market.close_claim(name)

        (closed,) = await account.poll()
        again = await account.poll()

    assert closed.verdict is Verdict.CLAIM_CLOSED
    assert closed.text == "The claim is closed.\nReason: payment refunded.\nIn favour of the buyer."
    assert again == []


async def test_a_claim_opened_and_decided_between_two_polls_is_told_whole():
    async with an_account() as account:
        await account.poll()
        account.market.close_claim(account.market.claim("7001"))

        found = await account.poll()

    assert [one.verdict for one in found] == [Verdict.CLAIM, Verdict.CLAIM_CLOSED]


async def test_what_is_written_in_a_claim_stays_in_it():
    async with an_account() as account:
        name = account.market.claim("7001")
        await account.poll()
        await account.market.writes_in_claim(Author.CUSTOMER, "No funciona", name)
        await account.market.writes_in_claim(Author.PLATFORM, "Envía la guía", name)
        await account.market.writes_in_claim(Author.AGENT, "Va otro", name)

        found = await account.poll()

    assert [(one.text, one.verdict) for one in found] == [
        ("No funciona", Verdict.CLAIM),
        ("Envía la guía", Verdict.CLAIM),
        ("Va otro", Verdict.ANSWERED_ELSEWHERE),
    ]
    assert {one.thread_keys[0].value for one in found} == {f"claim:{name}"}


async def test_open_claims_are_looked_at_again_without_a_word_from_the_search():
    async with an_account() as account:
        name = account.market.claim("7001")
        await account.poll()
        updated = account.market.claims[name].updated
        await account.market.writes_in_claim(Author.AGENT, "Va otro", name)
        account.market.claims[name].updated = updated  # the search calls nothing changed

        found = await account.poll(after=timedelta(minutes=40))

    assert [one.text for one in found] == ["Va otro"]


async def test_an_answer_goes_to_the_buyer_and_in_a_mediation_to_the_mediator():
    async with an_account() as account:
        name = account.market.claim("7001")
        (told,) = await account.poll()
        command = account.stage.answer(told, "Va otro")
        receipt = await account.connector.reply(command)
        (copy,) = await account.poll(after=timedelta(minutes=40))
        account.market.mediate(name)
        (mediation,) = await account.poll()
        second = account.stage.answer(mediation, "Aquí está la guía")
        await account.connector.reply(second)

        assert account.connector.preview(command).recipient == "the buyer, in the claim"
        assert account.connector.preview(second).recipient == "Mercado Libre's mediator"
        assert copy.refers_to == (receipt.external_id,)
        sent = [one.more["to"] for one in account.market.messages if one.more.get("to")]
        assert sent == ["complainant", "mediator"]


async def test_who_wrote_in_a_claim_gets_the_answer():
    async with an_account() as account:
        name = account.market.claim("7001")
        await account.market.writes_in_claim(Author.CUSTOMER, "No funciona", name)
        _, buyer = await account.poll()
        await account.connector.reply(account.stage.answer(buyer, "Va otro"))
        account.market.mediate(name)
        await account.market.writes_in_claim(Author.PLATFORM, "Envía la guía", name)
        mediator = next(one for one in await account.poll() if one.text == "Envía la guía")
        await account.connector.reply(account.stage.answer(mediator, "Aquí está"))

        sent = [one.more["to"] for one in account.market.messages if one.more.get("to")]
    assert sent == ["complainant", "mediator"]


async def test_an_answer_is_not_led_to_the_mediator_when_the_stage_changed_unseen():
    async with an_account() as account:
        name = account.market.claim("7001")
        (told,) = await account.poll()
        account.market.mediate(name)

        with pytest.raises(ReplyWindowClosed, match="its stage may have changed"):
            await account.connector.reply(account.stage.answer(told, "Va otro"))
        assert account.market.texts_sent == []


async def test_an_application_without_claims_reads_messages_all_the_same():
    async with an_account() as account:
        account.market.hides_claims = True
        await account.market.says(Author.CUSTOMER, "¿Dónde está?")

        found = await account.poll()
        health = await account.connector.check()

    assert [one.text for one in found] == ["¿Dónde está?"]
    assert not health.ok
    assert "claims cannot be read" in health.detail


async def test_an_account_without_claims_asks_for_none():
    async with an_account(claims=False) as account:
        account.market.claim("7001")

        assert await account.poll() == []
        assert (await account.connector.check()).ok
        assert account.calls("/claims/") == 0
