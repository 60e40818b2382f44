"""Waiting, going on and changing a ticket's class: by command, in the thread, and from the card."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.db import queries
from bot.domain.roster import WorkShift
from bot.slack.blocks.log import log_line
from sandbox.slack.blocks import validate_view
from sla_rules.calendar import BusinessCalendar
from sla_rules.policy import PolicySet
from sla_rules.topics import Topic
from sla_rules.vocabulary import ClockState, Metric, Risk, Waiting
from tests.slack.front import DANA, GIULIA, VIOLA, Front, a_front, card_ts, the_desk
from tests.slack.loopback import as_object

HOUR = timedelta(hours=1)
SUNDAYS = WorkShift(
    name="sunday",
    calendar=BusinessCalendar("Europe/Rome", {"sun": [("10:00", "12:00")]}),
    people=frozenset({GIULIA}),
)
RESPONSE = {"metric": "response", "scope": "internal", "target": "12h"}
LIMIT = {"metric": "response", "scope": "marketplace", "target": "24h"}
RESOLUTION = {
    "metric": "resolution",
    "scope": "internal",
    "target": "72h",
    "pause_on": ["customer", "third_party"],
}
OWN_RULES = PolicySet.load(
    [
        {"name": "all", "clock": [LIMIT, RESPONSE, RESOLUTION]},
        {
            "name": "vip",
            "match": {"vip": True},
            "clock": [LIMIT, {**RESPONSE, "target": "2h"}, RESOLUTION],
        },
    ]
)


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path, replace(the_desk(), policies=OWN_RULES)) as front:
        yield front


async def states(front: Front, number: int) -> dict[Metric, ClockState]:
    ticket = await front.ticket(number)
    return {clock.metric: clock.state for clock in ticket.clocks}


async def lines(front: Front, number: int) -> list[str]:
    ticket = await front.ticket(number)
    events = await front.db.read(lambda conn: queries.events(conn, ticket.id))
    return [log_line(ticket, event, front.desk) for event in events]


async def submitted(front: Front, view: dict[str, Any], **chosen: str) -> dict[str, Any]:
    """Submit a window of selects, changing only what `chosen` says; returns the window after it."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        field = block.get("block_id")
        if not field:
            continue
        element = block["element"]
        if element["type"] == "plain_text_input":
            typed = chosen.get(field, element.get("initial_value"))
            values[field] = {field: {"type": element["type"], "value": typed}}
            continue
        value = chosen.get(field, element["initial_option"]["value"])
        option = next(one for one in element["options"] if one["value"] == value)
        values[field] = {field: {"type": element["type"], "selected_option": option}}
    response = await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "view": {**view, "id": "V0STEP111", "state": {"values": values}},
        }
    )
    answer: dict[str, Any] = json.loads(response.body or "{}")
    if "view" in answer:
        assert validate_view(answer["view"]) == []
    return answer


async def test_a_wait_for_the_customer_says_what_stands_still_and_what_runs_on(
    front: Front,
) -> None:
    number = await front.customer_writes()
    front.clock.at += HOUR

    answer = await front.command(GIULIA, f"wait {number} customer")

    assert answer["text"].startswith(f"#{number} waits for the customer.")
    assert "Our resolution target stands still with 2 d 23 h left" in answer["text"]
    assert "Amazon limit runs on: due Wed 4 Feb 13:00 CET" in answer["text"]
    assert (await states(front, number))[Metric.RESOLUTION] is ClockState.PAUSED
    assert "Giulia Conti: waiting for the customer" in await lines(front, number)


async def test_a_wait_until_a_time_moves_the_due_from_when_to_when(front: Front) -> None:
    number = await front.customer_writes()

    answer = await front.command(GIULIA, f"wait {number} carrier until tomorrow 9:00")

    assert f"#{number} waits for a third party." in answer["text"]
    assert "It goes on by itself Wed 4 Feb 09:00 CET" in answer["text"]
    moved = "Our resolution target: Fri 6 Feb 13:00 CET → Sat 7 Feb 09:00 CET"
    assert moved in answer["text"]


async def test_a_ticket_whose_clocks_may_not_pause_says_so(tmp_path: Path) -> None:
    rules = PolicySet.load([{"name": "all", "clock": [LIMIT, RESPONSE]}])
    async with a_front(tmp_path, replace(the_desk(), policies=rules)) as front:
        number = await front.customer_writes()

        answer = await front.command(GIULIA, f"wait {number} customer")

    assert "but none of its clocks may stand still for that" in answer["text"]
    assert "Amazon limit runs on" in answer["text"]


