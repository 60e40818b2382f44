"""A storm: when more waits for a channel than Slack takes, and when that is over."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

POSTS_PER_SECOND: Final = 1.0
"""What Slack takes in one channel (docs.slack.dev, "Rate limits")."""

EDITS_PER_SECOND: Final = 45 / 60
"""Of the whole workspace, a little below the fifty a minute of tier 3."""

BEGINS_AT: Final = 120.0
"""Seconds of posting that wait: from here on a ping alone would come too late to be of use."""

ENDS_BELOW: Final = 30.0
CALM_FOR: Final = timedelta(minutes=5)
"""A storm is over when so little has waited for so long: a short pause is no end."""


class Mode(StrEnum):
    """Who decides about it."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """A channel's storm: since when, and since when little waits. No `since`: there is none."""

    since: datetime | None = None
    calm_since: datetime | None = None


def backlog_seconds(posts: int, edits: int) -> float:
    """How long Slack takes for what waits; posts and edits go out beside each other."""
    return max(posts / POSTS_PER_SECOND, edits / EDITS_PER_SECOND)


def after(surge: Surge, waiting: float, mode: Mode, now: datetime) -> Surge:
    """The storm at `now`, with so many seconds of posting waiting."""
    if mode is Mode.OFF:
        return Surge()
    if surge.since is None:
        begins = mode is Mode.ON or waiting > BEGINS_AT
        return Surge(since=now) if begins else surge
    if mode is Mode.ON or waiting >= ENDS_BELOW:
        return replace(surge, calm_since=None)
    calm_since = surge.calm_since or now
    return Surge() if now - calm_since >= CALM_FOR else replace(surge, calm_since=calm_since)
