"""Which pings of one moment are posted alone, below their cards, and which in one message."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.effects import Effect, post_ping, post_together
from sla_rules.vocabulary import Audience

MOST_ALONE: Final = 3
"""So many misses of one moment call the same people one by one; more are one message."""

STORM: Final = "surge"
"""The lane of what is told at each full minute, whoever it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PingPost:
    """What one ticket has to say, gravest ping first."""

    ticket_id: int
    ping_ids: list[int]
    channel: str
    audience: Audience
    breach: bool


def as_effects(
    posts: Sequence[PingPost], now: datetime, surging: Collection[str] = ()
) -> Iterator[Effect]:
    """Misses for the same people of one channel become one message where there are many.

    In a channel of `surging` everything does: one message at each full minute.
    """
    for channel in surging:
        stormy = [post for post in posts if post.channel == channel]
        if stormy:
            yield _in_a_minute(channel, stormy, now)
    calm = [post for post in posts if post.channel not in surging]
    for (channel, audience, breach), found in _by_place(calm).items():
        if breach and len(found) > MOST_ALONE:
            yield post_together(_ids(found), channel=channel, to=audience, at=now)
        else:
            yield from (_alone(post, now) for post in found)


def _in_a_minute(channel: str, posts: Sequence[PingPost], now: datetime) -> Effect:
    return post_together(
        _ids(posts),
        channel=channel,
        to=STORM,
        at=now,
        not_before=now.replace(second=0, microsecond=0) + timedelta(minutes=1),
        breach=any(post.breach for post in posts),
    )


def _ids(posts: Sequence[PingPost]) -> list[int]:
    return [each for post in posts for each in post.ping_ids]


def _by_place(
    posts: Sequence[PingPost],
) -> Mapping[tuple[str, Audience, bool], Sequence[PingPost]]:
    found: dict[tuple[str, Audience, bool], list[PingPost]] = defaultdict(list)
    for post in posts:
        found[post.channel, post.audience, post.breach].append(post)
    return found


def _alone(post: PingPost, now: datetime) -> Effect:
    return post_ping(
        post.ticket_id, post.ping_ids, channel=post.channel, at=now, breach=post.breach
    )
