"""Disputes and return requests of the Admin API, understood. Pure.

A dispute is answered by handing in evidence in Shopify's own pages, never by a mail; a return
request is approved or declined there, and may be asked about by mail.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.shopify.config import Config
from connectors.shopify.known import vip_tags
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

IN_ADMIN: Final = "evidence is handed in in Shopify's own pages: Finances, Disputes, or the order"

_REASONS: Final[Mapping[str, str]] = {
    "FRAUDULENT": "the cardholder did not authorise the payment",
    "UNRECOGNIZED": "the cardholder does not recognise the payment",
    "PRODUCT_NOT_RECEIVED": "the product was not received",
    "PRODUCT_UNACCEPTABLE": "the product is not acceptable",
    "CREDIT_NOT_PROCESSED": "a refund that was due did not come",
    "DUPLICATE": "the customer was charged more than once",
    "SUBSCRIPTION_CANCELED": "a subscription was cancelled before",
}
"""What the bank says, in words; any other reason is shown as Shopify writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    verdict: Verdict
    reason: str


_RETURN_STATES: Final[Mapping[str, _Meaning]] = {
    "REQUESTED": _Meaning(verdict=Verdict.CUSTOMER, reason="a customer asks to return goods"),
    "OPEN": _Meaning(verdict=Verdict.ANSWERED_ELSEWHERE, reason="approved in Shopify"),
    "DECLINED": _Meaning(verdict=Verdict.ANSWERED_ELSEWHERE, reason="declined in Shopify"),
    "CANCELED": _Meaning(verdict=Verdict.ANSWERED_ELSEWHERE, reason="cancelled in Shopify"),
    "CLOSED": _Meaning(verdict=Verdict.ANSWERED_ELSEWHERE, reason="completed in Shopify"),
}
_NEWS = _Meaning(verdict=Verdict.NOTICE, reason="a state this version does not know")


def explain_claim(item: RawItem, config: Config) -> InboundMessage:
    """One dispute or one return, as it stood when it was fetched. Raises Malformed."""
    raw = Fields.of(item.payload)
    match raw.text("what", default=""):
        case "dispute":
            return _dispute(item, raw.inner("node"), config)
        case "return":
            return _return(item, raw.inner("node"), config)
        case _:
            raise Malformed("what", "neither a dispute nor a return")


def state_key(what: str, node: Fields) -> str:
    """The name of one state of a dispute or return: another state is another item."""
    marks = ("status", "type", "evidenceDueBy", "evidenceSentOn")
    told = (node.text(mark, default="") for mark in marks)
    return ":".join((what, node.id("id"), *(one for one in told if one)))


def _dispute(item: RawItem, node: Fields, config: Config) -> InboundMessage:
    status = node.text("status")
    number, order = node.id("id"), node.inner("order")
    is_chargeback = node.text("type", default="CHARGEBACK") != "INQUIRY"
    meaning = _dispute_meaning(status, is_chargeback=is_chargeback, node=node)
    amount, currency = _money(node.inner("amount"))
    due = node.instant_or_none("evidenceDueBy")
    name = order.text("name", default="")
    title = "Chargeback" if is_chargeback else "Inquiry of the bank"
    about = f"{title}: {_shown(amount, currency)}{f' on order {name}' if name else ''}."
    text = "\n".join([about, *_dispute_lines(node, status, due)])
    opens = meaning.verdict is Verdict.CLAIM
    return InboundMessage(
        external_id=state_key("dispute", node),
        verdict=meaning.verdict,
        reason=meaning.reason,
        sent_at=_dispute_time(node, meaning.verdict, item.received_at),
        subject=f"{title} on order {name}" if name else title,
        text=text,
        full_text=text,
        sender_handle=order.text("email", default="").lower(),
        sender_name=order.inner("customer").text("displayName", default=""),
        thread_keys=(ThreadKey(value=f"dispute:{number}"),),
        own_keys=(f"dispute:{number}",),
        kind=Kind.CLAIM,
        topic=Topic.CHARGEBACK if is_chargeback else Topic.CLAIM,
        stage=Stage.POST_SALE,
        order_id=name.lstrip("#") or None,
        respond_by=due if opens else None,
        order_value=amount,
        currency=currency,
        tags=vip_tags(order.inner("customer").texts("tags"), config),
        reply_context=_context(order, {"answered_in": IN_ADMIN}) if opens else {},
    )


