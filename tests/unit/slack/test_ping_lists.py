"""Lists of many tickets stay within what Slack takes, whatever customers wrote."""

from datetime import timedelta

import pytest

from bot.domain.digests import Counts, Digest, DigestKind
from bot.slack.blocks.board import render_board
from bot.slack.blocks.digest import render_digest
from bot.slack.blocks.together import MOST_LISTED, render_together, together_words
from sandbox.slack.blocks import validate_blocks
from tests.unit.slack.scenes import MANAGERS, NOON, a_desk, a_row

LONG = "<!channel> *Dove* è il mio ordine? " * 30
ROWS = [
    a_row(number=number, subject=LONG, customer_name=LONG, next_due_at=NOON - timedelta(hours=1))
    for number in range(200)
]
DESK = a_desk()


@pytest.mark.parametrize(
    "drawn",
    [
        render_together(ROWS, 200, DESK, NOON, [MANAGERS]),
        render_board(ROWS[:15], 185, DESK, NOON),
        render_digest(
            Digest(
                kind=DigestKind.DAILY,
                counts=[Counts(inbox=f"i{n}", received=9, answered=9, missed=9) for n in range(60)],
                at_risk=ROWS[:10],
                more=190,
            ),
            DESK,
            NOON,
        ),
    ],
)
def test_a_list_at_its_longest_is_taken_and_mentions_nobody_a_customer_names(drawn):
    assert validate_blocks(drawn.blocks) == []
    assert len(drawn.text) < 4000
    assert "<!channel>" not in drawn.text


def test_what_is_not_listed_is_counted():
    drawn = render_together(ROWS, 200, DESK, NOON, [])
    assert f"And {200 - MOST_LISTED} more" in str(drawn.blocks)


@pytest.mark.parametrize(
    ("tickets", "missed", "said"),
    [
        (1, 0, "🟠 1 ticket is due soon, most urgent first:"),
        (1, 1, "🔴 1 ticket has missed a deadline, most urgent first:"),
        (9, 4, "🔴 4 tickets have missed a deadline, 5 tickets are due soon, most urgent first:"),
    ],
)
def test_a_list_says_how_many_of_what(tickets, missed, said):
    assert together_words(tickets, missed) == said
