"""Away, back, shifts, and tickets for whoever is next: what people type and press, and are told."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.roster import WorkShift
from bot.domain.routes import By, Route, Wanted
from bot.slack.commands import read_ticket
from bot.slack.request import Do, Mistake, Person, Request
from sla_rules.calendar import BusinessCalendar
from sla_rules.match import Match
from tests.slack.front import DANA, GIULIA, MARCO, START, Front, a_front, card_ts

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERYBODY = Route(name="everybody", match=Match(), to=Wanted(), by=By.LEAST_LOADED)


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


async def said(front: Front, user: str, text: str) -> str:
    return str((await front.command(user, text))["text"])


def shifts(opens: str, closes: str, *people: str) -> WorkShift:
    hours = BusinessCalendar("Europe/Rome", {day: [(opens, closes)] for day in WEEK})
    return WorkShift(name=opens, calendar=hours, people=frozenset(people))


async def works_by(front: Front, *found: WorkShift) -> None:
    await front.restarts_with(roster=replace(front.desk.roster, shifts=found))


async def test_who_says_away_gets_nothing_until_they_say_back(front: Front) -> None:
    await front.restarts_with(routes=(EVERYBODY,))
    told = await said(front, GIULIA, "away until tomorrow 9:00")
    assert "You are away until" in told
    assert "no new tickets and no pings" in told
    number = await front.customer_writes()
    assert (await front.ticket(number)).assignee == MARCO
    assert "Welcome back" in await said(front, GIULIA, "back")
    assert "You were not away" in await said(front, GIULIA, "back")


async def test_only_who_leads_sends_somebody_else_away(front: Front) -> None:
    assert "Only leads and managers" in await said(front, GIULIA, f"away <@{MARCO}|marco> 2h")
    assert "Marco Riva is away until" in await said(front, DANA, f"away <@{MARCO}|marco> 2h")
    assert "Marco Riva is back" in await said(front, DANA, f"back <@{MARCO}|marco>")


async def test_what_waits_for_who_goes_is_counted(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"claim {number}")
    assert "1 ticket with a customer waiting: offered in the channel" in await said(
        front, GIULIA, "away"
    )


async def test_everything_of_who_is_away_goes_to_the_next_at_one_press(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"claim {number}")
    await front.command(GIULIA, "away")
    await front.press(MARCO, "hand_over", GIULIA)
    assert (await front.ticket(number)).assignee == MARCO
    assert f"#{number}: Marco Riva" in front.slack.answers[-1]["text"]


async def test_one_ticket_goes_to_the_next_at_one_press(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"claim {number}")
    await works_by(front, shifts("00:00", "24:00", MARCO))
    await front.press(GIULIA, "assign_next", (await front.ticket(number)).id)
    assert (await front.ticket(number)).assignee == MARCO
    assert "who is there now" in front.slack.answers[-1]["text"]


async def test_a_ticket_is_handed_over_to_who_comes_at_one_press(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    await front.press(GIULIA, "hand_over_to", f"{ticket.id}|{MARCO}")
    assert (await front.ticket(number)).assignee == MARCO


async def test_next_names_who_comes_and_when(front: Front) -> None:
    number = await front.customer_writes()
    opens = (START + timedelta(hours=3)).astimezone(ZoneInfo("Europe/Rome"))
    await works_by(front, shifts(f"{opens:%H}:00", "24:00", MARCO, GIULIA))
    told = await said(front, DANA, f"assign {number} next")
    assert "is with Giulia Conti, who is next" in told
    assert (await front.ticket(number)).assignee == GIULIA


async def test_a_group_means_whoever_of_it_is_there(front: Front) -> None:
    front.slack.says["usergroups.users.list"] = {"users": [MARCO, "U0ELSE111"]}
    number = await front.customer_writes()
    await front.command(GIULIA, f"assign {number} <!subteam^S0TEAM111|@amazon-team>")
    assert (await front.ticket(number)).assignee == MARCO
    assert front.slack.of("usergroups.users.list")[0]["usergroup"] == "S0TEAM111"


async def test_a_group_is_found_by_its_handle_where_slack_made_no_mention_of_it(
    front: Front,
) -> None:
    front.slack.says["usergroups.list"] = {"usergroups": [{"id": "S0TEAM111", "handle": "team"}]}
    front.slack.says["usergroups.users.list"] = {"users": [MARCO]}
    number = await front.customer_writes()
    await front.command(GIULIA, f"assign {number} @team")
    assert (await front.ticket(number)).assignee == MARCO
    assert "Nobody on this desk is called “elsewhere”" in await said(
        front, GIULIA, f"assign {number} @elsewhere"
    )


async def test_a_group_of_strangers_and_one_slack_does_not_tell_are_refused(front: Front) -> None:
    number = await front.customer_writes()
    front.slack.says["usergroups.users.list"] = {"users": ["U0ELSE111"]}
    group = f"assign {number} <!subteam^S0TEAM111>"
    assert "Nobody of that group is on this desk" in await said(front, GIULIA, group)
    front.slack.failing["usergroups.users.list"] = "missing_scope"
    assert "Slack does not tell who is in that group" in await said(front, GIULIA, group)
    assert (await front.ticket(number)).assignee is None


async def test_next_is_asked_for_in_the_thread_too(front: Front) -> None:
    number = await front.customer_writes()
    await front.mention(GIULIA, "assign next", thread=card_ts(number))
    assert (await front.ticket(number)).assignee == GIULIA


async def test_who_is_away_is_given_nothing_by_a_colleague(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(MARCO, "away")
    told = await said(front, GIULIA, f"assign {number} <@{MARCO}|marco>")
    assert "Marco Riva is away. Assign it to somebody else" in told


async def test_the_rota_says_who_is_there_who_is_next_and_who_is_away(front: Front) -> None:
    assert "Nobody works by shifts here" in await said(front, GIULIA, "shift")
    await works_by(front, shifts("00:00", "24:00", MARCO))
    assert "Amazon IT: Marco Riva" in await said(front, GIULIA, "shift")
    await front.command(MARCO, "away 2h")
    told = await said(front, GIULIA, "shift")
    assert "nobody now; next is Marco Riva" in told
    assert "Away: Marco Riva" in told


async def test_why_says_how_a_ticket_came_to_its_owner(front: Front) -> None:
    await front.restarts_with(
        routes=(replace(EVERYBODY, to=Wanted(people=frozenset({GIULIA, MARCO}))),)
    )
    await front.command(GIULIA, "away")
    number = await front.customer_writes()
    answer = await front.command(GIULIA, f"why {number}")
    told = str(answer["blocks"][-1])
    assert "Routed to Marco Riva (“everybody”)." in told
    assert "Giulia Conti is away." in told


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("away", Request(do=Do.AWAY)),
        ("back <@U0MARCO11|marco>", Request(do=Do.BACK, person=Person(slack_id="U0MARCO11"))),
        ("shift", Request(do=Do.SHIFT)),
        ("shifts", Request(do=Do.SHIFT)),
        ("assign 17 next", Request(do=Do.ASSIGN, number=17, person=Person(following=True))),
        (
            "assign 17 <!subteam^S0TEAM111|@amazon-team>",
            Request(do=Do.ASSIGN, number=17, person=Person(group_id="S0TEAM111")),
        ),
        ("assign 17 @next", Request(do=Do.ASSIGN, number=17, person=Person(name="next"))),
    ],
)
def test_the_words_are_understood(text: str, found: Request) -> None:
    assert read_ticket(text) == found


@pytest.mark.parametrize("text", ["away soonish", "back tomorrow", "away @giulia soonish"])
def test_what_is_no_time_is_said_with_an_example(text: str) -> None:
    found = read_ticket(text)
    assert isinstance(found, Mistake)
    assert found.example.startswith("/ticket ")
