"""Incidents and returns, explained. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.fields import Fields
from connectors.mirakl.config import Config
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

WAITING: Final = "WAITING_ACCEPTANCE"
"""The state in which a return waits for the seller's yes or no (RT11, RT21)."""


def _opened(raw: Fields, item: RawItem, config: Config) -> InboundMessage:
    return _incident(raw, item, config, is_open=True)


def _closed(raw: Fields, item: RawItem, config: Config) -> InboundMessage:
    return _incident(raw, item, config, is_open=False)


def _incident(raw: Fields, item: RawItem, config: Config, *, is_open: bool) -> InboundMessage:
    order, line = raw.inner("order"), raw.inner("line")
    order_id = order.id("order_id")
    why = line.text("order_line_state_reason_label", default="")
    why = why or line.text("order_line_state_reason_code", default="")
    text = _lines(
        "An incident was opened." if is_open else "The incident is not open any more.",
        f"Reason: {why}" if why and is_open else "",
        f"State: {line.text('order_line_state', default='unknown')}" if not is_open else "",
        _title(line),
    )
    customer = order.inner("customer")
    names = (customer.text("firstname", default=""), customer.text("lastname", default=""))
    changed = line.instant_or_none("last_updated_date") if is_open else None
    money = order.amount("total_price", default=Decimal(-1))
    key = f"incident:{order_id}"
    return InboundMessage(
        external_id=item.source_id,
        verdict=Verdict.CLAIM if is_open else Verdict.CLAIM_CLOSED,
        reason="an order line has an open incident" if is_open else "the incident is closed",
        sent_at=min(changed or item.received_at, item.received_at),
        subject=f"Incident on order {order_id}" + (f": {why}" if why and is_open else ""),
        text=text,
        full_text=text,
        sender_handle=customer.id("customer_id", default=""),
        sender_name=" ".join(filter(None, names)),
        thread_keys=(ThreadKey(value=key),),
        own_keys=(key,),
        kind=Kind.CLAIM,
        stage=Stage.POST_SALE,
        order_id=order_id,
        topic=Topic.CLAIM,
        marketplace=config.operator,
        order_value=money if money >= 0 else None,
        currency=order.text("currency_iso_code", default="") or None,
        language=config.marketplace.language or None,
        reply_context=_to_customer(order_id, " ".join(filter(None, names))),
    )


def _return(raw: Fields, item: RawItem, config: Config) -> InboundMessage:
    name, state = raw.id("id"), raw.text("state", default="")
    order_id = raw.id("order_id", default="") or raw.id("order_commercial_id", default="") or None
    waits = state == WAITING
    pieces = sum(max(one.number("quantity", default=0), 0) for one in raw.each("return_lines"))
    text = _lines(
        "The customer asks to return goods."
        if waits
        else f"The return is now: {state or 'unknown'}.",
        f"Reason: {why}" if (why := raw.text("reason_code", default="")) else "",
        f"Pieces: {pieces}" if pieces else "",
        raw.text("description", default=""),
    )
    verdict, reason = Verdict.NOTICE, "a return in a state that waits for nobody here"
    if waits:
        verdict, reason = Verdict.CUSTOMER, "a return waits to be accepted or refused"
    elif state:
        verdict = Verdict.ANSWERED_ELSEWHERE
        reason = "the return does not wait to be accepted any more"
    key = f"return:{name}"
    return InboundMessage(
        external_id=f"{key}:{state}",
        verdict=verdict,
        reason=reason,
        sent_at=min(raw.instant("last_updated"), item.received_at),
        subject=f"Return {raw.text('rma', default='') or name}",
        text=text,
        full_text=text,
        sender_handle="",
        sender_name="",
        thread_keys=(ThreadKey(value=key),),
        own_keys=(key,),
        kind=Kind.RETURN_REQUEST,
        stage=Stage.POST_SALE,
        order_id=order_id,
        topic=Topic.RETURN,
        marketplace=config.operator,
        language=config.marketplace.language or None,
        reply_context=_to_customer(order_id, ""),
    )


def _to_customer(order_id: str | None, name: str) -> Mapping[str, Json]:
    """There is no thread yet: an answer goes to the customer of the order."""
    return {"order": order_id, "name": name, "writer": "CUSTOMER", "to": []}


def _title(line: Fields) -> str:
    title = line.text("product_title", default="")
    count = line.number("quantity", default=0)
    return f"{title} ({count} pieces)" if title and count > 1 else title


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


EXPLANATIONS: Mapping[str, Callable[[Fields, RawItem, Config], InboundMessage]] = MappingProxyType(
    {"incident": _opened, "incident_closed": _closed, "return": _return}
)
"""What a raw item holds beside messages."""
