"""One item of the past as it is kept: what conversations and clocks need, and none of its words.

A sentence is judged once, while it is at hand: its language, its topic and its risk stay.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.history import AWAITS_LOOK
from bot.domain.inbound import ReadItem, understood
from bot.domain.triage import triage
from connectors.capabilities import PastItem
from connectors.contract import InboundMessage, ThreadKey, Verdict
from connectors.errors import Malformed
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Stage

Explain = Callable[[PastItem], InboundMessage]
"""What a connector makes of an item. Raises Malformed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItem:
    """An item of the past, understood; `content` is all that is kept of it.

    `readable` is False where nobody could read it: it then stands for a customer's message.
    """

    source_id: str
    received_at: datetime
    verdict: str
    content: bytes
    readable: bool = True

    @property
    def digest(self) -> str:
        """SHA-256 of the content, as hex digits."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMessage:
    """A kept item, to be lived through again. `risk` is what its words said."""

    raw_id: int
    received_at: datetime
    message: InboundMessage
    risk: Risk


def keep_item(explain: Explain, past: PastItem) -> KeptItem:
    """Understand an item and keep the facts of it. Never raises for what an item contains."""
    item = past.item
    message, readable = _explained(explain, past), True
    if message is None:
        message, readable = _unreadable(past), False
    facts = _facts(message)
    if message.verdict in AWAITS_LOOK:
        judged = triage(message)
        facts |= {"risk": judged.risk, "language": judged.language}
        if message.topic is Topic.OTHER:
            facts["topic"] = judged.topic
    return KeptItem(
        source_id=item.source_id,
        received_at=item.received_at,
        verdict=message.verdict,
        content=json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode(),
        readable=readable,
    )


def past_message(raw_id: int, received_at: datetime, content: bytes) -> PastMessage:
    """The item as it was kept."""
    facts = json.loads(content)
    return PastMessage(
        raw_id=raw_id,
        received_at=received_at,
        message=_message(facts),
        risk=Risk(facts.get("risk", Risk.NORMAL)),
    )


def _explained(explain: Explain, past: PastItem) -> InboundMessage | None:
    item = past.item
    try:
        message = explain(past)
        read = ReadItem(raw_id=0, received_at=item.received_at, message=message)
        return understood(read, item.received_at)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, Malformed):
        # Like at the live desk, a connector that breaks its contract in one item stops no other.
        return None


def _unreadable(past: PastItem) -> InboundMessage:
    item = past.item
    read = ReadItem(raw_id=0, received_at=item.received_at, message=None)
    return replace(understood(read, item.received_at), external_id=item.source_id)


def _facts(message: InboundMessage) -> dict[str, Any]:
    """What is kept of a message, without what is as usual."""
    facts: dict[str, Any] = {
        "id": message.external_id,
        "verdict": message.verdict,
        "reason": message.reason,
        "sent": _at(message.sent_at),
        "subject": message.subject,
        "from": message.sender_handle,
        "name": message.sender_name,
        "threads": [[key.value, _seconds(key.max_age)] for key in message.thread_keys],
        "own": list(message.own_keys),
        "about": list(message.refers_to),
        "answers": message.answers_customer_named,
        "kind": message.kind,
        "stage": message.stage,
        "order": message.order_id,
        "limit": _seconds(message.platform_limit),
        "by": _at(message.respond_by),
        "since": _at(message.waiting_since),
        "until": _at(message.reply_until),
        "public": message.public,
        "topic": message.topic,
        "marketplace": message.marketplace,
        "value": str(message.order_value) if message.order_value is not None else None,
        "currency": message.currency,
        "tags": list(message.tags),
    }
    return {key: value for key, value in facts.items() if value not in (None, "", [], False)}


def _message(facts: Mapping[str, Any]) -> InboundMessage:
    value = facts.get("value")
    return InboundMessage(
        external_id=facts["id"],
        verdict=Verdict(facts["verdict"]),
        reason=facts.get("reason", ""),
        sent_at=datetime.fromtimestamp(facts["sent"], UTC),
        subject=facts.get("subject", ""),
        text="",
        full_text="",
        sender_handle=facts.get("from", ""),
        sender_name=facts.get("name", ""),
        thread_keys=[
            ThreadKey(value=name, max_age=_span(age)) for name, age in facts.get("threads", ())
        ],
        own_keys=facts.get("own", ()),
        refers_to=facts.get("about", ()),
        answers_customer_named=facts.get("answers", ""),
        kind=Kind(facts["kind"]),
        stage=Stage(facts["stage"]),
        order_id=facts.get("order"),
        platform_limit=_span(facts.get("limit")),
        respond_by=_instant(facts.get("by")),
        waiting_since=_instant(facts.get("since")),
        reply_until=_instant(facts.get("until")),
        public=facts.get("public", False),
        topic=Topic(facts["topic"]),
        marketplace=facts.get("marketplace", ""),
        order_value=Decimal(value) if value is not None else None,
        currency=facts.get("currency"),
        tags=facts.get("tags", ()),
        language=facts.get("language"),
    )


def _at(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()


def _instant(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
