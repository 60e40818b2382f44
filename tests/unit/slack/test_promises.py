"""Promises over a window as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.slack.blocks.promises import render_promises
from bot.usecases.promises import PromiseStanding
from sandbox.slack.blocks import validate_blocks
from sla_rules.rates import RatePromise, fewest, standing_of
from sla_rules.vocabulary import Metric

NOON = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
BADGE = RatePromise(share=90, within=timedelta(minutes=15), over=timedelta(days=7))
STAR = RatePromise(
    share=95,
    within=timedelta(hours=24),
    over=timedelta(days=90),
    metrics=(Metric.FIRST_RESPONSE,),
)


def a_standing(awaited, on_time, promise=BADGE, label="Pages"):
    return PromiseStanding(
        inbox="pages",
        label=label,
        promise=promise,
        standing=standing_of(promise, awaited=awaited, on_time=on_time),
        source="",
        small_sample=awaited < fewest(promise),
    )


def shown(*standings):
    rendered = render_promises(standings, NOON)
    validate_blocks(rendered.blocks)
    elements = [
        element
        for block in rendered.blocks
        for part in block["elements"]
        for element in part["elements"]
    ]
    return "".join(element.get("text") or element.get("fallback", "") for element in elements)


@pytest.mark.parametrize(
    ("awaited", "on_time", "said"),
    [
        (0, 0, "No answer was due yet.\n⚪ Nothing to judge"),
        (100, 99, "99 of 100 in time, 99 %.\n🟢 Kept: 10 answers may still come late"),
        (11, 11, "11 of 11 in time, 100 %.\n🟢 Kept: 1 answer may still come late"),
        (10, 9, "9 of 10 in time, 90 %.\n🟠 Kept, and lost with the next late answer"),
        (9, 8, "8 of 9 in time, 88 %; so few that one late answer breaks it.\n"),
        (9, 8, "🔴 Lost until the next answer is in time"),
        (10, 8, "🔴 Lost until the next 10 answers are in time"),
    ],
)
def test_a_promise_says_what_was_counted_and_how_much_room_is_left(awaited, on_time, said):
    assert said in shown(a_standing(awaited, on_time))


def test_a_promise_says_which_answers_count_how_fast_and_since_when():
    assert "Pages: 90 % of answers within 15 min, since 27 Jan" in shown(a_standing(1, 1))
    assert "95 % of first answers within 24 h, since 5 Nov" in shown(a_standing(1, 1, STAR))


def test_a_lost_promise_comes_first():
    text = shown(a_standing(10, 10, label="Kept"), a_standing(10, 1, label="Lost one"))

    assert text.startswith("1 of 2 promises kept")
    assert text.index("Lost one") < text.index("Kept: 90 %")


def test_the_notification_says_where_each_stands():
    text = render_promises([a_standing(10, 8, label="Page <!channel>")], NOON).text

    assert text == (
        "0 of 1 promises kept. Page &lt;!channel&gt;: 🔴 Lost until the next 10 answers are in time"
    )


def test_a_desk_without_promises_says_who_makes_one():
    assert "badge = true" in shown()
