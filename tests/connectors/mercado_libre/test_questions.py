"""Questions on items: asked, answered, closed, removed."""

from datetime import timedelta

from connectors.contract import Verdict
from sandbox.markets.mercado_libre.wire import buyer_of
from tests.connectors.mercado_libre.bench import an_account


async def test_a_question_is_read_once_and_opens_a_public_pre_sale_matter():
    async with an_account() as account:
        name = await account.market.asks("¿Es de abedul?")

        (asked,) = await account.poll()
        again = await account.poll()

    assert (asked.external_id, asked.verdict, asked.public) == (
        f"question:{name}",
        Verdict.CUSTOMER,
        True,
    )
    assert asked.sender_handle == str(buyer_of("7001"))
    assert again == []


async def test_an_answer_from_the_console_is_seen_long_after_the_question():
    async with an_account() as account:
        name = await account.market.asks("¿Es de abedul?")
        await account.poll()
        for number in range(6):
            account.time.advance(timedelta(hours=6))
            await account.market.asks(f"Otra pregunta {number}")
            await account.poll()
        account.market.answers_question(name, "Sí, de abedul.")

        (seen,) = await account.poll()

    assert (seen.verdict, seen.text) == (Verdict.ANSWERED_ELSEWHERE, "Sí, de abedul.")
    assert seen.refers_to == (f"answer:{name}",)


async def test_a_question_answered_between_two_polls_comes_with_its_answer():
    async with an_account() as account:
        await account.poll()
        name = await account.market.asks("¿Es de abedul?")
        account.time.advance(timedelta(minutes=1))
        account.market.answers_question(name, "Sí.")

        found = await account.poll()

    assert [one.verdict for one in found] == [Verdict.CUSTOMER, Verdict.ANSWERED_ELSEWHERE]


async def test_questions_that_were_removed_before_anybody_read_them_are_passed_over():
    async with an_account() as account:
        for state in ("BANNED", "DELETED", "DISABLED", "UNDER_REVIEW"):
            account.market.states[await account.market.asks(state)] = state

        assert await account.poll() == []


async def test_a_question_under_review_comes_once_it_may_be_answered():
    async with an_account() as account:
        name = await account.market.asks("¿Es de abedul?")
        account.market.states[name] = "UNDER_REVIEW"
        assert await account.poll() == []
        account.market.states[name] = "UNANSWERED"

        found = await account.poll(after=timedelta(hours=3))

    assert [one.external_id for one in found] == [f"question:{name}"]


async def test_what_became_of_an_open_question_is_told_in_its_ticket():
    async with an_account() as account:
        names = {
            state: await account.market.asks(state)
            for state in ("CLOSED_UNANSWERED", "DELETED", "BANNED")
        }
        await account.poll()
        account.market.states.update({name: state for state, name in names.items()})

        found = await account.poll(after=timedelta(hours=1))
        again = await account.poll()

    assert {one.external_id for one in found} == {
        f"question_ended:{name}:{state}" for state, name in names.items()
    }
    assert {one.verdict for one in found} == {Verdict.NOTICE}
    assert again == []


async def test_a_question_hidden_for_a_while_is_neither_closed_nor_forgotten():
    async with an_account() as account:
        name = await account.market.asks("¿Es de abedul?")
        await account.poll()
        account.market.states[name] = "UNDER_REVIEW"
        assert await account.poll() == []
        account.market.states[name] = "UNANSWERED"
        assert await account.poll() == []
        account.market.answers_question(name, "Sí.")

        (seen,) = await account.poll()

    assert seen.verdict is Verdict.ANSWERED_ELSEWHERE


async def test_an_answer_that_is_removed_starts_the_clock_again():
    async with an_account() as account:
        name = await account.market.asks("¿Tiene WhatsApp?")
        (asked,) = await account.poll()
        answer = account.stage.answer(asked, "Sí, anote.", public=True)
        receipt = await account.connector.reply(answer)
        await account.poll()
        account.market.answers_question(name, "", status="BANNED")

        (removed,) = await account.poll()

    assert removed.verdict is Verdict.BOUNCE
    assert removed.refers_to == (receipt.external_id,)


async def test_an_answer_removed_a_day_later_is_noticed_and_one_removed_after_days_is_not_looked_for():
    async with an_account() as account:
        names = [await account.market.asks(f"Pregunta {number}") for number in range(2)]
        await account.poll()
        for name in names:
            account.market.answers_question(name, "Sí.")
        await account.poll()
        account.time.advance(timedelta(hours=24))
        await account.market.asks("Otra")
        account.market.answers_question(names[0], "", status="BANNED")

        found = await account.poll()
        await account.poll(after=timedelta(hours=30))
        account.market.log.clear()
        await account.poll()

    assert [one.external_id for one in found if one.verdict is Verdict.BOUNCE] == [
        f"answer_removed:{names[0]}"
    ]
    assert not [call for call in account.market.log if call.path == f"/questions/{names[1]}"]


async def test_a_question_that_stands_on_a_later_page_is_not_looked_at_by_itself():
    async with an_account() as account:
        names = [await account.market.asks(f"Pregunta {number}") for number in range(9)]
        account.time.advance(timedelta(hours=1))
        await account.market.asks("La última")
        await account.poll()
        await account.poll()

        paths = {call.path for call in account.market.log}
    assert not paths & {f"/questions/{name}" for name in names}


async def test_open_questions_are_looked_at_by_themselves_a_few_at_a_time():
    async with an_account() as account:
        names = [await account.market.asks(f"Pregunta {number}") for number in range(25)]
        account.time.advance(timedelta(hours=1))
        await account.market.asks("La última")
        await account.poll()
        account.market.states.update(dict.fromkeys(names, "UNDER_REVIEW"))
        account.market.log.clear()

        await account.poll()
        first = {call.path for call in account.market.log} & {f"/questions/{one}" for one in names}
        await account.poll()
        looked = {call.path for call in account.market.log} & {f"/questions/{one}" for one in names}

    assert len(first) == 20
    assert len(looked) == 25


async def test_an_account_without_questions_asks_for_none():
    async with an_account(questions=False) as account:
        await account.market.asks("¿Es de abedul?")

        assert await account.poll() == []
        assert account.calls("/questions/") == 0
