"""A customer's review, from its stars to the answer."""

from datetime import timedelta

from sandbox.markets.judge_me import JudgeMeMarket
from sla_rules.topics import Topic
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.judge_me.bench import JudgeMeBench

config = JudgeMeBench().config
JUDGE_ME = "connectors.judge_me"


async def test_a_bad_review_is_answered_once() -> None:
    async with desk_with(JUDGE_ME, config, JudgeMeMarket) as world:
        await world.market.says(Author.CUSTOMER, "Si è rotto subito.", stars=1)
        await world.poll()
        assert world.ticket(1).topic is Topic.NEGATIVE_REVIEW
        assert await world.answer(1, "Ci dispiace, lo sostituiamo.") == "sent"
        await world.pass_time(timedelta(minutes=2))
        await world.poll()

        assert world.market.public == ["Ci dispiace, lo sostituiamo."]
        assert world.market.texts_sent == world.market.public
        assert world.ticket(1).state == "answered"


async def test_an_agent_may_answer_a_review_by_mail_instead() -> None:
    async with desk_with(JUDGE_ME, config, JudgeMeMarket) as world:
        await world.market.says(Author.CUSTOMER, "Si è rotto subito.", stars=1)
        await world.poll()
        assert await world.answer(1, "Le scriviamo in privato.", public=False) == "sent"

        assert world.market.texts_sent == ["Le scriviamo in privato."]
        assert (world.market.public, len(world.market.subjects)) == ([], 1)


async def test_a_review_that_nobody_can_read_yet_is_answered_by_mail() -> None:
    async with desk_with(JUDGE_ME, config, JudgeMeMarket) as world:
        await world.market.says(Author.CUSTOMER, "Rotto.", stars=1, curated="not-yet")
        await world.poll()
        await world.answer(1, "Lo sostituiamo.")

        assert (world.market.public, len(world.market.subjects)) == ([], 1)


async def test_a_changed_review_comes_back_into_its_ticket() -> None:
    async with desk_with(JUDGE_ME, config, JudgeMeMarket) as world:
        review = await world.market.says(Author.CUSTOMER, "Bello.", stars=4)
        await world.poll()
        await world.answer(1, "Grazie!")
        await world.pass_time(timedelta(hours=5))
        world.market.change(review, "Si è rotto.", stars=1)
        await world.poll()

        assert len(world.tickets()) == 1
        assert (world.ticket(1).state, world.ticket(1).topic) == ("open", Topic.NEGATIVE_REVIEW)


async def test_a_call_about_a_review_brings_it_at_once() -> None:
    async with desk_with(JUDGE_ME, config, JudgeMeMarket) as world:
        review = await world.market.says(Author.CUSTOMER, "Rotto.", stars=2)
        answer = await world.webhook(world.market.webhook(review))

        assert answer.status == 200
        assert [one.subject for one in world.tickets()] == ["★★☆☆☆ Trenino di legno"]
        assert world.quarantined() == []
