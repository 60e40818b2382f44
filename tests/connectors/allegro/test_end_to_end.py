"""A seller's conversations, from the customer's question to the answer and back."""

from datetime import timedelta

from sandbox.markets.allegro import AllegroMarket
from sla_rules.vocabulary import Author, Kind
from tests.connectors.allegro.bench import AllegroBench
from tests.connectors.desk_world import desk_with

config = AllegroBench().config
ALLEGRO = "connectors.allegro"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def test_a_question_is_answered_once_and_our_copy_changes_nothing() -> None:
    async with desk_with(ALLEGRO, config, AllegroMarket) as world:
        await world.market.says(Author.CUSTOMER, "Gdzie jest moja paczka?")
        await world.poll()
        assert await world.answer(1, "Wychodzi dzisiaj.") == "sent"
        await world.pass_time(timedelta(minutes=2))
        await world.poll()

        assert world.market.texts_sent == ["Wychodzi dzisiaj."]
        assert world.ticket(1).state == "answered"
        assert len(world.thread(1)) == 2


async def test_an_answer_that_allegro_holds_back_and_then_blocks_leaves_the_ticket_waiting() -> (
    None
):
    async with desk_with(ALLEGRO, config, AllegroMarket) as world:
        await world.market.says(Author.CUSTOMER, "Gdzie jest moja paczka?")
        await world.poll()
        world.market.moderation = "held"
        assert await world.answer(1, "Proszę zajrzeć do naszej sieci.") == "unsure"
        world.market.moderation = "refused"
        await world.poll()

        assert world.market.texts_sent == []
        assert world.ticket(1).state == "open"


async def test_a_claim_is_one_ticket_with_its_chat_and_the_deadline_that_allegro_names() -> None:
    async with desk_with(ALLEGRO, config, AllegroMarket) as world:
        market = world.market
        due = world.time.now() + 10 * DAY
        market.opens("c-1", due=due)
        await market.says(Author.PLATFORM, "Problem: wada", thread="c-1", role="SYSTEM")
        await market.says(Author.CUSTOMER, "Koło odpadło.", thread="c-1")
        await world.poll()
        ticket = world.ticket(1)

        assert len(world.tickets()) == 1
        assert (ticket.kind, ticket.state) == (Kind.CLAIM, "open")
        assert due in {clock.due_at for clock in ticket.clocks}
        assert await world.answer(1, "Wymienimy koło.") == "sent"
        assert market.messages[-1].thread == "c-1"
        market.issues["c-1"].status = "CLAIM_ACCEPTED"
        await world.pass_time(HOUR)
        await world.poll()

        assert "claim_closed" in {event.type for event in world.history(1)}
        assert world.quarantined() == []


async def test_invariant_6_words_of_allegros_adviser_do_not_answer_for_the_seller() -> None:
    async with desk_with(ALLEGRO, config, AllegroMarket) as world:
        world.market.opens("d-1", "DISPUTE")
        await world.market.says(Author.CUSTOMER, "Nic nie przyszło.", thread="d-1")
        await world.poll()
        await world.pass_time(HOUR)
        await world.market.says(Author.PLATFORM, "Prosimy o odpowiedź.", thread="d-1")
        await world.poll()

        assert len(world.tickets()) == 1
        assert world.ticket(1).state == "open"
        assert world.ticket(1).waiting_since is not None


async def test_a_claim_answered_and_not_decided_waits_again_before_its_deadline() -> None:
    async with desk_with(ALLEGRO, config, AllegroMarket) as world:
        world.market.opens("c-1", due=world.time.now() + 10 * DAY)
        await world.poll()
        assert await world.answer(1, "Sprawdzamy.") == "sent"
        await world.pass_time(9 * DAY)
        await world.poll()

        assert len(world.tickets()) == 1
        assert world.ticket(1).state == "open"


async def test_two_conversations_of_one_customer_stay_apart() -> None:
    async with desk_with(ALLEGRO, config, AllegroMarket) as world:
        market = world.market
        await market.says(Author.CUSTOMER, "Dzień dobry", thread="7001")
        market.opens("d-1", "DISPUTE", buyer={"id": "1", "login": "client:7001"})
        await market.says(Author.CUSTOMER, "Nic nie przyszło.", thread="d-1")
        await world.poll()
        await market.says(Author.AGENT, "Dzień dobry!", thread="7001")
        await world.pass_time(HOUR)
        await world.poll()
        states = {ticket.kind: ticket.state for ticket in world.tickets()}

        assert states == {Kind.MESSAGE: "answered", Kind.CLAIM: "open"}
