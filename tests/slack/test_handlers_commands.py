from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.slack.front import DANA, GIULIA, MARCO, OTTO, STRANGER, Front, a_front, card_ts
from tests.slack.loopback import as_object


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


async def test_every_verb_of_the_help_works(front: Front) -> None:
    number = await front.customer_writes()
    told = [
        ("claim", f"#{number} is yours."),
        ("take", f"#{number} is already yours."),
        ("release", f"#{number} is unclaimed again."),
        ("release", f"#{number} had no owner."),
        ("assign {n} <@U0MARCO11|marco>", f"#{number} is with Marco Riva."),
        ("assign {n} giulia", f"#{number} is with Giulia Conti."),
        ("assign {n} me", f"#{number} is already with Giulia Conti."),
        ("note {n} call DHL", f"Note kept with #{number}. It stays internal."),
        ("snooze {n} 2h", f"#{number}: no warnings until Tue 3 Feb 15:00 CET."),
        ("noanswer", f"#{number}: no answer needed."),
        ("resolve", f"#{number} is resolved."),
        ("resolve", f"#{number} is already resolved."),
        ("reopen", f"#{number} is yours."),
        ("reopen", f"#{number} is not resolved."),
    ]

    for said, expected in told:
        text = said.format(n=number) if "{n}" in said else f"{said} {number}"
        answer = await front.command(GIULIA, text)
        assert answer["text"].startswith(expected), said
        assert answer["response_type"] == "ephemeral"


async def test_the_same_verbs_work_said_in_the_thread(front: Front) -> None:
    number = await front.customer_writes()

    for count, said in enumerate(["assign @marco", "snooze tomorrow", "note hi", "resolve"]):
        await front.mention(GIULIA, said, thread=card_ts(number), event_id=f"Ev{count}")

    assert [one["text"].split(".")[0] for one in front.slack.of("chat.postEphemeral")] == [
        f"#{number} is with Marco Riva",
        f"#{number}: no warnings until Wed 4 Feb 09:00 CET",
        f"Note kept with #{number}",
        f"#{number} is resolved",
    ]


async def test_a_mention_outside_a_ticket_needs_the_number(front: Front) -> None:
    number = await front.customer_writes()

    await front.mention(GIULIA, "claim")
    await front.mention(GIULIA, f"claim {number}", event_id="Ev2")

    first, second = front.slack.of("chat.postEphemeral")
    assert first["text"].startswith("The ticket number is missing. For example: ")
    assert second["text"].startswith(f"#{number} is yours.")


async def test_wrong_input_is_answered_with_what_was_wrong_and_an_example(front: Front) -> None:
    await front.customer_writes()

    answer = await front.command(GIULIA, "clam 1")

    assert (
        answer["text"] == "I do not know “clam”. Did you mean claim? For example: /ticket claim 17"
    )


async def test_an_unknown_number_is_named(front: Front) -> None:
    answer = await front.command(GIULIA, "claim 4711")

    assert answer["text"] == "There is no ticket #4711."


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("riva", "“riva” could be Marco Riva or Dana Riva. Write the full name."),
        ("@nobody", "Nobody on this desk is called “nobody”. Pick them with @ from Slack's list."),
        (f"<@{OTTO}>", "Otto Kurz cannot be given tickets: not an active agent of this desk."),
        (
            f"<@{STRANGER}>",
            f"{STRANGER} cannot be given tickets: not an active agent of this desk.",
        ),
    ],
)
async def test_an_assignee_who_is_nobody_or_several_is_explained(
    front: Front, who: str, told: str
) -> None:
    number = await front.customer_writes()

    answer = await front.command(GIULIA, f"assign {number} {who}")

    assert answer["text"] == told
    assert (await front.ticket(number)).assignee is None


async def test_queues_show_the_tickets_they_are_named_for(front: Front) -> None:
    numbers = [await front.customer_writes(thread=f"buyer-{n}") for n in range(3)]
    await front.command(MARCO, f"claim {numbers[1]}")

    mine = await front.command(MARCO, "queue")
    unclaimed = await front.command(MARCO, "queue unclaimed")
    everything = await front.command(MARCO, "queue all")
    none = await front.command(DANA, "queue mine")

    assert mine["text"].startswith(f"You have 1 open ticket: #{numbers[1]} ")
    assert [f"#{n}" in unclaimed["text"] for n in numbers] == [True, False, True]
    assert [f"#{n}" in everything["text"] for n in numbers] == [True, True, True]
    assert none["text"] == "You have no open tickets."


