"""Whom an answer goes to: the customer, or a platform's own people where it says how."""

import pytest

from bot.db import queries
from bot.errors import DeskError
from connectors.contract import Verdict
from sla_rules.vocabulary import Kind
from tests.builders import (
    NOW,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    minutes,
    queue,
    ticket,
)

pytestmark = pytest.mark.postgres(first=2)

AT = NOW + hours(1)


@pytest.mark.parametrize(
    "item",
    [
        an_inbound(verdict=Verdict.NOTICE, kind=Kind.NOTICE, reply_context={}),
        an_inbound(verdict=Verdict.SUSPECT),
    ],
    ids=lambda item: item.verdict,
)
async def test_what_nobody_asked_cannot_be_answered(db, desk, item):
    view = await a_ticket(db, desk, item)
    with pytest.raises(DeskError, match="no customer message"):
        await queue(db, desk, view.id, at=AT)
    assert await db.read(lambda conn: queries.reply_draft(conn, view.id, "Hi", "Anna")) is None


async def test_an_operators_word_is_answered_where_its_platform_says_how(db, desk):
    operator = an_inbound(
        verdict=Verdict.NOTICE, kind=Kind.NOTICE, reply_context={"to": "operator"}
    )
    view = await a_ticket(db, desk, operator)
    message_id, _ = await answer(db, desk, view.id, at=AT)
    _, command = await db.read(lambda conn: queries.reply_command(conn, message_id))
    assert command.context == {"to": "operator"}
    assert (await ticket(db)).state == "answered"


async def test_an_answer_goes_to_the_customer_whatever_the_platform_told_since(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c", reply_context={"to": "customer"}))
    told = an_inbound(
        thread="c",
        verdict=Verdict.NOTICE,
        reply_context={"to": "operator"},
        sent_at=NOW + minutes(5),
    )
    await arrive(db, desk, told)
    queued = await queue(db, desk, view.id, at=AT)
    _, command = await db.read(lambda conn: queries.reply_command(conn, queued.message_id))
    assert command.context == {"to": "customer"}
