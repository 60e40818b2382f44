from datetime import UTC, datetime, timedelta

import pytest

from bot.outbox.executor import (
    Ambiguous,
    GroupPaused,
    NotSent,
    OutboxRow,
    Refused,
    SendError,
    Sent,
    Superseded,
    Throttled,
    TryLater,
    Unsure,
)
from bot.outbox.settlement import LOOK_UP_AFTER, Moment, after_look_up, after_send

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
AT = Moment(now=NOW, real=lambda seconds: timedelta(seconds=seconds))


def row(**changed: int) -> OutboxRow:
    counts = {"attempts": 1} | changed
    return OutboxRow(
        id=7,
        kind="post_log",
        lane="ticket:1",
        lane_group="slack:C1",
        dedupe_key="log:7",
        payload={"ticket_id": 1},
        priority=50,
        fence=1,
        created_at=NOW,
        **counts,
    )


def test_what_went_out_is_final_and_keeps_its_result():
    values = after_send(row(), Sent(result={"ts": "1.2"}), AT).values
    assert values["state"] == "sent"
    assert values["result"] == {"ts": "1.2"}
    assert values["settled_at"] == NOW


def test_what_is_no_longer_wanted_says_why():
    values = after_send(row(), Superseded(reason="answered meanwhile"), AT).values
    assert (values["state"], values["last_error"]) == ("superseded", "answered meanwhile")


def test_a_throttled_effect_waits_as_long_as_asked_and_counts_no_attempt():
    values = after_send(row(attempts=3, failed=2), Throttled(17.0), AT).values
    assert values["state"] == "ready"
    assert values["attempts"] == 2
    assert values["not_before"] == NOW + timedelta(seconds=17)
    assert values["result"] == {"failed": 2}


def test_a_paused_effect_keeps_its_turn_and_counts_no_attempt():
    values = after_send(row(), GroupPaused("password refused"), AT).values
    assert (values["state"], values["attempts"], values["not_before"]) == ("ready", 0, NOW)


def test_nothing_handed_over_means_again_with_growing_waits():
    first = after_send(row(), TryLater("away"), AT).values
    later = after_send(row(attempts=6, failed=5), TryLater("away"), AT).values
    assert first["state"] == "ready"
    assert first["result"] == {"failed": 1}
    assert first["not_before"] - NOW <= timedelta(seconds=2)
    assert later["not_before"] - NOW >= timedelta(seconds=32)


@pytest.mark.parametrize("end", [Ambiguous("cut"), SendError("something new")])
def test_an_unseen_outcome_stays_under_lease_until_it_is_looked_up(end: SendError):
    values = after_send(row(), end, AT).values
    assert "state" not in values
    assert values["lease_until"] == NOW + timedelta(seconds=LOOK_UP_AFTER)


def test_a_refusal_without_its_own_teller_is_told_to_ops():
    end = after_send(row(), Refused("no such thing"), AT)
    assert end.values["state"] == "dead"
    assert end.then is not None


def test_a_look_up_that_is_certain_clears_the_doubt():
    looked = row(attempts=1)
    assert looked.doubts == 1
    values = after_look_up(looked, NotSent(), AT).values
    assert (values["state"], values["not_before"]) == ("ready", NOW)
    assert row(attempts=2, **values["result"]).doubts == 1


def test_a_look_up_that_cannot_tell_leaves_the_doubt():
    values = after_look_up(row(), NotSent(certain=False), AT).values
    assert values["state"] == "ready"
    assert row(attempts=2, **values["result"]).doubts == 2


def test_an_other_side_that_swallows_attempts_gets_some_rest():
    values = after_look_up(row(attempts=4, absent=3), NotSent(), AT).values
    assert values["not_before"] > NOW + timedelta(seconds=7)


def test_what_nobody_can_tell_waits_for_a_person():
    values = after_look_up(row(), Unsure(reason="no record"), AT).values
    assert (values["state"], values["last_error"]) == ("unsure", "no record")


@pytest.mark.parametrize(("end", "seconds"), [(Throttled(30.0), 30), (GroupPaused("token"), 60)])
def test_a_look_up_that_was_not_answered_stays_in_doubt(end: SendError, seconds: int):
    values = after_look_up(row(looks=2), end, AT).values
    assert "state" not in values
    assert values["lease_until"] == NOW + timedelta(seconds=seconds)
    assert values["result"] == {"looks": 2}


def test_a_look_up_that_failed_is_counted_and_tried_again_later():
    values = after_look_up(row(looks=2), TryLater("away"), AT).values
    assert "state" not in values
    assert values["result"] == {"looks": 3}
    assert values["lease_until"] > NOW
