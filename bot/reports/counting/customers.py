"""What customers made of it: ratings, moods, reviews, who wrote again and who bought again."""

from collections.abc import Collection
from typing import Final

import numpy as np

from bot.reports.counting.columns import FAR, NONE, Columns, Marks
from bot.reports.counting.parts import Parts
from bot.reports.counting.tally import Tallies, Tally, mean, ratio, share, sums
from bot.reports.counting.window import Window

_SATISFIED: Final = 4
"""Scores of 1 … 5 from here on are satisfied: the usual CSAT, "top two boxes"."""

_PROMOTER: Final = 9
_DETRACTOR: Final = 6
"""Of 0 … 10: promoters from 9 on, detractors up to 6, as the net promoter score has them."""

_POINTS: Final = 100
_GOOD_STARS: Final = 4
_BAD_STARS: Final = 2
_CENTS: Final = 100
_SEVERAL: Final = 2


def customers(window: Window, parts: Parts, told: Marks) -> Tallies:
    """What customers said and did. `told`: tickets of inboxes whose platform tells about orders.

    - `csat`: of the ratings 1 … 5 given in the period, the share of 4 and 5. `nps`: of those from
      0 to 10, the share of 9 and 10 minus that of 0 to 6, in points from -100 to 100.
    - `mood_change`: how the mood of the last message differs from that of the first, from -4 to 4;
      the mean of the tickets resolved in the period in which the customer wrote more than once.
    - `negative_feedback`, `positive_reviews`: of the reviews with stars received in the period,
      those with 1 or 2 stars, and those with 4 or 5.
    - `repeat_contact`: of the tickets received in the period from a customer who is known, those
      opened within seven days after another ticket of theirs was answered or resolved.
    - `repeat_purchase`: of the tickets answered for the first time in the period, the share whose
      customer bought after that and before its end; where the platform tells about orders.
    - `sales_after_answer`: the money of those purchases, in the currency of most of them.
    """
    tickets, size = window.columns.tickets, parts.size
    changed = window.resolved_now & (tickets.customer_turns >= _SEVERAL)
    changed &= (tickets.mood_first != NONE) & (tickets.mood_last != NONE)
    moods = (tickets.mood_last - tickets.mood_first)[changed]
    stars = window.received & (tickets.stars > 0)
    of_stars, given = parts.tickets[stars], tickets.stars[stars]
    return {
        **_ratings(window, parts),
        "mood_change": mean(parts.tickets[changed], moods, size),
        "negative_feedback": share(of_stars, given <= _BAD_STARS, size),
        "positive_reviews": share(of_stars, given >= _GOOD_STARS, size),
        "repeat_contact": _repeat_contact(window, parts),
        **_sales(window, parts, told),
    }


def tells_of_orders(columns: Columns, inboxes: Collection[str]) -> Marks:
    """Tickets of these inboxes, by name."""
    ids = [each.id for each in columns.inboxes.values() if each.name in inboxes]
    return np.isin(columns.tickets.inbox, ids)


def _ratings(window: Window, parts: Parts) -> Tallies:
    ratings = window.columns.ratings
    given = window.has(ratings.answered)
    of_stars, of_nps = given & ~ratings.is_nps, given & ratings.is_nps
    scores = ratings.score[of_nps]
    points = _POINTS * ((scores >= _PROMOTER).astype(np.int64) - (scores <= _DETRACTOR))
    return {
        "csat": share(parts.ratings[of_stars], ratings.score[of_stars] >= _SATISFIED, parts.size),
        "nps": mean(parts.ratings[of_nps], points, parts.size),
    }


def _repeat_contact(window: Window, parts: Parts) -> Tally:
    asked = window.received & (window.columns.tickets.customer >= 0)
    return share(parts.tickets[asked], window.came_back[asked], parts.size)


def _sales(window: Window, parts: Parts, told: Marks) -> Tallies:
    tickets = window.columns.tickets
    answered = window.has(window.first_answer) & told
    bought = window.bought != FAR
    sold = answered & bought & (tickets.bought_cents >= 0)
    sold &= tickets.currency.codes == _currency(window.columns, sold)
    of_sold = parts.tickets[sold]
    money = sums(of_sold, tickets.bought_cents[sold], parts.size) / _CENTS
    samples = np.bincount(of_sold, minlength=parts.size).astype(np.int64)
    return {
        "repeat_purchase": share(parts.tickets[answered], bought[answered], parts.size),
        "sales_after_answer": Tally(
            values=ratio(money, np.minimum(samples, 1)).values, samples=samples
        ),
    }


def _currency(columns: Columns, sold: Marks) -> int:
    """The code of the currency of most of these sales; the first of the alphabet where equal."""
    words = columns.tickets.currency
    counts = np.bincount(words.codes[sold], minlength=len(words.names))
    order = sorted(range(len(words.names)), key=lambda at: (-counts[at], words.names[at]))
    return order[0] if order else -1
