"""What may go out now: token buckets that carry rates, and gates that are shut for a while.

A gate is a name that effects share: a lane, a lane group, a method of the other side. An effect
goes out when every gate it passes is open and every bucket on its way has a token. All times here
are real seconds of `Clock.monotonic`, which no clock change moves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

FULL_BUCKETS_KEPT = 2_000
PAUSE_PROBE_SECONDS = 60.0
"""How often one effect of a paused gate is tried, in case nobody told us that it was mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many a second, after `burst` at once."""

    per_second: float
    burst: float


class Limits(Protocol):
    """The rates of the world outside, as data."""

    def gates(self, *, kind: str, lane: str, lane_group: str) -> Sequence[str]:
        """Every gate such an effect passes, its lane group among them."""
        ...

    def rate(self, gate: str) -> Rate | None:
        """The rate at which effects pass `gate`, or None where nothing limits it."""
        ...

    def in_flight(self, lane_group: str) -> int:
        """How many effects of a lane group may be under way at once."""
        ...


class NoLimits:
    """Lets everything pass, a few at a time for each lane group."""

    def gates(self, *, kind: str, lane: str, lane_group: str) -> Sequence[str]:  # noqa: ARG002
        """Only the lane group, so that it can be shut."""
        return (lane_group,)

    def rate(self, gate: str) -> Rate | None:  # noqa: ARG002
        """No rate."""
        return None

    def in_flight(self, lane_group: str) -> int:  # noqa: ARG002
        """Four."""
        return 4


class TokenBucket:
    """Fills at `rate.per_second` up to `rate.burst`; one effect takes one token."""

    def __init__(self, rate: Rate, now: float) -> None:
        self.rate = rate
        self._tokens = rate.burst
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 when one is."""
        self._fill(now)
        return max(0.0, (1.0 - self._tokens) / self.rate.per_second)

    def take(self, now: float) -> None:
        """Take a token."""
        self._fill(now)
        self._tokens -= 1.0

    def give_back(self) -> None:
        """Return a token that was not used."""
        self._tokens = min(self.rate.burst, self._tokens + 1.0)

    def empty(self, now: float) -> None:
        """Forget what was saved up: the other side counts differently."""
        self._fill(now)
        self._tokens = min(self._tokens, 0.0)

    def is_full(self, now: float) -> bool:
        """Whether this bucket is as good as a new one."""
        self._fill(now)
        return self._tokens >= self.rate.burst

    def _fill(self, now: float) -> None:
        gained = max(0.0, now - self._at) * self.rate.per_second
        self._tokens = min(self.rate.burst, self._tokens + gained)
        self._at = now


@dataclass(slots=True)
class _Shut:
    until: float
    reason: str | None  # set for a pause, None for a mere wait


class Gatekeeper:
    """Keeps the buckets and the shut gates of one dispatcher."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self.limits = limits
        self._monotonic = monotonic
        self._buckets: dict[str, TokenBucket] = {}
        self._shut: dict[str, _Shut] = {}
        self._held: dict[str, float] = {}

    def wait(self, gates: Sequence[str]) -> tuple[float, str | None]:
        """Seconds until an effect passing `gates` may go, and the gate that holds it longest."""
        now = self._monotonic()
        longest: tuple[float, str | None] = (0.0, None)
        for gate in gates:
            shut = self._shut.get(gate)
            seconds = max(0.0, shut.until - now) if shut else 0.0
            seconds = max(seconds, self._held.get(gate, now) - now)
            bucket = self._bucket(gate, now)
            if bucket is not None:
                seconds = max(seconds, bucket.wait(now))
            if seconds > longest[0]:
                longest = (seconds, gate)
        return longest

    def told_to_wait(self, gates: Sequence[str]) -> tuple[float, str | None]:
        """Seconds for which somebody said to wait at one of `gates`, and the gate."""
        now = self._monotonic()
        told = ((self._shut[gate].until - now, gate) for gate in gates if gate in self._shut)
        timed = (one for one in told if one[0] > 0 and self._shut[one[1]].reason is None)
        return max(timed, default=(0.0, None))

    def take(self, gates: Sequence[str]) -> None:
        """Count one effect through `gates`. Through a paused gate it is the only one for a while."""
        now = self._monotonic()
        for gate in gates:
            bucket = self._bucket(gate, now)
            if bucket is not None:
                bucket.take(now)
            shut = self._shut.get(gate)
            if shut is not None and shut.reason is not None:
                shut.until = now + PAUSE_PROBE_SECONDS

    def give_back(self, gates: Sequence[str]) -> None:
        """Take back a count: the effect did not go."""
        for gate in gates:
            self._held.pop(gate, None)
            if gate in self._buckets:
                self._buckets[gate].give_back()

    def close(self, gate: str, seconds: float) -> None:
        """Shut `gate` for so long, and start it without savings afterwards."""
        now = self._monotonic()
        bucket = self._bucket(gate, now)
        if bucket is not None:
            bucket.empty(now)
        shut = self._shut.setdefault(gate, _Shut(now, None))
        shut.until = max(shut.until, now + seconds)

    def hold(self, gate: str, seconds: float) -> None:
        """Others took the tokens that `gate` seemed to have: wait so long, or until one is returned."""
        until = self._monotonic() + seconds
        self._held[gate] = max(until, self._held.get(gate, until))

    def pause(self, gate: str, reason: str) -> bool:
        """Shut `gate` until it is resumed. Returns whether it was not paused before."""
        known = self._shut.get(gate)
        self._shut[gate] = _Shut(self._monotonic() + PAUSE_PROBE_SECONDS, reason)
        return known is None or known.reason is None

    def resume(self, gate: str) -> bool:
        """Open `gate`. Returns whether it was paused."""
        shut = self._shut.pop(gate, None)
        return shut is not None and shut.reason is not None

    def passed(self, gates: Sequence[str]) -> list[str]:
        """An effect came through: open every paused gate on its way, and say which those were."""
        paused = [g for g in gates if (shut := self._shut.get(g)) is not None and shut.reason]
        for gate in paused:
            del self._shut[gate]
        return paused

    def paused(self) -> dict[str, str]:
        """The paused gates and why."""
        return {gate: shut.reason for gate, shut in self._shut.items() if shut.reason is not None}

    def longest_shut(self) -> float:
        """Seconds until the last of the gates opens that somebody said to wait at; 0 for none."""
        now = self._monotonic()
        timed = (shut.until - now for shut in self._shut.values() if shut.reason is None)
        return max(0.0, max(timed, default=0.0))

    def tidy(self) -> None:
        """Forget gates that are open and buckets that are full; both come back when needed."""
        now = self._monotonic()
        self._shut = {g: s for g, s in self._shut.items() if s.reason is not None or s.until > now}
        self._held = {gate: until for gate, until in self._held.items() if until > now}
        if len(self._buckets) > FULL_BUCKETS_KEPT:
            self._buckets = {g: b for g, b in self._buckets.items() if not b.is_full(now)}

    def _bucket(self, gate: str, now: float) -> TokenBucket | None:
        bucket = self._buckets.get(gate)
        if bucket is None:
            rate = self.limits.rate(gate)
            if rate is None:
                return None
            bucket = self._buckets[gate] = TokenBucket(rate, now)
        return bucket
