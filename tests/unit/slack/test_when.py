from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.slack.when import TOMORROW, read_when

ROME = ZoneInfo("Europe/Rome")
TUESDAY_NOON = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)  # 13:00 in Rome


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2h", "2026-02-03T14:00"),
        ("90m", "2026-02-03T13:30"),
        ("90 minutes", "2026-02-03T13:30"),
        ("1h30m", "2026-02-03T13:30"),
        ("1 h 30 min", "2026-02-03T13:30"),
        ("for 3 days", "2026-02-06T12:00"),
        ("in 1w", "2026-02-10T12:00"),
        ("tomorrow", "2026-02-04T08:00"),
        ("until tomorrow 14:00", "2026-02-04T13:00"),
        ("tomorrow at 7", "2026-02-04T06:00"),
        ("until 18:00", "2026-02-03T17:00"),
        ("18:00", "2026-02-03T17:00"),
        ("6pm", "2026-02-03T17:00"),
        ("12am", "2026-02-03T23:00"),
        ("until 9:00", "2026-02-04T08:00"),
        ("mon", "2026-02-09T08:00"),
        ("until Friday 8:30", "2026-02-06T07:30"),
        ("tuesday 14:00", "2026-02-03T13:00"),
        ("tuesday", "2026-02-10T08:00"),
    ],
)
def test_a_time_is_read_as_people_mean_it(said: str, meant: str) -> None:
    when = read_when(said)

    assert when is not None
    expected = datetime.fromisoformat(meant).replace(tzinfo=UTC)
    assert when.resolve(TUESDAY_NOON, ROME) == expected


@pytest.mark.parametrize(
    "said", ["", "soon", "0h", "0m", "400d", "25:00", "13pm", "tomorrow noonish", "-2h", "2", "h"]
)
def test_what_is_no_time_is_refused_except_a_bare_hour(said: str) -> None:
    when = read_when(said)

    if said == "2":
        assert when is not None
        assert when.resolve(TUESDAY_NOON, ROME) == datetime(2026, 2, 4, 1, 0, tzinfo=UTC)
    else:
        assert when is None


def test_tomorrow_at_nine_stays_nine_when_the_clocks_change() -> None:
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)

    assert TOMORROW.resolve(saturday, ROME) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


def test_a_time_is_always_in_the_future() -> None:
    for minute in range(0, 24 * 60, 7):
        now = TUESDAY_NOON + timedelta(minutes=minute)
        for said in ("tomorrow", "9:00", "tue", "mon 23:59", "until 0:00"):
            when = read_when(said)
            assert when is not None
            assert when.resolve(now, ROME) > now
