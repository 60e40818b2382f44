"""When customers wrote, where, and what about: the rhythm of the week, a surge, an outage."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sandbox.past.moments import ROME, local_instant

A_DAY: Final = 56.0
"""Conversations of a usual day."""

SURGE: Final = 2.6
"""Times as many on the day on which the carrier stood still."""

_WEEK: Final = (1.25, 1.1, 1.0, 1.0, 0.95, 0.75, 0.7)
_HOURS: Final = (
    *(0.5, 0.3, 0.2, 0.1, 0.1, 0.2, 0.6, 1.2, 2.2, 3.4, 4.0, 4.0),
    *(3.6, 3.4, 3.2, 3.2, 3.2, 3.4, 4.4, 5.0, 4.8, 4.2, 2.6, 1.2),
)

REVIEWS: Final = frozenset({"trustpilot", "google-business", "judge-me", "feedaty"})
CLAIMS: Final = frozenset({"amazon-it", "ebay"})

_SHARES: Final[Mapping[str, float]] = {
    "amazon-it": 34,
    "shop": 16,
    "ebay": 9,
    "shopify": 10,
    "tiktok-shop": 5,
    "instagram": 4,
    "facebook": 4,
    "mirakl": 4,
    "etsy": 3,
    "kaufland": 2,
    "octopia": 2,
    "allegro": 1.5,
    "mercado-libre": 1,
    "walmart": 1,
    "bol": 1.5,
    "trustpilot": 1,
    "google-business": 1,
    "judge-me": 1,
    "feedaty": 0.5,
}
_LANGUAGES: Final[Mapping[str, str]] = {
    "amazon-it": "it it it it it en de",
    "shop": "it it it fr fr en",
    "ebay": "de de de it en",
    "kaufland": "de",
    "mirakl": "fr fr fr it",
    "octopia": "fr",
    "mercado-libre": "es",
    "allegro": "de en",
    "walmart": "en",
    "bol": "en",
    "etsy": "en fr de",
}
_EVERYWHERE: Final = "it it en fr de es"
MARKETS: Final[Mapping[str, str]] = {
    "amazon-it": "it",
    "ebay": "de",
    "kaufland": "de",
    "octopia": "fr",
    "mirakl": "fr",
    "walmart": "us",
    "bol": "nl",
}
_SUBJECTS: Final[Mapping[str, float]] = {
    "parcel": 36,
    "return": 15,
    "angry": 11,
    "question": 17,
    "invoice": 11,
    "cancel": 5,
    "danger": 0.8,
    "thanks": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A conversation begins. `seen_after` is how long the desk took to read it."""

    at: datetime
    inbox: str
    language: str
    about: str  # a key of `words`, or "claim", or the stars of a review as "1" … "5"
    seen_after: timedelta
    busy: bool  # too few people for so many customers


def arrivals(
    rng: random.Random, inboxes: Sequence[str], since: datetime, until: datetime
) -> Iterator[Arrival]:
    """Every conversation of the past, in the order of time."""
    first, last = since.astimezone(ROME).date(), until.astimezone(ROME).date()
    days = (last - first).days
    surge = first + timedelta(days=int(days * 0.72))
    outages = _outages(rng, first, days)
    for index in range(days + 1):
        day = first + timedelta(days=index)
        moments = _moments(rng, day, surging=day == surge and days > 7)  # noqa: PLR2004 - a week
        for at in moments:
            if since <= at < until:
                found = _arrival(rng, inboxes, at, outages, surging=day == surge)
                yield replace(found, seen_after=min(found.seen_after, until - at))


def understaffed(at: datetime) -> bool:
    """Tuesday evening, when one person is there and two are needed."""
    local = at.astimezone(ROME)
    return local.weekday() == 1 and 17 <= local.hour < 22  # noqa: PLR2004 - Tuesday, and hours


def _moments(rng: random.Random, day: date, *, surging: bool) -> list[datetime]:
    growth = SURGE if surging else 1.0
    expected = A_DAY * _WEEK[day.weekday()] * growth
    count = max(0, round(rng.gauss(expected, expected**0.5)))
    hours = rng.choices(range(24), _HOURS, k=count)
    if day.weekday() == 1:
        hours += [rng.randrange(18, 21) for _ in range(count // 6)]
    return sorted(local_instant(day, hour + rng.random()) for hour in hours)


def _outages(rng: random.Random, first: date, days: int) -> list[tuple[str, datetime, datetime]]:
    """About two a month: an inbox cannot be read for most of a day."""
    found = []
    for _ in range(max(1, days // 15)):
        day = first + timedelta(days=rng.randrange(max(1, days)))
        begins = local_instant(day, rng.uniform(6, 9))
        inbox = rng.choice(("amazon-it", "amazon-it", "mirakl", "ebay"))
        found.append((inbox, begins, begins + timedelta(hours=rng.uniform(11, 16))))
    return found


def _arrival(
    rng: random.Random,
    inboxes: Sequence[str],
    at: datetime,
    outages: Sequence[tuple[str, datetime, datetime]],
    *,
    surging: bool,
) -> Arrival:
    known = [each for each in inboxes if each in _SHARES]
    inbox = rng.choices(known, [_SHARES[each] for each in known])[0]
    language = rng.choice(_LANGUAGES.get(inbox, _EVERYWHERE).split())
    seen_after = timedelta(seconds=rng.randrange(4, 60))
    for name, begins, ends in outages:
        if name == inbox and begins <= at < ends:
            seen_after = ends - at + seen_after
    return Arrival(
        at=at,
        inbox=inbox,
        language=language,
        about=_about(rng, inbox, surging=surging),
        seen_after=seen_after,
        busy=surging or understaffed(at),
    )


def _about(rng: random.Random, inbox: str, *, surging: bool) -> str:
    if inbox in REVIEWS:
        return rng.choices("12345", (12, 6, 8, 24, 50))[0]
    if inbox in CLAIMS and rng.random() < 0.015:  # noqa: PLR2004 - claims are rare
        return "claim"
    if surging and rng.random() < 0.6:  # noqa: PLR2004 - most ask where their parcel is
        return "parcel"
    return rng.choices(list(_SUBJECTS), list(_SUBJECTS.values()))[0]