async def test_continue_ends_the_wait_in_the_thread_and_says_when_everything_is_due(
    front: Front,
) -> None:
    number = await front.customer_writes()
    await front.mention(GIULIA, "wait customer", thread=card_ts(number), event_id="Ev1")
    front.clock.at += 5 * HOUR

    await front.mention(GIULIA, "continue", thread=card_ts(number), event_id="Ev2")

    told = front.slack.of("chat.postEphemeral")[-1]["text"]
    assert told.startswith(f"#{number} goes on.")
    assert "Our resolution target runs again: due Fri 6 Feb 18:00 CET" in told
    assert (await states(front, number))[Metric.RESOLUTION] is ClockState.RUNNING


async def test_continue_without_a_wait_changes_nothing(front: Front) -> None:
    number = await front.customer_writes()

    answer = await front.command(GIULIA, f"continue {number}")

    assert answer["text"] == f"#{number} waited for nobody."
    assert "went_on" not in await front.events(number)


async def test_the_menu_opens_the_wait_and_ends_it(front: Front) -> None:
    number = await front.customer_writes()
    await front.choose(GIULIA, "wait", await front.ticket(number))
    view = as_object(front.slack.of("views.open")[-1]["view"])

    shown = await submitted(front, view, on="third_party", until="3d")

    assert f"#{number} waits for a third party." in str(shown["view"])
    wait = (await front.ticket(number)).wait
    assert wait is not None
    assert wait.on is Waiting.THIRD_PARTY
    await front.choose(GIULIA, "go_on", await front.ticket(number))
    assert (await front.ticket(number)).wait is None


async def test_the_wait_window_can_silence_warnings_instead(front: Front) -> None:
    number = await front.customer_writes()
    await front.choose(GIULIA, "wait", await front.ticket(number))
    view = as_object(front.slack.of("views.open")[-1]["view"])

    endless = await submitted(front, view, on="snooze")
    shown = await submitted(front, view, on="snooze", until="1h")

    assert "choose how long" in str(endless["errors"])
    assert "no warnings until" in str(shown["view"])
    assert (await front.ticket(number)).snoozed_until == front.clock.at + HOUR


async def test_a_new_class_says_what_moved_and_the_thread_keeps_it(front: Front) -> None:
    number = await front.customer_writes()

    answer = await front.command(GIULIA, f"class {number} vip tag gift")

    assert answer["text"].startswith(f"#{number}: VIP, tag gift.")
    moved = "Our target: Wed 4 Feb 01:00 CET → Tue 3 Feb 15:00 CET (policy “vip”)"
    assert moved in answer["text"]
    ticket = await front.ticket(number)
    assert ticket.vip
    assert list(ticket.tags) == ["gift"]
    assert any(f"Giulia Conti: VIP, tag gift. {moved}" in one for one in await lines(front, number))


async def test_a_target_that_is_over_already_says_why_there_is_more_time(front: Front) -> None:
    number = await front.customer_writes()
    front.clock.at += 5 * HOUR

    answer = await front.command(GIULIA, f"class {number} vip")

    assert "Its target had passed by then, so 15 min from the change" in answer["text"]
    (ours,) = [
        clock
        for clock in (await front.ticket(number)).clocks
        if clock.policy == "vip" and clock.cause is not None
    ]
    assert ours.due_at == front.clock.at + HOUR / 4


async def test_the_same_class_again_is_no_change(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"class {number} risk critical")

    answer = await front.command(GIULIA, f"class {number} risk critical")

    assert answer["text"] == f"#{number} is all that already."


async def test_the_class_window_changes_only_what_was_chosen(front: Front) -> None:
    number = await front.customer_writes()
    await front.choose(GIULIA, "class", await front.ticket(number))
    view = as_object(front.slack.of("views.open")[-1]["view"])
    await front.command(GIULIA, f"class {number} vip")

    nothing = await submitted(front, view)
    shown = await submitted(front, view, risk="critical", topic="return", tags="b2b, Gift")

    assert "Nothing was changed" in str(nothing["errors"])
    assert "risk normal → critical" in str(shown["view"])
    ticket = await front.ticket(number)
    assert (ticket.vip, ticket.risk, ticket.topic) == (True, Risk.CRITICAL, Topic.RETURN)
    assert sorted(ticket.tags) == ["Gift", "b2b"]


async def test_a_tag_is_taken_away_however_it_is_written(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"class {number} tag Gift tag b2b")

    await front.command(GIULIA, f"class {number} no tag gift")

    assert list((await front.ticket(number)).tags) == ["b2b"]


