"""What somebody with sixty tickets has to see without thinking."""

from datetime import timedelta
from typing import Any

from bot.slack.blocks import kit, thread, views
from bot.slack.blocks.home_view import home_view
from bot.slack.blocks.reply_fields import Draft
from sandbox.slack.dates import show_date
from tests.unit.slack.home_scenes import a_home
from tests.unit.slack.scenes import GIULIA, NOON, a_clock, a_desk, a_ping, a_ticket

HOUR = timedelta(hours=1)
DESK = a_desk()


def _shown(token: dict[str, Any]) -> str | None:
    return show_date(token["timestamp"], token["format"], tz="Europe/Rome", now=NOON)


def test_today_is_written_small_within_a_sentence_and_large_at_the_start_of_a_line() -> None:
    inside = kit.date(NOON, kit.DUE_FORMAT, fallback="-")
    ahead = kit.date(NOON, kit.DUE_FORMAT, fallback="-", opens=True)

    assert _shown(inside) == "today at 13:00"
    assert _shown(ahead) == "Today at 13:00"


def _head_of_the_reply(due_in: timedelta) -> str:
    ticket = a_ticket(clocks=(a_clock(due_at=NOON + due_in),))
    view = views.reply_view(ticket, DESK, Draft(ticket_id=17, seen=5), now=NOON, limit=2000)
    return str(view["blocks"][0])


def test_the_reply_window_says_that_a_deadline_is_missed() -> None:
    assert "missed" in _head_of_the_reply(-HOUR)
    assert "missed" not in _head_of_the_reply(HOUR)


def _offered(**changes: Any) -> set[str]:
    ticket = a_ticket(**changes)
    shown = thread.render_ping(ticket, [a_ping()], DESK, NOON, [GIULIA])
    return {one["action_id"] for one in shown.blocks[-1]["elements"]}


def test_a_warning_offers_no_claim_to_whoever_has_claimed() -> None:
    assert "claim" in _offered(assignee=None)
    assert "claim" not in _offered(assignee=GIULIA)


def test_a_heading_of_the_home_counts_what_stands_below_it() -> None:
    blocks = home_view(a_home(), DESK, NOON)["blocks"]
    headings = {block["text"]["text"] for block in blocks if block["type"] == "header"}

    assert "My tickets · 35" in headings
