"""What a conversation is about, as finely as rules tell it apart. Detecting it is not done here."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sla_rules.vocabulary import Risk, Stage


class Topic(StrEnum):
    """The classes that presets know. OTHER is everything nobody has recognised."""

    A_TO_Z = "a_to_z"
    CHARGEBACK = "chargeback"
    CLAIM = "claim"
    ITEM_NOT_RECEIVED = "item_not_received"
    NEGATIVE_FEEDBACK = "negative_feedback"
    NEGATIVE_REVIEW = "negative_review"
    REVIEW = "review"
    LEGAL_THREAT = "legal_threat"
    SAFETY = "safety"
    REGULATOR_COMPLAINT = "regulator_complaint"
    CANCEL_BEFORE_SHIPMENT = "cancel_before_shipment"
    PRE_SALE_QUESTION = "pre_sale_question"
    WHERE_IS_MY_ORDER = "where_is_my_order"
    RETURN = "return"
    COMPLAINT = "complaint"
    THANKS = "thanks"
    OTHER = "other"


RISK: Final[Mapping[Topic, Risk]] = MappingProxyType(
    {
        Topic.A_TO_Z: Risk.CRITICAL,
        Topic.CHARGEBACK: Risk.CRITICAL,
        Topic.CLAIM: Risk.CRITICAL,
        Topic.ITEM_NOT_RECEIVED: Risk.CRITICAL,
        Topic.NEGATIVE_FEEDBACK: Risk.CRITICAL,
        Topic.NEGATIVE_REVIEW: Risk.CRITICAL,
        Topic.REVIEW: Risk.NORMAL,
        Topic.LEGAL_THREAT: Risk.CRITICAL,
        Topic.SAFETY: Risk.CRITICAL,
        Topic.REGULATOR_COMPLAINT: Risk.CRITICAL,
        Topic.CANCEL_BEFORE_SHIPMENT: Risk.ELEVATED,
        Topic.PRE_SALE_QUESTION: Risk.NORMAL,
        Topic.WHERE_IS_MY_ORDER: Risk.NORMAL,
        Topic.RETURN: Risk.ELEVATED,
        Topic.COMPLAINT: Risk.ELEVATED,
        Topic.THANKS: Risk.NORMAL,
        Topic.OTHER: Risk.NORMAL,
    }
)
"""What is at stake in a topic when nothing else is known of the ticket."""


def stage_of(topic: Topic) -> Stage:
    """Before an order or after one, as far as the topic alone tells."""
    if topic is Topic.PRE_SALE_QUESTION:
        return Stage.PRE_SALE
    untold = {Topic.THANKS, Topic.OTHER, Topic.LEGAL_THREAT, Topic.SAFETY, Topic.COMPLAINT}
    return Stage.UNKNOWN if topic in untold else Stage.POST_SALE
