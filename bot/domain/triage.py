"""What a message is about, how grave it is, where its customer stands and what language they write.

Triage only raises attention; it never silences anything. What words mean: see `bot.assist`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.assist.reading import Reading, language_of, only_thanks, read
from connectors.contract import InboundMessage, Verdict
from sla_rules.topics import RISK, Topic, stage_of
from sla_rules.vocabulary import Kind, Risk, Stage

_KIND_OF_VERDICT: Mapping[Verdict, Kind] = {
    Verdict.CLAIM: Kind.CLAIM,
    Verdict.NOTICE: Kind.NOTICE,
    Verdict.CLAIM_CLOSED: Kind.NOTICE,
    Verdict.SUSPECT: Kind.SUSPECT,
}

_TOPIC_OF_KIND: Mapping[Kind, Topic] = {
    Kind.CLAIM: Topic.CLAIM,
    Kind.RETURN_REQUEST: Topic.RETURN,
    Kind.CANCEL_REQUEST: Topic.CANCEL_BEFORE_SHIPMENT,
}

_GRAVEST_FIRST = (
    Topic.SAFETY,
    Topic.LEGAL_THREAT,
    Topic.REGULATOR_COMPLAINT,
    Topic.CHARGEBACK,
    Topic.A_TO_Z,
    Topic.CLAIM,
    Topic.NEGATIVE_FEEDBACK,
    Topic.NEGATIVE_REVIEW,
    Topic.ITEM_NOT_RECEIVED,
    Topic.CANCEL_BEFORE_SHIPMENT,
    Topic.RETURN,
    Topic.COMPLAINT,
    Topic.WHERE_IS_MY_ORDER,
    Topic.PRE_SALE_QUESTION,
)
"""Which of several topics a message is filed under: harm, law, money called back, the public eye,
then what can still be put right. Thanks are judged apart: they have to be all that is said."""

_ANSWER = re.compile(
    r"\s*(?:re|aw|antw|r|rif|sv|res|rv|ref)\s{0,2}(?:\[\d{1,3}\])?:", re.IGNORECASE
)
_RISKS = tuple(Risk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What a ticket takes over from one message."""

    kind: Kind
    topic: Topic
    stage: Stage
    risk: Risk
    language: str | None


def triage(message: InboundMessage) -> Triage:
    """Judge one message. What the connector knows for sure goes before what words suggest."""
    kind = _KIND_OF_VERDICT.get(message.verdict, message.kind)
    subject, text = read(message.subject), read(message.text)
    topic = _topic(message, kind, subject, text)
    return Triage(
        kind=kind,
        topic=topic,
        stage=_stage(message, kind, topic),
        risk=_risk(kind, {topic, *subject.topics, *text.topics}),
        language=message.language or language_of(subject, text),
    )


def graver_risk(one: Risk, other: Risk) -> Risk:
    """The higher of two risks."""
    return max(one, other, key=_RISKS.index)


def _topic(message: InboundMessage, kind: Kind, subject: Reading, text: Reading) -> Topic:
    if message.topic is not Topic.OTHER:
        return message.topic
    if kind is not Kind.MESSAGE:
        return _TOPIC_OF_KIND.get(kind, Topic.OTHER)
    # The subject of an answer is what the conversation once was about.
    answers = _ANSWER.match(message.subject) is not None
    said = _gravest(message, text.topics if answers else text.topics | subject.topics)
    if said is None and only_thanks(text):
        return Topic.THANKS
    said = said or _gravest(message, subject.topics)
    unsaid = Topic.PRE_SALE_QUESTION if message.stage is Stage.PRE_SALE else Topic.OTHER
    return said or unsaid


def _gravest(message: InboundMessage, said: set[Topic]) -> Topic | None:
    """The gravest topic; a question before buying is none once an order is known."""
    bought = message.order_id is not None or message.stage is Stage.POST_SALE
    known = said - {Topic.PRE_SALE_QUESTION} if bought else said
    return next((topic for topic in _GRAVEST_FIRST if topic in known), None)


def _stage(message: InboundMessage, kind: Kind, topic: Topic) -> Stage:
    if message.stage is not Stage.UNKNOWN:
        return message.stage
    if message.order_id or kind in _TOPIC_OF_KIND:
        return Stage.POST_SALE
    return stage_of(topic)


def _risk(kind: Kind, topics: Iterable[Topic]) -> Risk:
    """The gravest of what is known and of all that words say."""
    least = Risk.CRITICAL if kind is Kind.CLAIM else Risk.NORMAL
    return max((least, *(RISK[topic] for topic in topics)), key=_RISKS.index)