async def test_status_tells_owner_deadlines_words_history_and_why(front: Front) -> None:
    number = await front.customer_writes("Where is it?")
    await front.command(GIULIA, f"claim {number}")

    answer = await front.command(GIULIA, f"status {number}")

    shown = str(answer["blocks"])
    for part in ("Owner: Giulia Conti", "Amazon limit (24 h)", "Our target (12 h)"):
        assert part in shown
    assert "Where is it?" in shown
    assert "Giulia Conti claimed it" in shown
    assert "nights, weekends and holidays count" in shown


async def test_sla_commands_answer(front: Front) -> None:
    number = await front.customer_writes()

    status = await front.command(GIULIA, "status", name="/sla")
    why = await front.command(GIULIA, f"why {number}", name="/sla")
    mistaken = await front.command(GIULIA, "whi 1", name="/sla")
    unknown = await front.command(GIULIA, "why 99", name="/sla")

    assert status["text"].startswith("1 open, 0 due within 2 h, 0 missed.")
    assert "First response, marketplace limit: 24 h" in str(why["blocks"])
    assert "Did you mean why? For example: /sla why 17" in mistaken["text"]
    assert unknown["text"] == "There is no ticket #99."


@pytest.mark.parametrize("name", ["/ticket", "/sla"])
async def test_help_lists_every_verb(front: Front, name: str) -> None:
    answer = await front.command(GIULIA, "help", name=name)

    shown = str(answer["blocks"])
    for verb in ("claim", "take", "release", "reply", "assign", "note", "snooze", "resolve"):
        assert f"/ticket {verb} 17" in shown
    assert "/ticket reply 17 --private" in shown
    assert "/sla why 17" in shown


async def test_the_menu_on_the_card_does_what_it_says(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)

    for choice in ("snooze_hour", "snooze_tomorrow", "status", "assign", "note", "of_old"):
        await front.choose(GIULIA, choice, ticket)

    told = [one["text"] for one in front.slack.answers]
    assert told[0].startswith(f"#{number}: no warnings until Tue 3 Feb 14:00 CET.")
    assert told[1].startswith(f"#{number}: no warnings until Wed 4 Feb 09:00 CET.")
    assert "Owner: unclaimed" in told[2]
    assert told[3].startswith("This button is outdated")
    opened = [as_object(one["view"])["callback_id"] for one in front.slack.of("views.open")]
    assert opened == ["act", "act"]


async def test_a_note_window_keeps_one_note_however_often_it_arrives(front: Front) -> None:
    number = await front.customer_writes()
    await front.shortcut(GIULIA, "msg_note", card_ts(number))
    view = as_object(front.slack.of("views.open")[-1]["view"])

    for _ in range(2):
        response = await front.submit(GIULIA, view, "call DHL", view_id="V0NOTE111")
        assert response.status == 200

    assert (await front.events(number)).count("note") == 1


