"""Requests to return, refund or replace, explained. Pure.

Statuses and their meaning are those of the webhook page "Return status change" and of "Search
Returns"; the deadline is that of the seller's next action, which only the search gives.
"""

from datetime import datetime
from typing import Final

from connectors.contract import InboundMessage, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

WAITING: Final = frozenset({"RETURN_OR_REFUND_REQUEST_PENDING", "REPLACEMENT_REQUEST_PENDING"})

DECIDED: Final = frozenset(
    {
        "REFUND_OR_RETURN_REQUEST_REJECT",
        "AWAITING_BUYER_SHIP",
        "AWAITING_BUYER_RESPONSE",
        "REJECT_RECEIVE_PACKAGE",
        "RETURN_OR_REFUND_REQUEST_SUCCESS",
        "REPLACEMENT_REQUEST_REJECT",
        "REPLACEMENT_REQUEST_REFUND_SUCCESS",
        "REPLACEMENT_REQUEST_COMPLETE",
    }
)
"""The seller has decided: an answer given in Seller Center."""

OVER: Final = frozenset(
    {
        "RETURN_OR_REFUND_REQUEST_CANCEL",
        "RETURN_OR_REFUND_REQUEST_COMPLETE",
        "REPLACEMENT_REQUEST_CANCEL",
    }
)
"""Withdrawn, closed by the platform, or paid out."""

WISHES: Final = {
    "REFUND": "a refund without return",
    "RETURN_AND_REFUND": "a return and a refund",
    "REPLACEMENT": "a replacement",
}

NAMES: Final = {
    "SELLER_RESPOND_REFUND": "decide on the refund",
    "SELLER_RESPOND_RETURN": "decide on the return",
    "SELLER_RESPOND_RECEIVE_PACKAGE": "check the parcel that came back",
    "SELLER_RESPOND_REPLACEMENT": "decide on the replacement",
}


def source_id(event: Fields) -> str:
    """One status of one request, by whatever way it came in. Raises Malformed."""
    status, at = event.text("return_status", default=""), event.number("update_time", default=0)
    return f"return:{event.id('return_id')}:{status}:{at}"


def explain_return(event: Fields, received_at: datetime, marketplace: str) -> InboundMessage:
    """One status of one request. Raises Malformed."""
    status = event.text("return_status")
    changed = event.instant_or_none("update_time") or event.instant_or_none("create_time")
    if changed is None:
        raise Malformed(f"{event.at}.update_time", "an instant was expected")
    order_id = event.id("order_id", default="") or None
    step, due = _next_action(event)
    verdict, reason = _judged(status, event, step)
    thread = f"return:{event.id('return_id')}"
    text = _text(event, status, order_id, step)
    disputed = event.text("arbitration_status", default="") == "IN_PROGRESS"
    return InboundMessage(
        external_id=source_id(event),
        verdict=verdict,
        reason=reason,
        sent_at=min(changed, received_at),
        subject=f"Return request, order {order_id}" if order_id else "Return request",
        text=text,
        full_text=text,
        sender_handle="",
        sender_name="TikTok Shop",
        thread_keys=(ThreadKey(value=thread),),
        own_keys=(thread,),
        kind=Kind.CLAIM if disputed else Kind.RETURN_REQUEST,
        stage=Stage.POST_SALE,
        order_id=order_id,
        respond_by=due,
        topic=Topic.CLAIM if disputed else Topic.RETURN,
        marketplace=marketplace,
    )


def _judged(status: str, event: Fields, step: str) -> tuple[Verdict, str]:
    shown = status.lower().replace("_", " ")
    if event.text("arbitration_status", default="") == "IN_PROGRESS":
        return Verdict.CLAIM, f"TikTok itself decides between buyer and shop ({shown})"
    if status in WAITING or step:
        return Verdict.CUSTOMER, f"TikTok waits for the shop ({shown})"
    if status in DECIDED:
        return Verdict.ANSWERED_ELSEWHERE, f"decided in Seller Center ({shown})"
    if status in OVER:
        return Verdict.CLAIM_CLOSED, f"the request is over ({shown})"
    return Verdict.DELIVERY_NOTICE, f"the request goes on without the shop ({shown})"


def _next_action(event: Fields) -> tuple[str, datetime | None]:
    """What the seller has to do, and until when; the most urgent of several."""
    found = [
        (one.instant_or_none("deadline"), one.text("action", default=""))
        for one in event.each("seller_next_action_response")
    ]
    due = sorted((at, action) for at, action in found if at is not None)
    if due:
        return due[0][1], due[0][0]
    return (found[0][1], None) if found else ("", None)


def _text(event: Fields, status: str, order_id: str | None, step: str) -> str:
    wish = WISHES.get(event.text("return_type", default=""), "a return")
    reason = event.text("return_reason_text", default="")
    items = [one.text("product_name", default="") for one in event.each("return_line_items")]
    refund = event.inner("refund_amount")
    amount = refund.text("refund_total", default="")
    lines = [
        f"The buyer of order {order_id or '?'} asks for {wish}.",
        f"Status: {status.lower().replace('_', ' ')}",
        f"Reason: {reason}" if reason else "",
        f"Items: {', '.join(item for item in items if item)}" if any(items) else "",
        f"Refund: {amount} {refund.text('currency', default='')}".rstrip() if amount else "",
        f"To do in Seller Center: {NAMES.get(step, step.lower())}" if step else "",
    ]
    return "\n".join(line for line in lines if line)
