"""Messages of tickets, explained. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from connectors.contract import Attachment, InboundMessage, RawItem, ThreadKey, Verdict
from connectors.fields import Fields
from connectors.kaufland.items import storefront as storefront_of
from connectors.kaufland.subjects import subjects
from connectors.media import media_type_of
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

_CLOSERS: Final = {
    "buyer_closed": "the customer closed the ticket",
    "seller_closed": "the shop closed the ticket, here or in the Seller Portal",
    "both_closed": "customer and shop closed the ticket",
    "customer_service_closed_final": "Kaufland's customer service closed the ticket for good",
}

_BY_ROLE: Final = {
    "buyer": (Verdict.CUSTOMER, "the customer wrote"),
    "seller": (Verdict.ANSWERED_ELSEWHERE, "the shop wrote, here or in the Seller Portal"),
    "customer_service": (Verdict.NOTICE, "Kaufland's customer service wrote"),
}
_STRANGER: Final = (Verdict.NOTICE, "written by somebody this version does not know")


def explain(item: RawItem) -> InboundMessage:
    """One raw item of Kaufland. Raises Malformed."""
    raw = Fields.of(item.payload)
    ticket = raw.inner("ticket")
    if isinstance(raw.value.get("closed"), str):
        return _closing(ticket, raw.text("closed"), item)
    said = raw.inner("message")
    role = said.inner("author").text("role")
    text, name = said.text("text", default=""), said.id("id_ticket_message")
    verdict, reason = _verdict(role, text, ticket, is_newest=raw.flag("is_newest"))
    return replace(
        _about(ticket, item),
        external_id=name,
        verdict=verdict,
        reason=reason,
        kind=Kind.NOTICE if verdict is Verdict.NOTICE else Kind.MESSAGE,
        sent_at=min(said.instant("ts_created_iso"), item.received_at),
        text=text,
        full_text=text,
        sender_name=said.inner("author").text("name", default=""),
        refers_to=(name,) if role == "seller" else (),
        attachments=_attachments(raw.each("files")),
    )


def _closing(ticket: Fields, status: str, item: RawItem) -> InboundMessage:
    """Nobody waits for an answer in a closed ticket."""
    reason = _CLOSERS.get(status, "the ticket is closed")
    changed = ticket.instant_or_none("ts_updated_iso") or item.received_at
    said = f"{reason[0].upper()}{reason[1:]}."
    return replace(
        _about(ticket, item),
        reason=reason,
        sent_at=min(changed, item.received_at),
        text=said,
        full_text=said,
    )


def _about(ticket: Fields, item: RawItem) -> InboundMessage:
    """What every item of a ticket shares."""
    name = ticket.id("id_ticket")
    reason, subject = ticket.text("open_reason", default=""), ticket.text("topic", default="")
    topic, storefront = subjects().topic(subject, reason), storefront_of(ticket.value)
    key = f"ticket:{name}"
    return InboundMessage(
        external_id=item.source_id,
        verdict=Verdict.ANSWERED_ELSEWHERE,
        reason="",
        sent_at=item.received_at,
        subject=f"Ticket {name}: {_words(subject or reason or 'other')}",
        text="",
        full_text="",
        sender_handle=ticket.id("id_buyer", default=""),
        sender_name="",
        thread_keys=(ThreadKey(value=key),),
        own_keys=(key,),
        stage=_stage(ticket, topic),
        order_id=_order(ticket),
        topic=topic,
        marketplace=storefront,
        order_value=_value(ticket),
        currency=_currency(ticket),
        tags=tuple(filter(None, (subject, _by_kaufland(ticket)))),
        language=subjects().languages.get(storefront),
        reply_context={"ticket": name, "order": _order(ticket)},
    )


def _words(subject: str) -> str:
    return subject.replace("_", " ")


def _by_kaufland(ticket: Fields) -> str:
    told = ticket.text("fulfillment_type", default="")
    return told if told == "fulfilled_by_kaufland" else ""


def _value(ticket: Fields) -> Decimal | None:
    """What the units of the ticket cost together; Kaufland counts in cents."""
    prices = [unit.number("price", default=-1) for unit in ticket.each("order_units")]
    told = [price for price in prices if price >= 0]
    return Decimal(sum(told)) / 100 if told else None


def _currency(ticket: Fields) -> str | None:
    told = (unit.text("currency", default="") for unit in ticket.each("order_units"))
    return next(filter(None, told), None)


def _verdict(role: str, text: str, ticket: Fields, *, is_newest: bool) -> tuple[Verdict, str]:
    if role != "system":
        return _BY_ROLE.get(role, _STRANGER)
    if subjects().tells_of_customer(text):
        return Verdict.CUSTOMER, "Kaufland's system relays the customer's request"
    if is_newest and ticket.flag("is_seller_responsible"):
        return Verdict.CUSTOMER, "Kaufland's system wrote, and counts the shop as owing an answer"
    return Verdict.NOTICE, "Kaufland's system wrote"


def _stage(ticket: Fields, topic: Topic) -> Stage:
    if _order(ticket):
        return Stage.POST_SALE
    return Stage.PRE_SALE if topic is Topic.PRE_SALE_QUESTION else Stage.UNKNOWN


def _order(ticket: Fields) -> str | None:
    orders = (unit.id("id_order", default="") for unit in ticket.each("order_units"))
    return next(filter(None, orders), None)


def _attachments(files: Sequence[Fields]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            name=one.text("filename", default="") or "attachment",
            media_type=media_type_of(one.text("filename", default="")),
            size=0,
            ref=one.text("uri", default=""),
        )
        for one in files
    )
