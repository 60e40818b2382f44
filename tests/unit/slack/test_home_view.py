"""The Home stays within Slack's limits whatever the load, and says what is not to be seen."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.card import WaitView
from bot.domain.desk import InboxRoute
from bot.domain.home import (
    ON_OVERVIEW,
    PAGE,
    HomeChoice,
    HomeQueue,
    Load,
    OwnChoices,
    Shelf,
    Today,
)
from bot.domain.quiet_hours import PingWay, read_quiet
from bot.domain.roster import Agent, Role, Roster
from bot.language import Language
from bot.slack.blocks.home_view import home_view
from sandbox.slack.blocks import validate_view
from sla_rules.vocabulary import Waiting
from tests.unit.slack.home_scenes import BREACHES, DESK, SECOND_PAGE, a_home
from tests.unit.slack.scenes import HOSTILE, NOON, a_desk, a_row

MOST_BLOCKS = 100
MOST_BYTES = 250_000

LONGEST = HOSTILE * 3
PEOPLE = [f"U0{number:09d}" for number in range(60)]


def crowded_desk(inboxes: int = 140) -> Any:
    routes = {
        f"inbox-{number}": InboxRoute(
            name=f"inbox-{number}", connector="amazon", channel="C0", label="L" * 60
        )
        for number in range(inboxes)
    }
    agents = {each: Agent(slack_id=each, name="N" * 120, role=Role.AGENT) for each in PEOPLE}
    return a_desk(inboxes=routes, roster=Roster(agents=agents))


def a_crowd(count: int, start: int = 1) -> list[Any]:
    return [
        a_row(
            id=9_000_000_000_000_000 + start + n,
            number=900_000_000 + start + n,
            subject=LONGEST,
            customer_name=LONGEST,
            assignee=PEOPLE[n % 60] if n % 2 else None,
            permalink="https://shop.slack.example/archives/C0/p" + "1" * 300,
        )
        for n in range(count)
    ]


def own_of(slack_id: str) -> OwnChoices:
    """The longest that can be said of somebody."""
    zone = "America/Argentina/ComodRivadavia"
    agent = Agent(
        slack_id=slack_id,
        name="N" * 120,
        role=Role.AGENT,
        quiet=read_quiet("20:00-08:00", zone),
        pings=PingWay.BOTH,
    )
    return OwnChoices(agent=agent, usual=Language.FR, away=True, until=NOON)


def text_of(view: dict[str, Any]) -> str:
    return json.dumps(view["blocks"], ensure_ascii=False)


@given(tickets=st.integers(0, 500), inboxes=st.integers(1, 140), leads=st.booleans())
@settings(max_examples=10, deadline=None)
def test_an_overview_is_one_that_slack_takes_whatever_the_load(
    tickets: int, inboxes: int, leads: bool
) -> None:
    shelves = [
        Shelf(queue=queue, rows=a_crowd(min(size, tickets), 1000 * n), total=tickets)
        for n, (queue, size) in enumerate(ON_OVERVIEW.items())
    ]
    until = NOON + timedelta(days=3)
    waits = {
        row.id: WaitView(on=Waiting.THIRD_PARTY, since=NOON, until=until)
        for row in shelves[-1].rows
    }
    team = [Load(agent=each, open=tickets, due=tickets, first=a_row()) for each in PEOPLE[:30]]
    home = a_home(
        shelves=shelves,
        waits=waits,
        team=team if leads else None,
        breaches=BREACHES if leads else (),
        own=own_of(PEOPLE[0]),
    )

    view = home_view(home, crowded_desk(inboxes), NOON)

    assert validate_view(view) == []
    assert len(view["blocks"]) <= MOST_BLOCKS
    assert len(json.dumps(view)) <= MOST_BYTES


@pytest.mark.parametrize("queue", [each for each in HomeQueue if each is not HomeQueue.OVERVIEW])
def test_a_page_of_one_queue_is_one_that_slack_takes(queue: HomeQueue) -> None:
    choice = HomeChoice(queue=queue, inbox="inbox-139", page=3)
    shelf = Shelf(queue=queue, rows=a_crowd(PAGE), total=500, above=120)
    today = Today(received=10**6, missed=10**6)
    home = a_home(choice=choice, shelves=[shelf], today=today, own=own_of(PEOPLE[0]))

    view = home_view(home, crowded_desk(), NOON)

    assert validate_view(view) == []
    assert len(view["blocks"]) <= MOST_BLOCKS
    assert len(json.dumps(view)) <= MOST_BYTES
    assert "and 340 more" in text_of(view)


def test_a_line_says_how_many_are_not_to_be_seen_and_opens_their_queue() -> None:
    shelf = Shelf(queue=HomeQueue.MINE, rows=a_crowd(10), total=46, above=2)
    view = home_view(a_home(shelves=[shelf]), crowded_desk(2), NOON)

    (button,) = view["blocks"][-1]["elements"]

    assert button["text"]["text"] == "and 34 more"
    assert (button["action_id"], button["value"]) == ("home_queue_mine", "mine")


def test_a_page_leads_to_the_one_before_and_says_what_it_shows() -> None:
    view = home_view(SECOND_PAGE, DESK, NOON)

    back, on = view["blocks"][-1]["elements"]

    assert (back["value"], on["value"]) == ("0", "2")
    assert on["text"]["text"] == "and 34 more"
    assert HomeChoice.load(view["private_metadata"]) == SECOND_PAGE.choice


def test_the_chosen_inbox_is_among_the_choices_however_many_there_are() -> None:
    choice = HomeChoice(inbox="inbox-99")
    view = home_view(a_home(choice=choice), crowded_desk(), NOON)

    _, inboxes = view["blocks"][2]["elements"]

    assert inboxes["initial_option"]["value"] == "inbox-99"
    assert inboxes["initial_option"] in inboxes["options"]
    assert len(inboxes["options"]) == 100


@pytest.mark.parametrize(
    "kept", ["", "nonsense", "[]", "{}", '{"queue": "gone", "inbox": "", "page": 0}']
)
def test_a_choice_nobody_can_read_is_the_overview(kept: str) -> None:
    assert HomeChoice.load(kept) == HomeChoice()


def test_a_queue_that_an_older_home_named_is_still_understood() -> None:
    assert HomeChoice.load("unclaimed") == HomeChoice(queue=HomeQueue.UNCLAIMED)