async def test_the_assign_window_assigns_releases_and_explains(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    await front.choose(GIULIA, "assign", ticket)
    view = as_object(front.slack.of("views.open")[-1]["view"])

    async def chosen(user: str | None) -> str:
        person = {"type": "users_select", "selected_user": user}
        values = {"person": {"person": person}}
        response = await front.dispatch(
            {
                "type": "view_submission",
                "user": {"id": GIULIA},
                "view": {**view, "id": "V0ASSIGN1", "state": {"values": values}},
            }
        )
        return str(response.body)

    assert "is with Marco Riva" in await chosen(MARCO)
    assert (await front.ticket(number)).assignee == MARCO
    assert "cannot be given tickets" in await chosen(OTTO)
    assert "unclaimed again" in await chosen(None)
    assert (await front.ticket(number)).assignee is None


async def test_no_answer_needed_stops_the_clocks_from_card_and_shortcut(front: Front) -> None:
    first = await front.customer_writes(thread="one")
    second = await front.customer_writes(thread="two")
    ticket = await front.ticket(first)

    await front.press(GIULIA, "no_answer", ticket.id)
    await front.shortcut(GIULIA, "msg_no_answer", card_ts(second))

    assert [(await front.ticket(number)).state for number in (first, second)] == ["answered"] * 2
    assert len(front.slack.answers) == 2


async def test_home_shows_ones_queue_and_works_its_tickets(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    event = {"type": "app_home_opened", "user": GIULIA, "tab": "home", "channel": "D1"}

    await front.dispatch({"type": "event_callback", "event_id": "Ev1", "event": event})
    await front.dispatch({"type": "event_callback", "event_id": "Ev1", "event": event})
    await front.press(GIULIA, "home_queue_unclaimed", "unclaimed", view={"type": "home"})
    home = {"type": "home", "private_metadata": "unclaimed"}
    await front.press(GIULIA, "claim", ticket.id, view=home)

    shown = [as_object(one["view"]) for one in front.slack.of("views.publish")]
    assert len(shown) == 3
    assert "You have no open tickets." in str(shown[0]["blocks"])
    assert f"#{number}" in str(shown[1]["blocks"])
    assert "Nothing waits here." in str(shown[2]["blocks"])
    assert (await front.ticket(number)).assignee == GIULIA


async def test_a_claim_on_the_home_that_somebody_won_opens_the_question(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes())
    await front.press(MARCO, "claim", ticket.id)

    await front.press(GIULIA, "claim", ticket.id, view={"type": "home"})

    (view,) = [as_object(one["view"]) for one in front.slack.of("views.open")]
    assert "Marco Riva has" in str(view["blocks"])
    assert view["blocks"][-1]["elements"][0]["action_id"] == "take_over"


async def test_home_of_a_stranger_says_how_to_be_let_in(front: Front) -> None:
    await front.customer_writes()
    event = {"type": "app_home_opened", "user": STRANGER, "tab": "home", "channel": "D1"}

    await front.dispatch({"type": "event_callback", "event_id": "Ev9", "event": event})

    (call,) = front.slack.of("views.publish")
    assert "Ask an admin" in str(call["view"])


async def test_the_global_shortcut_opens_ones_queue(front: Front) -> None:
    await front.dispatch(
        {
            "type": "shortcut",
            "callback_id": "my_queue",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "trigger_id": "t1",
        }
    )

    (call,) = front.slack.of("views.open")
    assert "You have no open tickets." in str(call["view"])


async def test_no_answer_needed_points_to_the_platform_that_counts_for_itself(
    front: Front,
) -> None:
    link = "https://sellercentral.amazon.example/no-response?m=1"
    number = await front.customer_writes("Thanks!", links={"no_response": link})
    ticket = await front.ticket(number)

    await front.press(GIULIA, "no_answer", ticket.id)

    (answer,) = front.slack.answers
    assert "until you mark it there as well" in answer["text"]
    assert answer["blocks"][-1]["elements"][0]["url"] == link


@pytest.mark.parametrize("kind", ["message_action", "shortcut"])
async def test_a_shortcut_of_an_older_version_is_answered(front: Front, kind: str) -> None:
    await front.dispatch(
        {
            "type": kind,
            "callback_id": "msg_of_old",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "trigger_id": "t1",
        }
    )

    (call,) = front.slack.of("views.open")
    assert "outdated" in str(call["view"])


async def test_a_window_of_an_older_version_says_so(front: Front) -> None:
    response = await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "view": {
                "id": "V1",
                "type": "modal",
                "callback_id": "of_old",
                "blocks": [],
                "state": {"values": {}},
            },
        }
    )

    assert "outdated" in str(response.body)


async def test_everybody_says_themselves_how_they_are_called(front: Front) -> None:
    told = [
        ("me", "You are called in the ticket's thread. You have no quiet hours."),
        ("me quiet 20:00-08:00", "Changed. You are called in the ticket's thread. Quiet hours"),
        ("me pings dm", "Changed. You are called by a message of your own"),
        (
            "me quiet off",
            "Changed. You are called by a message of your own, and not in the thread. You",
        ),
        ("me pings usual", "Changed. You are called in the ticket's thread."),
        ("me quiet noon", '"noon" is no span of hours. Write one such as'),
        ("me pings loud", "“loud” is no way to be called: it is thread, dm or both."),
        ("me quiet", "From when to when?"),
        ("me colour red", "“colour” is no choice of yours: it is quiet, pings or language."),
    ]

    for said, expected in told:
        assert expected in (await front.command(GIULIA, said))["text"], said


async def test_a_lead_turns_surge_mode_on_and_leaves_it_to_the_desk_again(front: Front) -> None:
    told = [
        ("surge", "Surge mode is on in no channel. The desk begins and ends it by itself."),
        ("surge on", "A lead turned it on for every channel."),
        ("surge auto", "The desk begins and ends it by itself."),
        ("surge perhaps", "Surge mode is on, off or auto, not “perhaps”."),
    ]

    for said, expected in told:
        answer = await front.command(DANA, said, name="/sla")
        assert expected in answer["text"]
