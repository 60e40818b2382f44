"""Toybox's messages, explained. Pure."""

from connectors.contract import InboundMessage, RawItem, ThreadKey, Verdict
from connectors.fields import Fields
from sla_rules.vocabulary import Stage

VERDICTS = {
    "buyer": (Verdict.CUSTOMER, "the buyer wrote"),
    "seller": (Verdict.ANSWERED_ELSEWHERE, "answered in Toybox or by us"),
    "autoresponder": (Verdict.AUTO_REPLY, "Toybox's own absence notice"),
}
UNKNOWN = (Verdict.NOTICE, "Toybox itself, or a sender this version does not know")


def explain(item: RawItem) -> InboundMessage:
    """One message of Toybox. Raises Malformed."""
    raw = Fields.of(item.payload)
    thread, text = raw.text("thread"), raw.text("text", default="")
    verdict, reason = VERDICTS.get(raw.text("from", default=""), UNKNOWN)
    order = raw.text("order", default="") or None
    buyer = raw.inner("buyer")
    return InboundMessage(
        external_id=raw.id("id"),
        verdict=verdict,
        reason=reason,
        sent_at=min(raw.instant("sent_at"), item.received_at),
        subject=order or "",
        text=text,
        full_text=text,
        sender_handle=buyer.id("id", default=""),
        sender_name=buyer.text("name", default=""),
        thread_keys=(ThreadKey(value=f"thread:{thread}"),),
        own_keys=(f"thread:{thread}",),
        stage=Stage.POST_SALE if order else Stage.PRE_SALE,
        order_id=order,
        language="en",
        reply_context={"thread": thread},
    )
