"""The least delay that Slack's limits leave to any sender, for one kind of posts alone. Pure.

Nothing but these posts exists, each goes as soon as its channel and the workspace have room, and
every card and ping has a message of its own. A desk that does better merged messages; one that
does as well lost nothing to its own order of sending.
"""

import heapq
from collections.abc import Sequence
from typing import Final

from bot.outbox.lanes import Rate, TokenBucket
from bot.slack.limits import CHANNEL_RATE, POST_RATE

SPACED: Final = Rate(per_second=1.0, burst=1.0)
"""Slack's own words, without its bursts: a message a second in each channel."""


def least_delays(
    ready: Sequence[tuple[float, str]], *, channel: Rate = CHANNEL_RATE, all_: Rate = POST_RATE
) -> Sequence[float]:
    """Seconds each post waits at least, in the order given.

    `ready` are the instant from which each may go, in seconds, and its channel.
    """
    order = sorted(range(len(ready)), key=lambda place: ready[place])
    waiting = [(ready[place][0], number, place) for number, place in enumerate(order)]
    heapq.heapify(waiting)
    start = waiting[0][0] if waiting else 0.0
    buckets: dict[str, TokenBucket] = {}
    whole = TokenBucket(all_, start)
    delays = [0.0] * len(ready)
    while waiting:
        at, number, place = heapq.heappop(waiting)
        name = ready[place][1]
        own = buckets.setdefault(name, TokenBucket(channel, start))
        wait = max(own.wait(at), whole.wait(at))
        if wait > 0:
            heapq.heappush(waiting, (at + wait, number, place))
            continue
        own.take(at)
        whole.take(at)
        delays[place] = at - ready[place][0]
    return delays
