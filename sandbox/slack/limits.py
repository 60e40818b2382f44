"""Slack's rate limits, in real time: per method and workspace, and for posts per channel.

Numbers: docs.slack.dev "Rate limits" (tier 1 1+, tier 2 20+, tier 3 50+, tier 4 100+ a minute; posting one message a
second per channel with short bursts, several hundred a minute per workspace). Tiers are what an app may count on, so the
sandbox takes them as hard limits.
"""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.slack.errors import RateLimited


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """Limits of one workspace. `window_seconds` is the span that tiers count over."""

    tiers: Mapping[int, int] = field(default_factory=lambda: {1: 1, 2: 20, 3: 50, 4: 100, 5: 600})
    posts_per_window: int = 300
    window_seconds: float = 60.0
    channel_per_second: float = 1.0
    channel_burst: int = 5
    enabled: bool = True


class RateLimits:
    """Counts calls and refuses those beyond the limits. `monotonic` gives real seconds."""

    def __init__(
        self, settings: LimitSettings, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings = settings
        self._monotonic = monotonic
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._tokens: dict[str, tuple[float, float]] = {}

    def take_method(self, method: str, tier: int) -> None:
        """Count one call of `method`. Raises RateLimited."""
        if self.settings.enabled:
            self._take_window(method, self.settings.tiers[tier])

    def take_post(self, channel: str) -> None:
        """Count one message posted to `channel`. Raises RateLimited."""
        if not self.settings.enabled:
            return
        now = self._monotonic()
        tokens, since = self._tokens.get(channel, (float(self.settings.channel_burst), now))
        tokens += (now - since) * self.settings.channel_per_second
        tokens = min(float(self.settings.channel_burst), tokens)
        if tokens < 1:
            self._tokens[channel] = (tokens, now)
            raise RateLimited(math.ceil((1 - tokens) / self.settings.channel_per_second))
        self._take_window("posts", self.settings.posts_per_window)
        self._tokens[channel] = (tokens - 1, now)

    def _take_window(self, key: str, most: int) -> None:
        now = self._monotonic()
        calls = self._calls[key]
        while calls and calls[0] <= now - self.settings.window_seconds:
            calls.popleft()
        if len(calls) >= most:
            raise RateLimited(max(1, math.ceil(calls[0] + self.settings.window_seconds - now)))
        calls.append(now)
