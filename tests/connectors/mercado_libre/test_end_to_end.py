"""A seller account, from the buyer's word to the answer and back: the real desk, the fake platform."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.markets.mercado_libre import MercadoLibreMarket
from sla_rules.vocabulary import Author, Scope
from tests.connectors.desk_world import DeskWorld, desk_with
from tests.connectors.mercado_libre.bench import settings_for

pytestmark = pytest.mark.e2e

MERCADO_LIBRE = "connectors.mercado_libre"
SOON = timedelta(minutes=5)


async def next_poll(world: DeskWorld[Any], after: timedelta = SOON) -> None:
    await world.pass_time(after)
    await world.poll()


async def test_a_question_is_answered_in_public_and_its_copy_changes_nothing() -> None:
    async with desk_with(MERCADO_LIBRE, settings_for, MercadoLibreMarket) as world:
        await world.market.asks("¿Es de abedul?")
        await world.poll()
        assert world.ticket(1).stage == "pre_sale"
        assert await world.answer(1, "Sí, de abedul.") == "sent"
        await next_poll(world)

        assert world.market.texts_sent == ["Sí, de abedul."]
        assert world.ticket(1).state == "answered"
        assert [message.direction for message in world.thread(1)] == ["in", "out"]


async def test_a_message_is_answered_once_and_its_copy_changes_nothing() -> None:
    async with desk_with(MERCADO_LIBRE, settings_for, MercadoLibreMarket) as world:
        await world.market.says(Author.CUSTOMER, "¿Dónde está mi paquete?")
        await world.poll()
        assert await world.answer(1, "Sale hoy.") == "sent"
        await next_poll(world)

        assert world.market.texts_sent == ["Sale hoy."]
        assert world.ticket(1).state == "answered"
        assert [message.direction for message in world.thread(1)] == ["in", "out"]
        assert world.market.read == {}


async def test_invariant_6_an_answer_moderation_refuses_later_starts_the_clock_again() -> None:
    async with desk_with(MERCADO_LIBRE, settings_for, MercadoLibreMarket) as world:
        await world.market.says(Author.CUSTOMER, "¿Dónde está mi paquete?")
        await world.poll()
        await world.answer(1, "Escríbanos aparte.")
        assert world.ticket(1).state == "answered"
        world.market.moderate(world.market.messages[-1].id, "PERSONAL_DATA")
        await next_poll(world)

        assert world.ticket(1).state == "open"
        assert world.market.texts_sent == ["Escríbanos aparte."]


async def test_invariant_3_an_answer_held_and_then_refused_is_never_sent_again() -> None:
    async with desk_with(MERCADO_LIBRE, settings_for, MercadoLibreMarket) as world:
        await world.market.says(Author.CUSTOMER, "¿Dónde está mi paquete?")
        await world.poll()
        world.market.moderation = "held"
        state = await world.answer(1, "Sale hoy.")
        world.market.moderation = "refused"
        await next_poll(world)

        sent = [one for one in world.market.messages if one.author is Author.AGENT]
        assert state == "unsure"
        assert world.ticket(1).state == "open"
        assert len(sent) == 1


async def test_invariant_6_an_answer_from_the_console_stops_the_clock_a_robots_does_not() -> None:
    async with desk_with(MERCADO_LIBRE, settings_for, MercadoLibreMarket) as world:
        await world.market.says(Author.CUSTOMER, "¿Dónde está mi paquete?")
        await world.poll()
        await world.market.says(Author.AUTO, "Adjuntamos su factura.")
        await next_poll(world)
        assert world.ticket(1).state == "open"
        await world.market.says(Author.AGENT, "Sale hoy.")
        await next_poll(world)

        assert world.ticket(1).state == "answered"


async def test_a_question_closed_with_its_item_is_told_in_its_own_ticket() -> None:
    async with desk_with(MERCADO_LIBRE, settings_for, MercadoLibreMarket) as world:
        name = await world.market.asks("¿Es de abedul?")
        await world.poll()
        world.market.states[name] = "CLOSED_UNANSWERED"
        await next_poll(world)

        assert len(world.tickets()) == 1
        assert len(world.thread(1)) == 2


async def test_a_claim_is_due_when_mercado_libre_says() -> None:
    async with desk_with(MERCADO_LIBRE, settings_for, MercadoLibreMarket) as world:
        due = world.time.now() + timedelta(hours=30)
        claim = world.market.claim("7001", due=due)
        await world.poll()
        limits = [one for one in world.ticket(1).clocks if one.scope is Scope.MARKETPLACE]
        assert (world.ticket(1).kind, [one.due_at for one in limits]) == ("claim", [due])
        await world.pass_time(timedelta(hours=1))
        assert await world.answer(1, "Le enviamos otro.") == "sent"
        world.market.close_claim(claim)
        await next_poll(world)

        assert world.market.texts_sent == ["Le enviamos otro."]
        assert len(world.tickets()) == 1


async def test_a_claim_and_a_message_about_one_sale_are_two_tickets() -> None:
    async with desk_with(MERCADO_LIBRE, settings_for, MercadoLibreMarket) as world:
        await world.market.says(Author.CUSTOMER, "Llegó roto.")
        claim = world.market.claim("7001")
        await world.poll()
        await world.market.writes_in_claim(Author.CUSTOMER, "Quiero otro.", claim)
        await next_poll(world)

        assert sorted(ticket.kind for ticket in world.tickets()) == ["claim", "message"]
        assert world.quarantined() == []


async def test_a_notification_wakes_the_desk_and_a_forged_one_brings_nothing() -> None:
    async with desk_with(MERCADO_LIBRE, settings_for, MercadoLibreMarket) as world:
        message = await world.market.says(Author.CUSTOMER, "¿Dónde está mi paquete?")
        answer = await world.webhook(world.market.webhook(message))
        assert (answer.status, len(world.tickets())) == (200, 1)
        await world.webhook(world.market.webhook("a message that was never written"))

        assert len(world.tickets()) == 1
