"""Problems with purchases: the edition of the message centre that took over from disputes."""

from datetime import timedelta
from typing import Any

from connectors.contract import Verdict
from sla_rules.topics import Topic
from sla_rules.vocabulary import Author, Kind
from tests.connectors.allegro.bench import AllegroBench, allegro_of

BENCH = AllegroBench()
MINUTE = timedelta(minutes=1)


async def test_problems_with_purchases_are_read_with_their_roles():
    async with BENCH.running() as stage:
        say = allegro_of(stage).says
        told: tuple[tuple[Author, str, dict[str, Any]], ...] = (
            (Author.CUSTOMER, "Gdzie zwrot?", {}),
            (Author.PLATFORM, "Prosimy o odpowiedź.", {}),
            (Author.PLATFORM, "Zgłoszenie przyjęte.", {"role": "CHATBOT"}),
            (Author.AGENT, "Wysłany wczoraj.", {}),
            (Author.CUSTOMER, "Dziękuję.", {"role": "USER", "login": "CLIENT:77"}),
        )
        for author, text, more in told:
            stage.time.advance(timedelta(seconds=10))
            await say(author, text, thread="77", problem=True, **more)
        found = await stage.poll()

        assert [one.verdict for one in found] == [
            Verdict.CUSTOMER,
            Verdict.NOTICE,
            Verdict.NOTICE,
            Verdict.ANSWERED_ELSEWHERE,
            Verdict.CUSTOMER,
        ]
        assert (found[0].kind, found[0].topic) == (Kind.CLAIM, Topic.RETURN)


async def test_many_problems_are_walked_by_the_name_of_the_next_page():
    async with BENCH.running() as stage:
        for number in range(8):
            await allegro_of(stage).says(
                Author.CUSTOMER, f"{number}", thread=f"9{number}", problem=True
            )
            stage.time.advance(MINUTE)

        assert len(await stage.poll()) == 8


async def test_an_account_without_problems_with_purchases_is_read_all_the_same():
    async with BENCH.running() as stage:
        allegro_of(stage).no_beta = True
        await stage.market.says(Author.CUSTOMER, "Halo?")

        assert [one.text for one in await stage.poll()] == ["Halo?"]
        assert "does not offer problems" in (await stage.connector.check()).detail
