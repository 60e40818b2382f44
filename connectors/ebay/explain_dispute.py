"""A change of a return, inquiry, case, cancellation or payment dispute, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.contract import InboundMessage, RawItem, ThreadKey, Verdict
from connectors.ebay.dispute import Dispute, DisputeKind, Phase, read_dispute
from connectors.ebay.sites import order_page, site_of
from connectors.fields import Fields
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Class:
    """What a kind of dispute is to the desk."""

    kind: Kind
    topic: Topic
    title: str


_CLASSES: Final[Mapping[DisputeKind, _Class]] = MappingProxyType(
    {
        DisputeKind.RETURN: _Class(
            kind=Kind.RETURN_REQUEST, topic=Topic.RETURN, title="Return request"
        ),
        DisputeKind.INQUIRY: _Class(
            kind=Kind.CLAIM, topic=Topic.ITEM_NOT_RECEIVED, title="Item not received"
        ),
        DisputeKind.CASE: _Class(
            kind=Kind.CLAIM, topic=Topic.CLAIM, title="eBay was asked to step in"
        ),
        DisputeKind.CANCELLATION: _Class(
            kind=Kind.CANCEL_REQUEST,
            topic=Topic.CANCEL_BEFORE_SHIPMENT,
            title="Cancellation request",
        ),
        DisputeKind.PAYMENT: _Class(
            kind=Kind.CLAIM, topic=Topic.CHARGEBACK, title="Payment dispute"
        ),
    }
)


def explain_dispute(kind: DisputeKind, raw: Fields, item: RawItem) -> InboundMessage:
    """One change of a dispute. Raises Malformed where it has no id."""
    about = _CLASSES[kind]
    summary, order, before = (
        raw.inner("summary"),
        raw.inner("order"),
        raw.text("before", default=""),
    )
    dispute = read_dispute(kind, summary)
    verdict, reason = _verdict(about.kind, dispute, before)
    order_id = dispute.order_id or order.id("orderId", default="") or None
    site = site_of(
        dispute.marketplace or order.text("marketplaceId", default=""),
        raw.text("site", default=""),
    )
    text = _text(dispute)
    waits = dispute.phase is Phase.SELLER
    return InboundMessage(
        external_id=f"{dispute.key}:{before}>{dispute.state}",
        verdict=verdict,
        reason=reason,
        sent_at=_sent_at(dispute, before, item.received_at),
        subject=f"{about.title} {dispute.id}",
        text=text,
        full_text=text,
        sender_handle=dispute.buyer,
        sender_name=dispute.buyer,
        thread_keys=(ThreadKey(value=dispute.key),),
        own_keys=(dispute.key,),
        kind=about.kind,
        stage=Stage.POST_SALE,
        order_id=order_id,
        respond_by=dispute.respond_by if waits else None,
        topic=about.topic,
        marketplace=site,
        order_value=_value(dispute.amount) or _total(order),
        currency=dispute.amount.text("currency", default="").upper()
        or order.text("currency", default="")
        or None,
        links={"case": order_page(site, order_id)},
    )


def _verdict(kind: Kind, dispute: Dispute, before: str) -> tuple[Verdict, str]:
    claim = kind is Kind.CLAIM
    if dispute.phase is Phase.CLOSED:
        # A request that was withdrawn or decided awaits no answer; a claim has a line of its own.
        ended = Verdict.CLAIM_CLOSED if claim else Verdict.ANSWERED_ELSEWHERE
        return ended, f"closed in eBay ({_spoken(dispute.status)})"
    if dispute.phase is Phase.OTHERS and before:
        return Verdict.ANSWERED_ELSEWHERE, "eBay waits for the seller no longer"
    opened = Verdict.CLAIM if claim else Verdict.CUSTOMER
    return opened, "eBay waits for the seller again" if before else "opened in eBay"


def _sent_at(dispute: Dispute, before: str, seen: datetime) -> datetime:
    """When it was opened; a later change is not dated, so it counts from when it was seen."""
    if before or dispute.opened_at is None:
        return seen
    return min(dispute.opened_at, seen)


def _text(dispute: Dispute) -> str:
    lines = [dispute.comment.strip()] if dispute.comment.strip() else []
    if dispute.reason:
        lines.append(f"Reason: {_spoken(dispute.reason)}")
    lines.append(f"Status in eBay: {_spoken(dispute.status)}")
    amount = _value(dispute.amount)
    if amount is not None:
        lines.append(f"Amount: {amount} {dispute.amount.text('currency', default='')}".strip())
    if dispute.item:
        lines.append(f"Item: {dispute.item}")
    return "\n".join(lines)


def _spoken(word: str) -> str:
    return word.replace("_", " ").replace("/", ", ").lower().strip(", ") or "unknown"


def _value(amount: Fields) -> Decimal | None:
    found = amount.amount("value", default=Decimal(-1))
    return found if found >= 0 else None


def _total(order: Fields) -> Decimal | None:
    found = order.amount("total", default=Decimal(-1))
    return found if found >= 0 else None
