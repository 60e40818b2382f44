"""Who writes when, and what: a day of customers drawn from a seed. Pure."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

ROME: Final = ZoneInfo("Europe/Rome")
MORNING: Final = datetime(2026, 11, 24, 8, 0, tzinfo=ROME).astimezone(UTC)
"""A Tuesday without a holiday; the day begins when the first shift does."""

FIRST_THREAD: Final = 7101

QUIET_CURVE: Final = (0.5, 0.9, 1.0, 1.0, 0.9, 0.8, 0.9, 1.0, 1.0, 0.9, 0.5)
"""Customers an hour from eight in the morning to seven in the evening, as shares of a usual hour."""

SURGE_HOUR: Final = 3
SURGE: Final = 8.0
"""Eleven to twelve o'clock brings eight times as many, as when a sale begins."""


class Then(StrEnum):
    """What a customer does once an answer is there."""

    NOTHING = "nothing"
    THANKS = "thanks"
    ASKS = "asks"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Where customers write: an inbox of that name, with its share of the day."""

    inbox: str
    share: float
    claims: float = 0.0
    automatic: float = 0.0


MARKETS: Final = (
    Market(inbox="amazon", share=0.42, claims=0.05),
    Market(inbox="shop", share=0.20, automatic=0.10),
    Market(inbox="shopify", share=0.12, automatic=0.05),
    Market(inbox="ebay", share=0.16),
    Market(inbox="tiktok", share=0.10),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One customer. `at` and the other times are seconds: after the beginning, or after what came before.

    `nudge` is after how long without an answer they write again; None: they wait.
    """

    inbox: str
    thread: str
    at: float
    words: str
    claim: bool
    nudge: float | None
    then: Then
    then_after: float


QUESTIONS: Final = (
    "Do you still have the oak shelf in 80 cm?",
    "Passt der Lampenschirm auch auf eine E27-Fassung?",
    "Buongiorno, la lampada Alba è disponibile in verde?",
    "Bonjour, livrez-vous en Corse avant le 20 décembre ?",
    "Is the walnut desk available this week?",
    "Avete ancora il tavolino rotondo da 60 cm?",
)
AFTER_ORDERS: Final = (
    "Where is my order? It should have arrived on Friday.",
    "Il pacco doveva arrivare ieri, dov'è?",
    "Meine Bestellung ist noch nicht angekommen. Wann kommt sie?",
    "J'ai reçu la mauvaise couleur, que dois-je faire ?",
    "One of the screws is missing, can you send it?",
    "Vorrei rendere la lampada, come faccio?",
    "Ich brauche eine Rechnung für meine Bestellung.",
    "The lamp flickers when it is switched on.",
    "La scatola è arrivata aperta e manca una gamba.",
    "Can I change the delivery address of my order?",
    "Pouvez-vous m'envoyer la facture, s'il vous plaît ?",
    "Das Regal hat einen Kratzer an der Seite.",
)
NUDGES: Final = (
    "Any news?",
    "C'è qualcuno?",
    "Ich warte noch auf eine Antwort.",
    "Des nouvelles ?",
)
THANKS: Final = ("Thank you!", "Grazie mille!", "Vielen Dank!", "Merci beaucoup !")
FURTHER: Final = (
    "And how long does the refund take?",
    "E quanto ci mette il rimborso?",
    "Und wie lange dauert das?",
    "Et combien de temps cela prend-il ?",
)


def hours_of(tickets: int, *, surge: float = SURGE) -> Mapping[int, float]:
    """Customers to expect in each hour of the curve."""
    weights = [w * (surge if hour == SURGE_HOUR else 1.0) for hour, w in enumerate(QUIET_CURVE)]
    return {hour: tickets * w / sum(weights) for hour, w in enumerate(weights)}


def write_day(seed: int, tickets: int) -> Sequence[Conversation]:
    """The customers of a whole day, in the order in which they write."""
    chance = random.Random(f"{seed}:customers")
    shares = hours_of(tickets)
    hours = chance.choices(list(shares), weights=list(shares.values()), k=tickets)
    return _written([3600.0 * (hour + chance.random()) for hour in hours], chance)


def write_rush(seed: int, tickets: int, minutes: float) -> Sequence[Conversation]:
    """So many customers, evenly drawn over so many minutes."""
    chance = random.Random(f"{seed}:rush")
    return _written([60.0 * minutes * chance.random() for _ in range(tickets)], chance)


def _written(times: Sequence[float], chance: random.Random) -> Sequence[Conversation]:
    markets = {market.inbox: market for market in MARKETS}
    shares = [market.share for market in MARKETS]
    return [
        _conversation(
            markets[chance.choices(list(markets), weights=shares)[0]],
            str(FIRST_THREAD + number),
            at,
            chance,
        )
        for number, at in enumerate(sorted(times))
    ]


def _conversation(market: Market, thread: str, at: float, chance: random.Random) -> Conversation:
    words = chance.choice(QUESTIONS if chance.random() < 0.3 else AFTER_ORDERS)  # noqa: PLR2004 - a share
    return Conversation(
        inbox=market.inbox,
        thread=thread,
        at=at,
        words=words,
        claim=chance.random() < market.claims,
        nudge=chance.uniform(900, 5400) if chance.random() < 0.25 else None,  # noqa: PLR2004 - a share
        then=_then(market, chance),
        then_after=chance.uniform(60, 2400),
    )


def _then(market: Market, chance: random.Random) -> Then:
    if chance.random() < market.automatic:
        return Then.AUTOMATIC
    return chance.choices([Then.NOTHING, Then.THANKS, Then.ASKS], weights=[0.65, 0.2, 0.15])[0]


def hour_began(start: datetime, hour: int) -> datetime:
    """When an hour of the curve begins."""
    return start + timedelta(hours=hour)
