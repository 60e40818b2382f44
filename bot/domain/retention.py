"""How long the words of a conversation are kept, and by what a forgotten person is known again."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.desk import InboxRoute
from connectors.signing import keys_that_signed

REST: Final = timedelta(days=3)
"""How long nothing must have been said before words go, whatever a delivery long ago would allow:
a conversation that ended yesterday is still being looked at."""

_PURPOSE: Final = b"threadline forgotten v1\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long one inbox keeps words.

    `own` is what the seller chose, counted from the last message. `platform` is what the
    platform's data rules allow, counted from a delivery where one is known, or from the day it
    was promised for, else from the last message.
    """

    own: timedelta | None = None
    platform: timedelta | None = None

    @property
    def shortest(self) -> timedelta | None:
        """The shorter of the two; None: words are kept for good."""
        return min((each for each in (self.own, self.platform) if each is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The instants before which the last message must lie; None where no such rule holds.

    `rested` is that of conversations whose delivery the platform told and whose day
    (`ticket.purge_after`) has come by `now`.
    """

    now: datetime
    own: datetime | None
    platform: datetime | None
    rested: datetime


def keep_of(route: InboxRoute) -> Keep:
    """What holds for an inbox."""
    rules = route.data_rules
    return Keep(
        own=timedelta(days=route.keep_days) if route.keep_days is not None else None,
        platform=timedelta(days=rules.days) if rules is not None else None,
    )


def deadlines(keep: Keep, now: datetime) -> Deadlines:
    """What is over its time at `now`."""
    return Deadlines(
        now=now,
        own=now - keep.own if keep.own is not None else None,
        platform=now - keep.platform if keep.platform is not None else None,
        rested=now - REST,
    )


def digest_of(key: bytes, inbox: str, handle: str) -> str:
    """What is kept of somebody who was forgotten: nobody reads the handle from it without the key."""
    said = f"{inbox}\0{handle.strip().casefold()}".encode()
    return hmac.new(key, _PURPOSE + said, hashlib.sha256).hexdigest()


def digests_of(key: bytes, inbox: str, handle: str) -> frozenset[str]:
    """The same under every key the desk had."""
    return frozenset(digest_of(each, inbox, handle) for each in keys_that_signed(key))
