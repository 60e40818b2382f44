"""When a digest's time is, also where clocks are changed."""

from datetime import UTC, date, datetime

import pytest

from bot.domain.digests import DigestKind, read_times

ROME = "Europe/Rome"
TIMES = read_times("09:00", "mon 08:30")


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-03-11T07:59", []),
        ("2026-03-11T08:00", [DigestKind.DAILY]),
        ("2026-03-11T11:59", [DigestKind.DAILY]),
        ("2026-03-11T12:00", []),
        ("2026-03-16T07:30", [DigestKind.WEEKLY]),
        ("2026-03-16T08:00", [DigestKind.DAILY, DigestKind.WEEKLY]),
        ("2026-03-30T06:30", [DigestKind.WEEKLY]),  # the clocks went forward the day before
    ],
)
def test_a_digest_is_due_for_four_hours_from_its_time_on_the_wall(at, due):
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert [kind for kind, _ in TIMES.due(now, ROME)] == due


def test_the_day_a_digest_looks_back_on_is_as_long_as_that_day_was():
    day = date(2026, 3, 29)
    span = TIMES.ended(DigestKind.DAILY, day, ROME) - TIMES.began(DigestKind.DAILY, day, ROME)
    assert span.total_seconds() == 23 * 3600


def test_what_is_off_is_never_due():
    off = read_times("off", "off")
    assert off.due(datetime(2026, 3, 16, 8, 0, tzinfo=UTC), ROME) == []
