"""What can be meant in a customer's message, and what each of it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.intents import Intent
from sla_rules.topics import Topic

__all__ = [
    "BEARING",
    "DENIABLE",
    "Intent",
    "LiveRisk",
    "Mood",
    "Sense",
    "Urgency",
]


class LiveRisk(StrEnum):
    """What may follow if the message waits or is answered badly. Several can be live at once."""

    A_TO_Z = "a_to_z"
    CHARGEBACK = "chargeback"
    NEGATIVE_FEEDBACK = "negative_feedback"
    LEGAL = "legal"
    SAFETY = "safety"
    FRAUD = "fraud"
    CANCEL_BEFORE_SHIPMENT = "cancel_before_shipment"


class Urgency(StrEnum):
    """How soon the customer has to hear from the desk, lowest first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Mood(StrEnum):
    """How the customer sounds, not how bad the matter is."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    ANGRY = "angry"


class Sense(StrEnum):
    """Under which phrases are filed: the finest division that any rule asks for."""

    A_TO_Z = "a_to_z"
    CHARGEBACK = "chargeback"
    CLAIM = "claim"
    PAYMENT_CLAIM = "payment_claim"
    ITEM_NOT_RECEIVED = "item_not_received"
    DELIVERED_ELSEWHERE = "delivered_elsewhere"
    NEGATIVE_FEEDBACK = "negative_feedback"
    NEGATIVE_REVIEW = "negative_review"
    LEGAL_THREAT = "legal_threat"
    SAFETY = "safety"
    REGULATOR_COMPLAINT = "regulator_complaint"
    FRAUD = "fraud"
    MISUSE = "misuse"  # somebody else ordered or paid in their name
    CANCEL = "cancel"
    PRODUCT_QUESTION = "product_question"
    AVAILABILITY = "availability"
    WHERE_IS_ORDER = "where_is_order"
    DELIVERY_PROBLEM = "delivery_problem"
    ADDRESS_CHANGE = "address_change"
    INVOICE = "invoice"
    RETURN = "return"
    EXCHANGE = "exchange"
    REFUND = "refund"
    DEFECT = "defect"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    COMPLAINT = "complaint"
    DISMAY = "dismay"
    ANGER = "anger"
    THANKS = "thanks"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """What a sense stands for.

    `topic` is what presets tell tickets apart by, None where no preset does. `pull` is how much
    one phrase counts for the intent: what is asked for goes before why it is asked, and that
    before how the customer feels. Threats and feelings name an intent only where nothing else does.
    """

    intent: Intent
    pull: float = 1.0
    topic: Topic | None = None
    risk: LiveRisk | None = None
    mood: Mood = Mood.NEUTRAL


_ASKED, _REASON, _FEELING, _POLITE = 1.6, 1.0, 0.4, 0.1

BEARING: Final[Mapping[Sense, Bearing]] = MappingProxyType(
    {
        Sense.A_TO_Z: Bearing(
            intent=Intent.COMPLAINT,
            pull=_FEELING,
            topic=Topic.A_TO_Z,
            risk=LiveRisk.A_TO_Z,
            mood=Mood.NEGATIVE,
        ),
        Sense.CHARGEBACK: Bearing(
            intent=Intent.REFUND,
            pull=_FEELING,
            topic=Topic.CHARGEBACK,
            risk=LiveRisk.CHARGEBACK,
            mood=Mood.NEGATIVE,
        ),
        Sense.CLAIM: Bearing(
            intent=Intent.COMPLAINT,
            pull=_FEELING,
            topic=Topic.CLAIM,
            risk=LiveRisk.A_TO_Z,
            mood=Mood.NEGATIVE,
        ),
        Sense.PAYMENT_CLAIM: Bearing(
            intent=Intent.REFUND,
            pull=_FEELING,
            topic=Topic.CLAIM,
            risk=LiveRisk.CHARGEBACK,
            mood=Mood.NEGATIVE,
        ),
        Sense.ITEM_NOT_RECEIVED: Bearing(
            intent=Intent.WHERE_IS_ORDER, topic=Topic.ITEM_NOT_RECEIVED
        ),
        Sense.DELIVERED_ELSEWHERE: Bearing(
            intent=Intent.DELIVERY_PROBLEM, pull=1.3, topic=Topic.ITEM_NOT_RECEIVED
        ),
        Sense.NEGATIVE_FEEDBACK: Bearing(
            intent=Intent.COMPLAINT,
            pull=_FEELING,
            topic=Topic.NEGATIVE_FEEDBACK,
            risk=LiveRisk.NEGATIVE_FEEDBACK,
            mood=Mood.NEGATIVE,
        ),
        Sense.NEGATIVE_REVIEW: Bearing(
            intent=Intent.COMPLAINT,
            pull=_FEELING,
            topic=Topic.NEGATIVE_REVIEW,
            risk=LiveRisk.NEGATIVE_FEEDBACK,
            mood=Mood.NEGATIVE,
        ),
        Sense.LEGAL_THREAT: Bearing(
            intent=Intent.COMPLAINT,
            pull=_FEELING,
            topic=Topic.LEGAL_THREAT,
            risk=LiveRisk.LEGAL,
            mood=Mood.NEGATIVE,
        ),
        Sense.SAFETY: Bearing(
            intent=Intent.DEFECT,
            pull=0.8,
            topic=Topic.SAFETY,
            risk=LiveRisk.SAFETY,
            mood=Mood.NEGATIVE,
        ),
        Sense.REGULATOR_COMPLAINT: Bearing(
            intent=Intent.COMPLAINT,
            pull=_FEELING,
            topic=Topic.REGULATOR_COMPLAINT,
            risk=LiveRisk.LEGAL,
            mood=Mood.NEGATIVE,
        ),
        Sense.FRAUD: Bearing(
            intent=Intent.COMPLAINT,
            pull=0.6,
            topic=Topic.COMPLAINT,
            risk=LiveRisk.FRAUD,
            mood=Mood.ANGRY,
        ),
        Sense.MISUSE: Bearing(
            intent=Intent.OTHER, pull=1.3, topic=Topic.COMPLAINT, risk=LiveRisk.FRAUD
        ),
        Sense.CANCEL: Bearing(
            intent=Intent.CANCEL,
            pull=_ASKED,
            topic=Topic.CANCEL_BEFORE_SHIPMENT,
            risk=LiveRisk.CANCEL_BEFORE_SHIPMENT,
        ),
        Sense.PRODUCT_QUESTION: Bearing(
            intent=Intent.PRODUCT_QUESTION, topic=Topic.PRE_SALE_QUESTION
        ),
        Sense.AVAILABILITY: Bearing(
            intent=Intent.AVAILABILITY, pull=1.2, topic=Topic.PRE_SALE_QUESTION
        ),
        Sense.WHERE_IS_ORDER: Bearing(intent=Intent.WHERE_IS_ORDER, topic=Topic.WHERE_IS_MY_ORDER),
        Sense.DELIVERY_PROBLEM: Bearing(
            intent=Intent.DELIVERY_PROBLEM, pull=1.3, topic=Topic.WHERE_IS_MY_ORDER
        ),
        Sense.ADDRESS_CHANGE: Bearing(intent=Intent.ADDRESS_CHANGE, pull=1.5),
        Sense.INVOICE: Bearing(intent=Intent.INVOICE, pull=_ASKED),
        Sense.RETURN: Bearing(intent=Intent.RETURN, pull=1.2, topic=Topic.RETURN),
        Sense.EXCHANGE: Bearing(intent=Intent.EXCHANGE, pull=_ASKED, topic=Topic.RETURN),
        Sense.REFUND: Bearing(intent=Intent.REFUND, pull=1.4, topic=Topic.COMPLAINT),
        Sense.DEFECT: Bearing(intent=Intent.DEFECT, pull=_REASON, topic=Topic.COMPLAINT),
        Sense.WRONG_ITEM: Bearing(intent=Intent.WRONG_ITEM, pull=_REASON, topic=Topic.COMPLAINT),
        Sense.MISSING_ITEM: Bearing(
            intent=Intent.MISSING_ITEM, pull=_REASON, topic=Topic.COMPLAINT
        ),
        Sense.COMPLAINT: Bearing(
            intent=Intent.COMPLAINT, pull=0.5, topic=Topic.COMPLAINT, mood=Mood.NEGATIVE
        ),
        Sense.DISMAY: Bearing(
            intent=Intent.COMPLAINT, pull=_FEELING, topic=Topic.COMPLAINT, mood=Mood.NEGATIVE
        ),
        Sense.ANGER: Bearing(
            intent=Intent.COMPLAINT, pull=_FEELING, topic=Topic.COMPLAINT, mood=Mood.ANGRY
        ),
        Sense.THANKS: Bearing(intent=Intent.THANKS, pull=_POLITE, topic=Topic.THANKS),
        Sense.OTHER: Bearing(intent=Intent.OTHER, pull=0.6),
    }
)
"""Every sense. A phrase is filed once; what it means to triage and to the reader follows here."""

DENIABLE: Final = frozenset(
    {
        Sense.DEFECT,
        Sense.WRONG_ITEM,
        Sense.MISSING_ITEM,
        Sense.COMPLAINT,
        Sense.DISMAY,
        Sense.ANGER,
        Sense.FRAUD,
    }
)
"""What a "not" before it takes back. Harm, law and money called back are raised all the same."""
