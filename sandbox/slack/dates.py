"""Slack's date tokens, as a reader's client shows them in her own time zone.

Tokens: docs.slack.dev "Formatting message text" and "Date element". A year within six months is left out; the first letter of
the result is a capital unless the format starts with a zero-width space. `{ago}` of a future time is not documented; it
is shown as "in 3 hours".
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_TOKEN = re.compile(r"\{(\w+)\}")
_ZERO_WIDTH = "\u200b"
_YEAR_SHOWN_AFTER = timedelta(days=183)
_PRETTY_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"))


def ago(at: datetime, now: datetime) -> str:
    """How long since `at`, in its largest unit."""
    seconds = int((now - at).total_seconds())
    for size, unit in _UNITS:
        count = abs(seconds) // size
        if count:
            words = f"{count} {unit}" + ("s" if count > 1 else "")
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "less than a minute ago" if seconds >= 0 else "in less than a minute"


def _ordinal(day: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day not in {11, 12, 13} else 0, "th")
    return f"{day}{suffix}"


def _year(at: datetime, now: datetime) -> str:
    return f", {at.year}" if abs(at - now) > _YEAR_SHOWN_AFTER else ""


def _date(at: datetime, now: datetime) -> str:
    return f"{at:%B} {_ordinal(at.day)}{_year(at, now)}"


def _date_short(at: datetime, now: datetime) -> str:
    return f"{at:%b} {at.day}{_year(at, now)}"


def _date_long(at: datetime, now: datetime) -> str:
    return f"{at:%A}, {_date(at, now)}"


def _date_long_full(at: datetime, _now: datetime) -> str:
    return f"{at:%A}, {at:%B} {_ordinal(at.day)}, {at.year}"


def _pretty(plain: Callable[[datetime, datetime], str]) -> Callable[[datetime, datetime], str]:
    def pretty(at: datetime, now: datetime) -> str:
        return _PRETTY_DAYS.get((at.date() - now.date()).days) or plain(at, now)

    return pretty


_TOKENS: Mapping[str, Callable[[datetime, datetime], str]] = {
    "date_num": lambda at, _now: f"{at:%Y-%m-%d}",
    "date_slash": lambda at, _now: f"{at:%m/%d/%Y}",
    "date": _date,
    "date_pretty": _pretty(_date),
    "date_short": _date_short,
    "date_short_pretty": _pretty(_date_short),
    "date_long": _date_long,
    "date_long_pretty": _pretty(_date_long),
    "date_long_full": _date_long_full,
    "day_divider_pretty": _pretty(_date_long),
    "time": lambda at, _now: f"{at:%H:%M}",
    "time_secs": lambda at, _now: f"{at:%H:%M:%S}",
    "ago": ago,
}


def show_date(timestamp: float, tokens: str, *, tz: str, now: datetime) -> str | None:
    """The text of a date token; None when it names a token Slack does not know (then the fallback is shown)."""
    if any(name not in _TOKENS for name in _TOKEN.findall(tokens)):
        return None
    zone = ZoneInfo(tz)
    at, local_now = datetime.fromtimestamp(timestamp, tz=zone), now.astimezone(zone)
    shown = _TOKEN.sub(lambda match: _TOKENS[match[1]](at, local_now), tokens)
    if shown.startswith(_ZERO_WIDTH):
        return shown[1:]
    return shown[:1].upper() + shown[1:]
