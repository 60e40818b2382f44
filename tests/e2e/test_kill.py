"""The real process, killed with -9 again and again while it works, and what must hold afterwards.

One desk lives through every moment of `moments.NAMED` and a few random ones; then the faults are
over, it lives once more until it is quiet, and each promise is held against what Slack, the mail
server and the database saw. The trial goes on beside the tests before these.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.ledger import (
    cards_by_number,
    mailed_times,
    named_together,
    posts_by_effect,
    shown_times,
)
from tests.e2e.moments import NAMED
from tests.e2e.tally import said, tally_of
from tests.e2e.town import AMAZON, SHOP
from tests.e2e.trials import BOTH, KILLED, Ended, a_trial

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

Killing = asyncio.Task[Ended]
# The first test of each waits for the whole trial, which is most of a minute on a quiet machine.
SHORT = pytest.param("killing", id=KILLED, marks=pytest.mark.timeout(400))
LONG = pytest.param("killing_on", id="long", marks=[pytest.mark.slow, pytest.mark.timeout(2400)])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def killing_on(new_database: Any) -> AsyncIterator[Killing]:
    """The same trial with many more random kills."""
    folder, url = new_database()
    async with a_trial(folder, url, randomly=190, seed=2, pause=2.5) as trial:
        yield trial


@pytest.fixture(scope="module", params=[SHORT, LONG])
def trial(request: pytest.FixtureRequest) -> Killing:
    at_work: Killing = request.getfixturevalue(request.param)
    return at_work


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ended(trial: Killing) -> Ended:
    """The trial after its last life, the desk stopped."""
    return await asyncio.shield(trial)


async def test_the_counts_of_all_kills_are_zero_and_are_said(ended: Ended):
    tally = tally_of(ended)
    said("kill -9 at named and at random moments", tally)
    assert tally.kills >= len(NAMED)
    assert (tally.lost, tally.doubled) == (0, 0)


async def test_invariant_1_no_message_is_lost_by_kills_at_any_moment(ended: Ended):
    assert ended.lives > len(NAMED)
    # Whoever is killed twice over one mail sets it aside, as a ticket that says so.
    aside = [r["payload"] for r in ended.rows.raw if r["state"] == "quarantined"]
    times = {words: shown_times(ended.town, words, *BOTH) for words in ended.delivered.values()}
    assert times == {w: not any(w.encode() in one for one in aside) for w in times}
    assert {r["state"] for r in ended.rows.raw} <= {"done", "quarantined"}
    assert len(aside) <= ended.lives // 10


async def test_invariant_2_each_ticket_has_exactly_one_card_after_kills(ended: Ended):
    cards = cards_by_number(ended.town, *BOTH)
    assert cards == dict.fromkeys((t["number"] for t in ended.rows.tickets), 1)
    assert len(cards) == len(ended.delivered)


async def test_invariant_3_no_answer_leaves_twice_and_each_ends_known_or_with_a_person(
    ended: Ended,
):
    assert ended.promised
    for words in ended.promised + ended.asked:
        assert mailed_times(ended.town, words) <= 1, words
    state = {m["body"]: m["state"] for m in ended.rows.messages if m["direction"] == "out"}
    for words in ended.promised:
        assert state[words] in {"sent", "unsure"}, words
        if state[words] == "sent":
            assert mailed_times(ended.town, words) == 1, words
        else:
            assert shown_times(ended.town, "It is not certain", AMAZON.name)
    assert "queued" not in state.values()
    assert "sending" not in state.values()


async def test_an_answer_that_left_unseen_is_confirmed_where_a_copy_is_kept(ended: Ended):
    mailed = [words for words in ended.promised if mailed_times(ended.town, words)]
    state = {m["body"]: m["state"] for m in ended.rows.messages if m["direction"] == "out"}
    # The two that were struck right after DATA, in the order of the moments.
    assert [state[words] for words in mailed[:2]] == ["sent", "unsure"]


async def test_invariant_4_every_due_ping_is_delivered_once_or_twice_after_a_known_doubt(
    ended: Ended,
):
    assert ended.rows.unfired(datetime.now(UTC)) == []  # noqa: TID251 - the process ran in real time
    posts = posts_by_effect(ended.town)
    doubted = {line["outbox_id"] for line in ended.process.said("outbox.looked_up")}
    for effect in ended.rows.effects:
        if effect["state"] == "sent" and effect["kind"].startswith("post_"):
            times = len(posts.get(effect["id"], []))
            assert times == 1 or (times == 2 and effect["id"] in doubted), effect["kind"]


async def test_invariant_4_every_missed_deadline_was_called_out_in_its_thread(ended: Ended):
    answered = {t["number"] for t in ended.rows.tickets if t["state"] != "open"}
    for card in ended.town.roots(SHOP.name):
        if ended.town.number(card) in answered:
            continue
        # What was announced by nobody for hours is announced by its gravest step; what came due
        # with many others, in one message that names them all.
        missed = [line for line in ended.town.thread(card) if "🔴" in line]
        together = named_together(ended.town, ended.town.number(card), SHOP.name)
        assert len(missed) <= 2, ended.town.read(card)
        assert missed or together, ended.town.read(card)
        assert all("@managers" in line and "missed" in line.lower() for line in missed)


async def test_what_came_due_while_the_desk_was_down_says_how_late_it_is(ended: Ended):
    lines = [line for card in ended.town.roots(SHOP.name) for line in ended.town.thread(card)]
    late = [line for line in lines if "Threadline was not running" in line]
    assert late
    assert all(re.search(r"missed 2 h (29|30) min ago", line) for line in late), late
    said = re.compile(r"This warning is (1 h (29|30|59) min|2 h( (29|30) min)?) late")
    assert all(said.search(line) for line in late), late


async def test_nothing_is_left_waiting_and_a_claim_outlives_the_kill(ended: Ended):
    assert ended.rows.open_effects() == []
    owners = {t["number"]: t["assignee"] for t in ended.rows.tickets}
    assert [owners[number] for number in ended.claimed] == [ended.town.anna.id]


async def test_invariant_11_the_log_of_all_lives_holds_no_customers_words(ended: Ended):
    log = ended.process.log()
    assert "Traceback" not in log
    for secret in ("buyer words", "visitor words", "answer words", "@customer.example", "quiet"):
        assert secret not in log
