"""The messages of one conversation as a connector would have understood them."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from connectors.contract import InboundMessage, ThreadKey, Verdict
from connectors.reviews import stars_line
from sandbox.past.arrivals import MARKETS, Arrival
from sandbox.past.words import COMMENTS, NAMES, SUBJECTS, TEXTS
from sla_rules.topics import Topic
from sla_rules.vocabulary import Stage

_POOR: Final = 3
"""Stars up to which a review complains."""

_OF_AN_ORDER: Final = frozenset({"parcel", "return", "angry", "invoice", "cancel", "claim"})
_NOTES: Final = ("Sei più brava tu con i resi.", "The customer writes German.", "Promised: Friday.")


@dataclass(slots=True, kw_only=True)
class Letters:
    """One customer's. `number` tells the conversation from all others."""

    rng: random.Random
    arrival: Arrival
    number: int
    handle: str
    name: str
    count: int = field(default=0)
    _first: InboundMessage | None = None

    @property
    def thread(self) -> str:
        """The name of the conversation."""
        return f"past:{self.number}"

    def first(self) -> InboundMessage:
        """What it began with."""
        self._first = self._first or self._begin(self.arrival)
        return self._first

    def _begin(self, arrival: Arrival) -> InboundMessage:
        if arrival.about.isdigit():
            return self._review(arrival, int(arrival.about))
        if arrival.about == "claim":
            return self._message(
                arrival.at, self._words("angry"), Verdict.CLAIM, order=True, topic=Topic.CLAIM
            )
        order = arrival.about in _OF_AN_ORDER
        stage = Stage.PRE_SALE if arrival.about == "question" else Stage.UNKNOWN
        return self._message(arrival.at, self._words(arrival.about), order=order, stage=stage)

    def further(self, at: datetime, *, thanks: bool) -> InboundMessage:
        """What the customer writes next."""
        return self._message(at, self._words("thanks" if thanks else "again"))

    def graver(self, at: datetime) -> InboundMessage:
        """What puts more at stake."""
        return self._message(at, self._words("danger"))

    def receipt(self, at: datetime) -> InboundMessage:
        """The shop's own automatic receipt, come back."""
        return self._message(at, "", Verdict.ACKNOWLEDGEMENT)

    def absence(self, at: datetime) -> InboundMessage:
        """The customer is away."""
        return self._message(at, "", Verdict.AUTO_REPLY)

    def console(self, at: datetime) -> InboundMessage:
        """The copy of an answer given at the platform."""
        return self._message(at, self.answer(), Verdict.ANSWERED_ELSEWHERE)

    def answer(self) -> str:
        """What is answered."""
        return self._words("answer")

    def note(self) -> str:
        """What whoever takes over needs to know."""
        return self.rng.choice(_NOTES)

    def comment(self, *, glad: bool) -> str:
        """What stands beside a rating."""
        return self.rng.choice(COMMENTS[glad])

    def _review(self, arrival: Arrival, stars: int) -> InboundMessage:
        poor = stars <= _POOR
        text = f"{stars_line(stars)}\n{self._words('bad' if poor else 'good')}"
        topic = Topic.NEGATIVE_REVIEW if poor else Topic.REVIEW
        return self._message(arrival.at, text, topic=topic, stage=Stage.POST_SALE, public=True)

    def _words(self, about: str) -> str:
        return self.rng.choice(TEXTS[self.arrival.language].get(about) or TEXTS["en"][about])

    def _message(
        self,
        at: datetime,
        text: str,
        verdict: Verdict = Verdict.CUSTOMER,
        *,
        order: bool = False,
        topic: Topic = Topic.OTHER,
        stage: Stage = Stage.UNKNOWN,
        public: bool = False,
    ) -> InboundMessage:
        self.count += 1
        value = Decimal(self.rng.randrange(1500, 38000)) / 100 if order else None
        return InboundMessage(
            external_id=f"{self.thread}:{self.count}",
            verdict=verdict,
            reason=_REASONS[verdict],
            sent_at=at,
            subject=SUBJECTS[self.arrival.language],
            text=text,
            full_text=text,
            sender_handle=self.handle,
            sender_name=self.name,
            thread_keys=(ThreadKey(value=self.thread),),
            order_id=f"40{self.number % 10}-{self.number:07d}" if order else None,
            topic=topic,
            stage=stage,
            public=public,
            language=self.arrival.language if not text else None,
            marketplace=MARKETS.get(self.arrival.inbox, ""),
            order_value=value,
            currency="EUR" if order else None,
        )


_REASONS: Final = {
    Verdict.CUSTOMER: "a customer's message",
    Verdict.CLAIM: "a claim of the platform",
    Verdict.ACKNOWLEDGEMENT: "the shop's own receipt",
    Verdict.AUTO_REPLY: "an absence notice",
    Verdict.ANSWERED_ELSEWHERE: "an answer given in the platform's console",
}


def customer(rng: random.Random, language: str, number: int) -> tuple[str, str]:
    """Handle and name of somebody new."""
    name = rng.choice(NAMES[language])
    return f"{name.lower()}{number}@customers.example", name
