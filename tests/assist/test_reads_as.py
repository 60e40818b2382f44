"""What an agent is shown of it: a line of the status, and on the card only what matters."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.card import TicketView
from bot.slack.blocks.card import render_card
from bot.slack.blocks.listing import render_status
from bot.slack.blocks.reads_as import NO_ANSWER, reads_as, stands_out
from tests.unit.slack.scenes import NOON, a_desk, a_message, a_ticket

DESK = a_desk()


def _ticket(body: str, **changes: object) -> TicketView:
    message = a_message(body=body)
    ticket = a_ticket(first_message=message, last_customer_message=message, waiting_since=NOON)
    return replace(ticket, language=None, order_id=None, **changes)  # type: ignore[arg-type]


def test_a_status_says_what_the_message_reads_as() -> None:
    ticket = _ticket("Worst shop ever. Third time I ask, where is my parcel?")
    line = reads_as(ticket, DESK)

    assert line is not None
    assert line.startswith("Reads as: where is my order (“where is my parcel”")
    assert "angry (“Third time I”, “Worst”)" in line or "angry (“Worst”, “Third time I”)" in line
    assert line in str(render_status(ticket, [], [], DESK, NOON).blocks)


def test_risks_and_haste_are_named_with_their_words() -> None:
    line = reads_as(_ticket("I do a chargeback if it is not here by tomorrow"), DESK)

    assert line is not None
    assert "a chargeback (“do a chargeback”" in line
    assert "urgent (“by tomorrow”)" in line


def test_a_card_says_only_what_matters() -> None:
    assert list(stands_out(_ticket("Where is my parcel?"), DESK)) == []
    assert list(stands_out(_ticket("Thanks, all good!"), DESK)) == [NO_ANSWER]
    angry = _ticket("You idiots, where is it")
    assert list(stands_out(angry, DESK)) == ["sounds angry (“idiots”)"]
    assert "sounds angry" in str(render_card(angry, DESK, NOON).blocks[3])


def test_nothing_stands_out_once_nobody_waits() -> None:
    assert list(stands_out(replace(_ticket("You idiots"), waiting_since=None), DESK)) == []


def test_the_same_words_again_are_said() -> None:
    ticket = _ticket("Where is my parcel?")
    assert ticket.first_message is not None
    later = ticket.first_message.sent_at + timedelta(hours=1)
    again = replace(ticket.first_message, id=99, body="where is my parcel", sent_at=later)

    assert "the same words" in str(reads_as(replace(ticket, last_customer_message=again), DESK))
    assert "the same words" not in str(reads_as(ticket, DESK))


def test_nothing_is_read_from_words_that_are_not_posted() -> None:
    ticket = _ticket("You idiots")
    route = replace(DESK.inboxes[ticket.inbox], slack_body="none")
    veiled = replace(DESK, inboxes={**DESK.inboxes, ticket.inbox: route})

    assert reads_as(ticket, veiled) is None
    assert list(stands_out(ticket, veiled)) == []


def test_a_ticket_without_words_reads_as_nothing() -> None:
    assert reads_as(_ticket(" \n"), DESK) is None
    assert reads_as(replace(_ticket("x"), last_customer_message=None), DESK) is None
