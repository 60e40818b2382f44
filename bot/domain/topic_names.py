"""What a topic is called, in the language of whoever reads it."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.language import tr_as
from sla_rules.topics import Topic

_TOPICS: Final[Mapping[Topic, Callable[[], str]]] = {
    Topic.A_TO_Z: lambda: tr_as("topic", "A-to-z"),
    Topic.CHARGEBACK: lambda: tr_as("topic", "chargeback"),
    Topic.CLAIM: lambda: tr_as("topic", "claim"),
    Topic.ITEM_NOT_RECEIVED: lambda: tr_as("topic", "item not received"),
    Topic.NEGATIVE_FEEDBACK: lambda: tr_as("topic", "negative feedback"),
    Topic.NEGATIVE_REVIEW: lambda: tr_as("topic", "negative review"),
    Topic.REVIEW: lambda: tr_as("topic", "review"),
    Topic.LEGAL_THREAT: lambda: tr_as("topic", "legal threat"),
    Topic.SAFETY: lambda: tr_as("topic", "safety"),
    Topic.REGULATOR_COMPLAINT: lambda: tr_as("topic", "regulator complaint"),
    Topic.CANCEL_BEFORE_SHIPMENT: lambda: tr_as("topic", "cancel before shipment"),
    Topic.PRE_SALE_QUESTION: lambda: tr_as("topic", "pre sale question"),
    Topic.WHERE_IS_MY_ORDER: lambda: tr_as("topic", "where is my order"),
    Topic.RETURN: lambda: tr_as("topic", "return"),
    Topic.COMPLAINT: lambda: tr_as("topic", "complaint"),
    Topic.THANKS: lambda: tr_as("topic", "thanks"),
    Topic.OTHER: lambda: tr_as("topic", "other"),
}


def topic_words(topic: Topic) -> str:
    """`where is my order`, `A-to-z`."""
    return _TOPICS[topic]()
