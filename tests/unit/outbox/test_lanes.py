from collections.abc import Sequence

import pytest

from bot.outbox.lanes import PAUSE_PROBE_SECONDS, Gatekeeper, Rate, TokenBucket


class Steady:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class OneRate:
    """`bucket` passes one a second after three at once; everything else is free."""

    def gates(self, *, kind: str, lane: str, lane_group: str) -> Sequence[str]:
        return (lane_group, "bucket")

    def rate(self, gate: str) -> Rate | None:
        return Rate(per_second=1.0, burst=3) if gate == "bucket" else None

    def in_flight(self, lane_group: str) -> int:
        return 9


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def gates(steady: Steady) -> Gatekeeper:
    return Gatekeeper(OneRate(), steady)


def holds(gates: Gatekeeper, *names: str) -> tuple[str | None, float]:
    seconds, gate = gates.wait(names)
    return gate, round(seconds, 6)


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate():
    bucket = TokenBucket(Rate(per_second=2.0, burst=3), now=0.0)
    for _ in range(3):
        assert bucket.wait(0.0) == 0.0
        bucket.take(0.0)
    assert bucket.wait(0.0) == pytest.approx(0.5)
    assert bucket.wait(0.5) == pytest.approx(0.0)


def test_a_bucket_never_saves_more_than_its_burst():
    bucket = TokenBucket(Rate(per_second=1.0, burst=2), now=0.0)
    for _ in range(2):
        bucket.take(1_000.0)
    assert bucket.wait(1_000.0) == pytest.approx(1.0)


def test_a_clock_that_stands_still_or_runs_back_fills_no_bucket():
    bucket = TokenBucket(Rate(per_second=1.0, burst=1), now=50.0)
    bucket.take(50.0)
    assert bucket.wait(40.0) == pytest.approx(1.0)


def test_a_gate_without_rate_and_open_holds_nobody(gates: Gatekeeper):
    assert gates.wait(["free"]) == (0.0, None)


def test_the_gate_that_holds_longest_is_named(gates: Gatekeeper, steady: Steady):
    for _ in range(3):
        gates.take(["bucket"])
    assert holds(gates, "free", "bucket") == ("bucket", 1.0)
    gates.close("free", 7.0)
    assert holds(gates, "free", "bucket") == ("free", 7.0)


def test_a_closed_gate_opens_by_itself_and_starts_without_savings(
    gates: Gatekeeper, steady: Steady
):
    gates.close("bucket", 5.0)
    assert gates.wait(["bucket"])[0] == pytest.approx(5.0)
    steady.now += 5.0
    assert gates.wait(["bucket"]) == (0.0, None)
    gates.close("bucket", 0.0)
    assert gates.wait(["bucket"])[0] == pytest.approx(1.0)


def test_a_pause_is_told_once_and_lasts_until_it_is_resumed(gates: Gatekeeper, steady: Steady):
    assert gates.pause("inbox:a", "password refused") is True
    assert gates.pause("inbox:a", "password refused") is False
    assert gates.paused() == {"inbox:a": "password refused"}
    assert gates.wait(["inbox:a"])[0] > 0
    assert gates.resume("inbox:a") is True
    assert gates.resume("inbox:a") is False
    assert gates.wait(["inbox:a"]) == (0.0, None)


def test_a_paused_gate_lets_one_effect_try_from_time_to_time(gates: Gatekeeper, steady: Steady):
    gates.pause("inbox:a", "password refused")
    steady.now += PAUSE_PROBE_SECONDS
    assert gates.wait(["inbox:a"]) == (0.0, None)
    gates.take(["inbox:a"])
    assert gates.wait(["inbox:a"])[0] == pytest.approx(PAUSE_PROBE_SECONDS)
    assert gates.passed(["inbox:a"]) == ["inbox:a"]
    assert gates.wait(["inbox:a"]) == (0.0, None)


def test_tidying_forgets_nothing_that_still_holds(gates: Gatekeeper, steady: Steady):
    gates.close("a", 10.0)
    gates.pause("b", "broken")
    gates.close("c", 1.0)
    steady.now += 5.0
    gates.tidy()
    assert gates.wait(["a"])[0] == pytest.approx(5.0)
    assert "b" in gates.paused()
    assert gates.wait(["c"]) == (0.0, None)
