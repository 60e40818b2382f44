"""What colleagues do with and for each other, as they see it in Slack."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.db import queries
from bot.slack.blocks.log import render_log
from bot.slack.blocks.thread import LATE_AFTER
from tests.slack.front import DANA, GIULIA, MARCO, VIOLA, Front, a_front, card_ts
from tests.slack.loopback import as_object


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


def buttons(answer: Mapping[str, Any]) -> dict[str, str]:
    """What a private answer offers: values by action."""
    return {
        element["action_id"]: element.get("value", "")
        for block in answer["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }


async def line_of(front: Front, number: int, type_: str) -> Any:
    """The line of the newest event of that type, as it is posted in the thread."""
    ticket = await front.ticket(number)
    events = await front.db.read(lambda conn: queries.events(conn, ticket.id))
    event = next(each for each in reversed(events) if each.type == type_)
    return render_log(ticket, event, front.desk)


UNDONE = {
    "claim {n}": "Taken back: your claim. #1 is unclaimed.",
    "assign {n} <@U0MARCO11|marco>": "Taken back: your assignment. #1 is unclaimed.",
    "transfer {n} <@U0MARCO11|marco> Hi.": "Taken back: your hand-over. #1 is unclaimed.",
    "resolve {n}": "Taken back: your resolution. #1 is unclaimed.",
    "noanswer {n}": "Taken back: “no answer needed”. #1 is unclaimed.",
    "class {n} vip": "Taken back: your change of class. #1 is unclaimed.",
    "tag {n} gift": "Taken back: your change of class. #1 is unclaimed.",
    "snooze {n} 2h": "Taken back: your snooze. #1 is unclaimed.",
    "wait {n} carrier": "Taken back: your wait. #1 is unclaimed.",
}


@pytest.mark.parametrize("typed", UNDONE)
async def test_what_can_be_taken_back_offers_an_undo(front: Front, typed: str) -> None:
    number = await front.customer_writes()
    told = await front.command(GIULIA, typed.format(n=number))

    await front.press(GIULIA, "undo_event", buttons(told)["undo_event"])

    assert front.slack.answers[-1]["text"] == UNDONE[typed]
    assert front.slack.answers[-1]["replace_original"]
    assert (await front.events(number))[-1] == "undone"


@pytest.mark.parametrize("typed", ["note {n} x", "escalate {n} angry", "status {n}", "why {n}"])
async def test_what_cannot_be_taken_back_offers_none(front: Front, typed: str) -> None:
    number = await front.customer_writes()
    told = await front.command(GIULIA, typed.format(n=number))
    assert "undo_event" not in buttons(told)


async def test_too_late_an_undo_is_one_plain_sentence(front: Front) -> None:
    number = await front.customer_writes()
    told = await front.command(GIULIA, f"resolve {number}")
    front.clock.at += timedelta(minutes=1)

    await front.press(GIULIA, "undo_event", buttons(told)["undo_event"])

    said = front.slack.answers[-1]["text"]
    assert said == "Too late to undo: that is possible for 10 seconds."
    assert (await front.ticket(number)).state == "resolved"


async def test_an_answer_that_did_nothing_offers_no_undo_of_what_was_done_before(
    front: Front,
) -> None:
    number = await front.customer_writes()
    done = await front.command(GIULIA, f"tag {number} gift")
    told = await front.command(GIULIA, f"ledger {number}")

    assert "undo_event" in buttons(done)
    assert "undo_event" not in buttons(told)


async def test_a_later_look_at_the_ticket_offers_no_undo_of_something_old(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"claim {number}")
    front.clock.at += timedelta(minutes=1)
    told = await front.command(GIULIA, f"claim {number}")
    assert "already yours" in told["text"]
    assert "undo_event" not in buttons(told)


async def test_a_hand_over_mentions_the_new_owner_once_above_the_note(front: Front) -> None:
    number = await front.customer_writes()
    text = f"transfer {number} <@{MARCO}|marco> She knows the customer; promise was Friday."
    told = await front.command(GIULIA, text)
    assert told["text"] == f"#{number} is with Marco Riva; your note is in its thread."

    drawn = await line_of(front, number, "transferred")

    assert str(drawn.blocks).count(MARCO) == 1
    assert drawn.text == (
        f"<@{MARCO}> #1: Giulia Conti hands it over to Marco Riva. "
        "She knows the customer; promise was Friday."
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("transfer {n}", "To whom? Name a person with @."),
        ("transfer {n} <@U0MARCO11>", "What do they need to know?"),
        ("transfer {n} <@U0OTTO111> yours", "Otto Kurz cannot be given tickets"),
        ("transfer {n} nobody yours", "Nobody on this desk is called “nobody”"),
        ("escalate {n}", "Why? For example: /ticket escalate 17 angry"),
        ("tag {n}", "Which tag? For example: /ticket tag 17 gift b2b"),
        ("merge {n}", "With which other ticket? Give its number."),
        ("merge {n} into {n}", "#1 cannot be merged into itself."),
        ("merge {n} into 99", "There is no ticket #99"),
        ("link {n} twelve", "With which other ticket?"),
        ("tranfser {n} x", "Did you mean transfer?"),
        ("escalat {n} x", "Did you mean escalate?"),
        ("mrge {n} 2", "Did you mean merge?"),
    ],
)
async def test_what_cannot_be_done_is_said_with_the_way_out(
    front: Front, typed: str, said: str
) -> None:
    number = await front.customer_writes()
    told = await front.command(GIULIA, typed.format(n=number))
    assert said in told["text"]


async def test_an_escalation_calls_the_leads_and_shows_on_the_card(front: Front) -> None:
    number = await front.customer_writes()
    told = await front.command(GIULIA, f"escalate {number} angry, threatens a chargeback")
    assert told["text"] == f"#{number} is escalated: Dana Riva will be called in its thread."

    drawn = await line_of(front, number, "escalated")

    assert drawn.text.startswith(f"<@{DANA}> #1: 🚨 Giulia Conti escalated it: angry")
    offered = buttons({"blocks": drawn.blocks})
    shown = await front.command(GIULIA, f"status {number}")
    assert "Escalated by Giulia Conti: " in str(shown["blocks"])
    await front.press(DANA, "deescalate", offered["deescalate"])
    assert "you take care of it" in front.slack.answers[-1]["text"]
    assert (await front.ticket(number)).escalation is None


async def test_the_same_escalation_again_says_that_they_were_called(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"escalate {number} angry")
    told = await front.command(MARCO, f"escalate {number} Angry")
    assert "were called for that within the last hour" in told["text"]
    assert (await front.events(number)).count("escalated") == 1


async def test_in_a_thread_the_one_number_is_the_other_tickets(front: Front) -> None:
    first = await front.customer_writes(thread="a")
    second = await front.customer_writes(thread="b")
    await front.mention(GIULIA, f"merge #{first}", thread=card_ts(second))
    merged = await front.ticket(second)
    assert merged.relations.merged_into is not None
    assert merged.relations.merged_into.number == first


async def test_a_merged_ticket_says_so_and_can_be_separated_from_its_card(front: Front) -> None:
    first = await front.customer_writes(thread="a")
    second = await front.customer_writes(thread="b")
    told = await front.command(GIULIA, f"merge {second} into {first}")
    assert "#2 goes on in #1. Its question waits there now" in told["text"]
    refused = await front.command(GIULIA, f"claim {second}")
    assert refused["text"] == "#2 was merged into #1: work on #1, or unmerge it."

    await front.press(GIULIA, "unmerge", (await front.ticket(second)).id)

    assert front.slack.answers[-1]["text"] == "#2 and #1 are two tickets again."


async def test_who_opened_the_window_to_write_in_is_shown_to_the_next(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    await front.press(GIULIA, "reply", ticket.id)
    front.clock.at += timedelta(minutes=2)
    await front.press(MARCO, "reply", ticket.id)
    mine, his = (as_object(call["view"]) for call in front.slack.of("views.open")[-2:])
    assert "began an answer" not in str(mine)
    assert "Giulia Conti began an answer 2 min ago." in str(his)


async def test_an_answer_that_was_sent_or_left_is_not_being_written(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    await front.press(GIULIA, "reply", ticket.id)
    opened = as_object(front.slack.of("views.open")[-1]["view"])
    await front.dispatch(
        {
            "type": "view_closed",
            "is_cleared": False,
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": {**opened, "id": "V0REPLY11", "state": {"values": {}}},
        }
    )
    await front.press(DANA, "reply", ticket.id)
    await front.command(DANA, f"reply {number} It left today.")
    await front.press(MARCO, "reply", ticket.id)
    assert "began an answer" not in str(front.slack.of("views.open")[-1]["view"])


async def test_a_window_left_open_is_forgotten_after_a_while(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    await front.press(GIULIA, "reply", ticket.id)
    front.clock.at += 3 * LATE_AFTER
    await front.press(MARCO, "reply", ticket.id)
    assert "began an answer" not in str(front.slack.of("views.open")[-1]["view"])


async def test_a_window_that_a_colleague_overtook_says_who_was_first(front: Front) -> None:
    number = await front.customer_writes()
    await front.choose(GIULIA, "everything", await front.ticket(number))
    opened = as_object(front.slack.of("views.open")[-1]["view"])
    await front.command(MARCO, f"resolve {number}")
    await front.press(GIULIA, "act_chosen", "noanswer", view={**opened, "id": "V0ACT1111"})
    view = as_object(front.slack.of("views.update")[-1]["view"])

    response = await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": {**view, "id": "V0ACT1111", "state": {"values": {}}},
        }
    )

    assert "Marco Riva resolved it meanwhile." in str(as_object(response.body))
    assert "no_answer_needed" not in await front.events(number)


async def test_who_may_only_look_is_told_so(front: Front) -> None:
    number = await front.customer_writes()
    told = await front.command(VIOLA, f"escalate {number} angry")
    assert "Only agents of this desk" in told["text"]
