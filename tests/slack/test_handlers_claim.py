from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.slack.front import CHANNEL, DANA, GIULIA, MARCO, STRANGER, VIOLA, Front, a_front, card_ts


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


async def test_a_claim_on_the_card_makes_the_agent_owner_and_offers_to_take_it_back(
    front: Front,
) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)

    response = await front.press(GIULIA, "claim", ticket.id)

    assert response.status == 200
    assert (await front.ticket(number)).assignee == GIULIA
    (offered,) = front.slack.answers
    undo = offered["blocks"][-1]["elements"][-1]
    assert (offered["response_type"], undo["action_id"]) == ("ephemeral", "undo_event")
    assert front.slack.calls == []  # what answers a press by its own address counts for no limit
    await front.press(GIULIA, "undo_event", undo["value"])
    assert (await front.ticket(number)).assignee is None


@pytest.mark.parametrize("pressed", ["resolve", "no_answer"])
async def test_what_ends_a_ticket_on_its_card_can_be_taken_back_there(
    front: Front, pressed: str
) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    await front.press(GIULIA, pressed, ticket.id)
    undo = front.slack.answers[-1]["blocks"][-1]["elements"][-1]

    await front.press(GIULIA, "undo_event", undo["value"])

    assert front.slack.answers[-1]["text"].startswith("Taken back: ")
    assert (await front.ticket(number)).state == "open"
    assert front.slack.calls == []


async def test_where_nothing_can_be_taken_back_a_press_on_the_card_says_nothing_more(
    front: Front,
) -> None:
    front.rules[0] = replace(front.desk, undo_window=timedelta(0))
    ticket = await front.ticket(await front.customer_writes())
    await front.press(GIULIA, "claim", ticket.id)
    assert front.slack.answers == []


async def test_on_a_home_no_window_opens_for_an_undo(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes())
    await front.press(GIULIA, "claim", ticket.id, view={"type": "home"})
    assert front.slack.of("views.open") == []


async def test_of_two_claims_the_second_is_told_privately_who_was_first(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    await front.press(GIULIA, "claim", ticket.id)
    front.clock.at += timedelta(minutes=4)

    await front.press(MARCO, "claim", ticket.id)

    answer = front.slack.answers[-1]
    assert answer["response_type"] == "ephemeral"
    assert answer["text"].startswith(f"Giulia Conti has #{number} since")
    assert answer["blocks"][-1]["elements"][0]["action_id"] == "take_over"
    assert (await front.ticket(number)).assignee == GIULIA


async def test_a_take_over_is_deliberate_and_names_who_was_relieved(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    await front.press(GIULIA, "claim", ticket.id)
    await front.press(MARCO, "claim", ticket.id)
    take_over = front.slack.answers[-1]["blocks"][-1]["elements"][0]["value"]

    await front.press(MARCO, "take_over", take_over)

    assert (await front.ticket(number)).assignee == MARCO
    assert front.slack.answers[-1]["text"].startswith(f"#{number} is yours.")
    assert "taken_over" in await front.events(number)


async def test_a_take_over_from_somebody_who_is_not_holder_any_more_asks_again(
    front: Front,
) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    await front.press(GIULIA, "claim", ticket.id)
    await front.press(DANA, "take_over", f"{ticket.id}|{GIULIA}")

    await front.press(MARCO, "take_over", f"{ticket.id}|{GIULIA}")

    assert (await front.ticket(number)).assignee == DANA
    assert front.slack.answers[-1]["text"].startswith("Dana Riva has")


async def test_every_way_to_claim_claims(front: Front) -> None:
    numbers = [await front.customer_writes(thread=f"buyer-{n}") for n in range(4)]

    await front.command(GIULIA, f"claim {numbers[0]}")
    await front.shortcut(GIULIA, "msg_claim", card_ts(numbers[1]))
    await front.shortcut(GIULIA, "msg_claim", "1770120099.000001", thread=card_ts(numbers[2]))
    await front.mention(GIULIA, "claim", thread=card_ts(numbers[3]))

    for number in numbers:
        assert (await front.ticket(number)).assignee == GIULIA
    assert [one["text"].split(".")[0] for one in front.slack.answers] == [
        f"#{number} is yours" for number in numbers[:3]
    ]
    (said,) = front.slack.of("chat.postEphemeral")
    assert said["user"] == GIULIA
    assert said["channel"] == CHANNEL
    assert said["thread_ts"] == card_ts(numbers[3])
    assert said["text"].startswith(f"#{numbers[3]} is yours.")


async def test_a_mention_delivered_twice_acts_once(front: Front) -> None:
    number = await front.customer_writes()

    await front.mention(GIULIA, "note two boxes", thread=card_ts(number), event_id="Ev7")
    await front.mention(GIULIA, "note two boxes", thread=card_ts(number), event_id="Ev7")

    assert (await front.events(number)).count("note") == 1
    assert len(front.slack.of("chat.postEphemeral")) == 1


async def test_a_shortcut_on_a_message_that_is_no_ticket_is_answered(front: Front) -> None:
    await front.shortcut(GIULIA, "msg_claim", "1770120500.000001")

    assert front.slack.answers[-1]["text"].startswith("This message belongs to no ticket.")


@pytest.mark.parametrize("user", [STRANGER, VIOLA])
async def test_who_may_not_work_tickets_is_told_why(front: Front, user: str) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)

    await front.press(user, "claim", ticket.id)

    assert (await front.ticket(number)).assignee is None
    assert "Ask an admin" in front.slack.answers[-1]["text"]


@pytest.mark.parametrize(
    "text", ["status 1", "queue all", "claim 1", "reply 1 hello", "note 1 hello"]
)
async def test_a_stranger_sees_nothing_of_a_ticket(front: Front, text: str) -> None:
    await front.customer_writes("my secret address")

    answer = await front.command(STRANGER, text)

    assert "Ask an admin" in answer["text"]
    assert "secret" not in str(answer)
    assert "Parcel" not in str(answer)


async def test_an_outdated_button_is_answered(front: Front) -> None:
    await front.press(GIULIA, "escalate_v0", "1")

    assert front.slack.answers[-1]["text"].startswith("This button is outdated")


async def test_a_button_of_a_vanished_ticket_is_answered(front: Front) -> None:
    await front.press(GIULIA, "claim", 12345)

    assert front.slack.answers[-1]["response_type"] == "ephemeral"
    assert "ticket" in front.slack.answers[-1]["text"]


async def test_what_nobody_foresaw_is_told_by_an_id_without_details(front: Front) -> None:
    await front.press(GIULIA, "claim", "not a number, but secret")

    text = front.slack.answers[-1]["text"]
    assert text.startswith("That did not work; nothing is lost. Tell your admin this id: ")
    assert "secret" not in text


async def test_on_it_silences_repeats_and_says_for_how_long(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)

    await front.press(GIULIA, "acknowledge", ticket.id, thread=card_ts(number))

    (answer,) = front.slack.answers
    assert answer["text"] == (
        "Noted that you are on it: no repeated breach pings for 4 h. "
        "If nothing is sent by then, the miss is told once more, with your name."
    )
    assert answer["thread_ts"] == card_ts(number)
    assert (await front.ticket(number)).acknowledged_by == GIULIA
