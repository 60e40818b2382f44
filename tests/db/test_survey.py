"""A customer is asked by an agent's answer, and what they say counts once."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.db import queries, tables
from bot.domain.survey import LASTS, PURPOSE
from bot.errors import DeskError
from bot.language import Language
from bot.marketplace.executor import MarketExecutor
from bot.outbox.dispatcher import Dispatcher
from bot.usecases.composing import Compose, begin_composing
from bot.usecases.confirm_reply import confirm_reply, reply_failed, reply_started
from bot.usecases.merge import Merge, merge
from bot.usecases.reply import UndoReply, undo_reply
from bot.usecases.survey import (
    Explain,
    Rate,
    Standing,
    explain,
    may_ask,
    outgoing,
    rate,
    survey_of,
)
from connectors.contract import ReplyReceipt
from tests.api_world import some_links
from tests.builders import (
    AMAZON,
    ANNA,
    BRUNO,
    NOW,
    SHOP,
    a_desk,
    a_ticket,
    an_inbound,
    days,
    hours,
    minutes,
    queue,
)
from tests.db.outbox_world import HandClock
from tests.db.reading import effects, event_types, last_event, rows
from tests.db.test_outbox_replies import Marketplace

pytestmark = pytest.mark.postgres(first=2)

AT = NOW + hours(1)
LATER = AT + minutes(5)
SENDER = "mara@customer.example"


def a_rated_desk(kind="csat", **changes):
    desk = a_desk(links=some_links(), shop_name="Casa Conti", language=Language.FR, **changes)
    route = replace(desk.inboxes[SHOP], survey=kind)
    return replace(desk, inboxes={**desk.inboxes, SHOP: route})


async def a_shop_ticket(db, desk, **changes):
    message = an_inbound(**{"sender_handle": SENDER, "language": "de", **changes})
    return await a_ticket(db, desk, message, inbox=SHOP)


async def asks(db, desk, ticket_id, at=AT):
    return await queue(db, desk, ticket_id, at=at, survey=True)


async def leaves(db, desk, message_id, at=AT):
    """The answer goes out; the text the customer got."""
    receipt = ReplyReceipt(external_id=f"<{message_id}@shop.example>", accepted_at=at)
    (row,) = await rows(db, tables.feedback, message_id=message_id)
    _, command = await db.read(lambda conn: outgoing(conn, desk, row.ticket_id, message_id))
    await db.write(lambda tx: reply_started(tx, message_id), now=at)
    await db.write(lambda tx: confirm_reply(tx, desk, message_id, receipt), now=at)
    return command.text


async def behind(db, desk, text, at=LATER):
    """The request behind the link at the end of a mail."""
    claims = desk.links.read(PURPOSE, text.rpartition("/")[2], at)
    return await db.read(lambda conn: survey_of(conn, desk, claims, at))


async def rated(db, desk, feedback_id, score, at=LATER):
    command = Rate(feedback_id=feedback_id, score=score)
    return await db.write(lambda tx: rate(tx, desk, command), now=at)


async def asked_and_sent(db, desk, **changes):
    view = await a_shop_ticket(db, desk, **changes)
    queued = await asks(db, desk, view.id)
    text = await leaves(db, desk, queued.message_id)
    return view, await behind(db, desk, text)


async def test_the_question_goes_out_with_the_answer_and_stays_out_of_the_desk(db):
    desk = a_rated_desk()
    view = await a_shop_ticket(db, desk)
    queued = await asks(db, desk, view.id)

    text = await leaves(db, desk, queued.message_id)
    _, again = await db.read(lambda conn: outgoing(conn, desk, view.id, queued.message_id))

    assert text == again.text
    first, asked, link = text.rsplit("\n", 2)
    assert first == "It arrives tomorrow.\n"
    assert asked == "Wie zufrieden sind Sie mit unserer Antwort? Ein Klick genügt:"
    assert link.startswith("https://desk.rossi.example/survey/")
    message = await db.read(lambda conn: queries.message(conn, queued.message_id))
    assert message.body == "It arrives tomorrow."
    told = await last_event(db, view.id, "reply_queued")
    assert told.data["survey"] == "csat"
    assert link.rpartition("/")[2] not in str(told.data)


class Shop(Marketplace):
    """Keeps the words of what it was handed."""

    got = ""

    async def reply(self, command):
        self.got = command.text
        return await super().reply(command)


async def test_whoever_sends_answers_sends_the_question_along(db):
    desk = a_rated_desk()
    view = await a_shop_ticket(db, desk)
    await asks(db, desk, view.id)
    clock = HandClock(LATER)
    shop = Shop(clock)
    executor = MarketExecutor({SHOP: shop}, db, lambda: desk, clock)
    sender = Dispatcher(db, dict.fromkeys(executor.kinds, executor), clock)

    await sender.drain(patience=0)

    survey = await behind(db, desk, shop.got)
    assert survey.standing is Standing.OPEN


async def test_what_a_customer_says_counts_once_and_is_told_in_the_thread(db):
    desk = a_rated_desk()
    view, survey = await asked_and_sent(db, desk)
    assert (survey.standing, survey.language) == (Standing.OPEN, Language.DE)

    outcomes = await asyncio.gather(*(rated(db, desk, survey.id, score) for score in (5, 1, 1)))
    late = await rated(db, desk, survey.id, 1, at=LATER + minutes(1))

    assert (sorted(outcomes), late) == ([False, False, True], False)
    (row,) = await rows(db, tables.feedback)
    assert row.answered_at == LATER
    told = await last_event(db, view.id, "rated")
    assert told.data == {"kind": "csat", "score": row.score}
    assert (await event_types(db, view.id)).count("rated") == 1
    assert "post_log" in await effects(db)


async def test_why_is_kept_once_and_only_soon_after_the_rating(db):
    desk = a_rated_desk()
    view, survey = await asked_and_sent(db, desk)

    async def explained(words, at):
        command = Explain(feedback_id=survey.id, words=words)
        return await db.write(lambda tx: explain(tx, desk, command), now=at)

    assert not await explained("Too early", LATER)
    await rated(db, desk, survey.id, 2)
    assert not await explained("  ", LATER)
    assert await explained("<b>Slow</b>\x00 " + "x" * 2_000, LATER + minutes(1))
    assert not await explained("Again", LATER + minutes(2))

    (row,) = await rows(db, tables.feedback)
    assert row.comment.startswith("<b>Slow</b> x")
    assert len(row.comment) == 1_000
    assert (await last_event(db, view.id, "rating_explained")).data["text"] == row.comment


async def test_after_an_hour_nobody_explains_a_rating_any_more(db):
    desk = a_rated_desk()
    _, survey = await asked_and_sent(db, desk)
    await rated(db, desk, survey.id, 2)

    late = Explain(feedback_id=survey.id, words="Late")
    at = LATER + hours(1)
    assert not await db.write(lambda tx: explain(tx, desk, late), now=at)


async def test_an_answer_taken_back_asked_nobody(db):
    desk = a_rated_desk()
    view = await a_shop_ticket(db, desk)
    queued = await asks(db, desk, view.id)
    (void,) = await rows(db, tables.feedback)
    undo = UndoReply(message_id=queued.message_id, actor=ANNA)
    undone = await db.write(lambda tx: undo_reply(tx, desk, undo), now=AT)
    assert undone.text == "It arrives tomorrow."

    assert await db.read(lambda conn: survey_of(conn, desk, {"feedback": void.id}, AT)) is None
    assert not await rated(db, desk, void.id, 5)

    again = await asks(db, desk, view.id, at=LATER)
    await leaves(db, desk, again.message_id, at=LATER)
    (row,) = await rows(db, tables.feedback)
    assert row.id != void.id
    assert await rated(db, desk, row.id, 5, at=LATER + minutes(1))


async def test_an_answer_that_was_refused_asked_nobody(db):
    desk = a_rated_desk()
    view = await a_shop_ticket(db, desk)
    queued = await asks(db, desk, view.id)
    await db.write(lambda tx: reply_failed(tx, desk, queued.message_id, "no such box"), now=AT)

    assert await db.read(lambda conn: may_ask(conn, desk, view.id, SHOP, LATER))


async def test_nobody_holds_a_link_before_the_answer_is_out(db):
    desk = a_rated_desk()
    view = await a_shop_ticket(db, desk)
    await asks(db, desk, view.id)
    (row,) = await rows(db, tables.feedback)

    assert not await rated(db, desk, row.id, 5)


async def test_a_ticket_asks_once_and_a_customer_is_asked_once_in_thirty_days(db):
    desk = a_rated_desk()
    view, _ = await asked_and_sent(db, desk)
    other = await a_shop_ticket(db, desk)
    strange = await a_shop_ticket(db, desk, sender_handle="gino@customer.example")

    async def may(ticket, at):
        return await db.read(lambda conn: may_ask(conn, desk, ticket.id, SHOP, at))

    assert [await may(each, LATER) for each in (view, other, strange)] == [False, False, True]
    assert [await may(each, AT + days(30)) for each in (view, other)] == [False, True]
    with pytest.raises(DeskError, match="Take the tick away"):
        await asks(db, desk, other.id)


async def test_only_an_inbox_that_says_so_asks_and_only_with_an_address(db):
    desk = a_rated_desk()
    view = await a_ticket(db, desk, inbox=AMAZON)
    shop = await a_shop_ticket(db, desk)

    async def may(desk, ticket, inbox):
        return await db.read(lambda conn: may_ask(conn, desk, ticket.id, inbox, AT))

    assert not await may(desk, view, AMAZON)
    assert await may(desk, shop, SHOP)
    assert not await may(replace(desk, links=None), shop, SHOP)
    with pytest.raises(DeskError, match="no ratings"):
        await asks(db, replace(desk, links=None), shop.id)


@pytest.mark.parametrize(
    ("kind", "score", "counts"),
    [("csat", 0, False), ("csat", 6, False), ("nps", 0, True)],
)
async def test_only_a_score_of_the_question_counts(db, kind, score, counts):
    desk = a_rated_desk(kind)
    _, survey = await asked_and_sent(db, desk)

    assert await rated(db, desk, survey.id, score) is counts


async def test_after_thirty_days_the_question_is_closed(db):
    desk = a_rated_desk()
    _, survey = await asked_and_sent(db, desk)
    over = AT + LASTS

    found = await db.read(lambda conn: survey_of(conn, desk, {"feedback": survey.id}, over))
    assert found.standing is Standing.OVER
    assert not await rated(db, desk, survey.id, 5, at=over)


async def test_a_rating_is_told_where_the_conversation_goes_on(db):
    desk = a_rated_desk()
    view, survey = await asked_and_sent(db, desk)
    other = await a_shop_ticket(db, desk)
    together = Merge(ticket_id=view.id, into_id=other.id, actor=BRUNO)
    await db.write(lambda tx: merge(tx, desk, together), now=LATER)

    assert await rated(db, desk, survey.id, 4, at=LATER + minutes(1))
    assert "rated" in await event_types(db, other.id)


async def test_an_answer_keeps_when_its_author_began_to_write(db):
    desk = a_rated_desk()
    view = await a_shop_ticket(db, desk)

    async def writing(actor, at):
        command = Compose(ticket_id=view.id, actor=actor)
        await db.write(lambda tx: begin_composing(tx, desk, command), now=at)

    await writing(ANNA, AT - minutes(14))
    await writing(BRUNO, AT - minutes(2))
    await queue(db, desk, view.id, at=AT)
    told = await last_event(db, view.id, "reply_queued")
    assert told.data["writing_since"] == (AT - minutes(14)).isoformat()

    await writing(ANNA, AT)
    await queue(db, desk, view.id, at=AT + minutes(15))
    told = await last_event(db, view.id, "reply_queued")
    assert "writing_since" not in told.data


async def test_a_language_nobody_speaks_is_asked_in_the_desks(db):
    desk = a_rated_desk("nps")
    view = await a_shop_ticket(db, desk)
    await db.write(lambda tx: tx.conn.execute(update(tables.ticket).values(language="pt")), now=NOW)
    queued = await asks(db, desk, view.id)

    assert "Recommanderiez-vous Casa Conti" in await leaves(db, desk, queued.message_id)