async def test_a_tag_of_the_customer_is_on_each_of_their_tickets(front: Front) -> None:
    first = await front.customer_writes()
    second = await front.customer_writes(thread="buyer-2")

    tagged = await front.command(GIULIA, f"tag {first} customer:Wholesale gift")
    again = await front.command(GIULIA, f"tag {first} customer:wholesale")

    assert tagged["text"].startswith(f"#{first}")
    assert again["text"] == f"The customer of #{first} is that already."
    for number, tags in ((first, ["gift"]), (second, [])):
        ticket = await front.ticket(number)
        assert (list(ticket.tags), list(ticket.customer_tags)) == (tags, ["Wholesale"])
    assert "Giulia Conti tagged the customer: Wholesale" in await lines(front, first)

    gone = await front.command(GIULIA, f"untag {second} customer:wholesale")

    assert gone["text"] == f"The customer of #{second} has no tag any more."
    assert list((await front.ticket(first)).customer_tags) == []
    assert "Giulia Conti took away a tag of the customer: wholesale" in await lines(front, second)


async def test_the_customer_alone_is_tagged_where_nothing_is_said_of_the_ticket(
    front: Front,
) -> None:
    number = await front.customer_writes()

    said = await front.command(GIULIA, f"tag {number} customer:wholesale")

    assert said["text"].startswith(f"The customer of #{number} is tagged wholesale.")
    assert list((await front.ticket(number)).tags) == []


@pytest.mark.parametrize("said", ["wait {n} customer", "class {n} vip"])
async def test_somebody_who_only_looks_is_refused(front: Front, said: str) -> None:
    number = await front.customer_writes()

    answer = await front.command(VIOLA, said.format(n=number))

    assert "Only agents of this desk may do that" in answer["text"]


async def test_why_names_the_pause_the_rule_and_the_due_by_every_road(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"wait {number} customer")
    front.clock.at += 2 * HOUR
    await front.command(GIULIA, f"continue {number}")

    asked = [
        await front.command(GIULIA, f"why {number}"),
        await front.command(GIULIA, f"why {number}", name="/sla"),
    ]
    await front.mention(GIULIA, "why", thread=card_ts(number))

    said = [str(one["blocks"]) for one in (*asked, front.slack.of("chat.postEphemeral")[-1])]
    for blocks in said:
        assert "Resolution, our target: 72 h" in blocks
        assert "waiting for the customer" in blocks
        assert 'policy "all"' in blocks


SHORTER = PolicySet.load([{"name": "all", "clock": [{**RESPONSE, "target": "1h"}]}])


async def test_why_tells_of_a_date_that_was_not_believed(front: Front) -> None:
    number = await front.customer_writes(dated=front.clock.at + 40 * 24 * HOUR)

    answer = await front.command(GIULIA, f"why {number}")

    shown = str(answer["blocks"])
    assert "as the message says; not believed" in shown
    assert str(int((front.clock.at + 40 * 24 * HOUR).timestamp())) in shown


async def test_why_follows_the_rules_a_ticket_is_frozen_to(front: Front) -> None:
    number = await front.customer_writes()
    await front.restarts_with(policies=SHORTER)

    answer = await front.command(GIULIA, f"why {number}")

    assert "First response, our target: 12 h" in str(answer["blocks"])
    assert "not at hand" not in str(answer["blocks"])


async def test_why_says_so_where_those_rules_are_lost(front: Front) -> None:
    number = await front.customer_writes()
    front.rules[0] = replace(the_desk(), policies=SHORTER)

    answer = await front.command(GIULIA, f"why {number}")

    assert "First response, our target: 12 h" in str(answer["blocks"])
    assert "that version is not at hand any more" in str(answer["blocks"])


async def test_what_will_be_missed_is_told_with_what_such_forecasts_are_worth(front: Front) -> None:
    calm = await front.command(GIULIA, "forecast", name="/sla")
    await front.customer_writes()
    await front.restarts_with(roster=replace(front.desk.roster, shifts=(SUNDAYS,)))
    foreseen = await front.command(GIULIA, "forecast", name="/sla")

    assert calm["text"].startswith("No deadline is forecast to be missed until")
    assert "nobody is expected for Amazon IT" in str(foreseen["blocks"])
    assert "How often such forecasts are right is not known yet." in foreseen["text"]


async def test_the_whole_desk_answers_about_its_promises_and_what_ifs(front: Front) -> None:
    promises = await front.command(GIULIA, "promises", name="/sla")
    whatif = await front.command(DANA, "whatif", name="/sla")
    refused = await front.command(GIULIA, "whatif", name="/sla")

    assert promises["text"].startswith("No inbox has such a promise.")
    assert whatif["text"].startswith("No what-if was shared yet.")
    assert refused["text"].startswith("Only leads and managers of this desk may see that.")