def _dispute_meaning(status: str, *, is_chargeback: bool, node: Fields) -> _Meaning:
    what = "a chargeback" if is_chargeback else "an inquiry of the bank"
    sent = node.instant_or_none("evidenceSentOn") is not None
    if status == "NEEDS_RESPONSE":
        return _Meaning(verdict=Verdict.CLAIM, reason=f"{what} needs evidence")
    if status == "UNDER_REVIEW" and sent:
        return _Meaning(verdict=Verdict.ANSWERED_ELSEWHERE, reason="evidence was handed in")
    if status in {"ACCEPTED", "CHARGE_REFUNDED"}:
        return _Meaning(
            verdict=Verdict.ANSWERED_ELSEWHERE, reason=f"{what} was accepted in Shopify"
        )
    if status in {"WON", "LOST", "PREVENTED", "UNDER_REVIEW"}:
        return _Meaning(
            verdict=Verdict.CLAIM_CLOSED, reason=f"{what}: {status.lower().replace('_', ' ')}"
        )
    return _NEWS


def _dispute_time(node: Fields, verdict: Verdict, received_at: datetime) -> datetime:
    """When this state began, as far as Shopify says; else when it was seen."""
    if verdict is Verdict.CLAIM:
        return min(node.instant("initiatedAt"), received_at)
    key = "evidenceSentOn" if verdict is Verdict.ANSWERED_ELSEWHERE else "finalizedOn"
    return min(node.instant_or_none(key) or received_at, received_at)


def _dispute_lines(node: Fields, status: str, due: datetime | None) -> Iterator[str]:
    told = node.inner("reasonDetails").text("reason", default="")
    if told:
        yield f"Reason given: {_REASONS.get(told, told.lower().replace('_', ' '))}."
    if status != "NEEDS_RESPONSE":
        yield f"It stands at: {status.lower().replace('_', ' ')}."
    elif due is not None:
        yield f"Evidence is due by {due:%Y-%m-%d %H:%M} UTC, in Shopify."
    else:
        yield "Shopify names no date for the evidence yet."


def _return(item: RawItem, node: Fields, config: Config) -> InboundMessage:
    status = node.text("status")
    number, order = node.id("id"), node.inner("order")
    meaning = _RETURN_STATES.get(status, _NEWS)
    asked = meaning.verdict is Verdict.CUSTOMER
    started = node.instant("createdAt")
    answered = node.instant_or_none("requestApprovedAt") if status == "OPEN" else None
    at = started if asked else (answered or item.received_at)
    amount, currency = _money(order.inner("totalPriceSet").inner("shopMoney"))
    name = order.text("name", default="")
    text = _return_text(node) if asked else f"The return request was {meaning.reason}."
    subject = f"Return request on order {name}" if name else "Return request"
    email = order.text("email", default="")
    return InboundMessage(
        external_id=state_key("return", node),
        verdict=meaning.verdict,
        reason=meaning.reason,
        sent_at=min(at, item.received_at),
        subject=subject,
        text=text,
        full_text=text,
        sender_handle=email.lower(),
        sender_name=order.inner("customer").text("displayName", default=""),
        thread_keys=(ThreadKey(value=f"return:{number}"),),
        own_keys=(f"return:{number}",),
        kind=Kind.RETURN_REQUEST if meaning is not _NEWS else Kind.NOTICE,
        topic=Topic.RETURN,
        stage=Stage.POST_SALE,
        order_id=name.lstrip("#") or None,
        order_value=amount,
        currency=currency,
        tags=vip_tags(order.inner("customer").texts("tags"), config),
        language=order.text("customerLocale", default="")[:2].lower() or None,
        reply_context=_context(order, {"to": email, "subject": subject}) if asked else {},
    )


def _return_text(node: Fields) -> str:
    lines = []
    for one in node.inner("returnLineItems").each("nodes"):
        item = one.inner("fulfillmentLineItem").inner("lineItem").text("title", default="an item")
        why = one.inner("returnReasonDefinition").text("name", default="")
        said = one.text("customerNote", default="") or one.text("returnReasonNote", default="")
        line = f"{one.number('quantity', default=1)} x {item}"
        lines.append(line + (f" ({why})" if why else "") + (f": {said}" if said else ""))
    named = node.text("name", default="")
    return "\n".join([f"A return is requested{f' ({named})' if named else ''}.", *lines])


def _context(order: Fields, more: Mapping[str, Json]) -> dict[str, Json]:
    legacy = order.id("legacyResourceId", default="")
    return {**more, **({"order_id": legacy} if legacy else {})}


def _money(raw: Fields) -> tuple[Decimal | None, str | None]:
    amount = raw.amount("amount", default=Decimal(-1))
    return (amount if amount >= 0 else None), raw.text("currencyCode", default="") or None


def _shown(amount: Decimal | None, currency: str | None) -> str:
    return "an unknown amount" if amount is None else f"{amount} {currency or ''}".strip()
