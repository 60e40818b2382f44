"""Messages of threads, explained. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from connectors.contract import (
    Attachment,
    InboundMessage,
    Json,
    RawItem,
    ThreadKey,
    Verdict,
)
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.media import media_type_of
from connectors.mirakl import cases
from connectors.mirakl.config import Config
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

CUSTOMER: Final = "CUSTOMER"
OPERATOR: Final = "OPERATOR"
SHOP: Final = "SHOP"

_ORDERS: Final = frozenset({"MMP_ORDER", "MPS_ORDER"})
_OFFERS: Final = frozenset({"MMP_OFFER", "MPS_SERVICE"})


def explain(item: RawItem, config: Config) -> InboundMessage:
    """One raw item of Mirakl. Raises Malformed."""
    raw = Fields.of(item.payload)
    for name, explanation in cases.EXPLANATIONS.items():
        if isinstance(raw.value.get(name), dict):
            return explanation(raw.inner(name), item, config)
    thread = raw.inner("thread")
    if isinstance(raw.value.get("no_reply"), dict):
        return _no_reply(thread, raw.inner("no_reply"), item, config)
    return _message(thread, raw.inner("message"), item, config)


def _message(thread: Fields, raw: Fields, item: RawItem, config: Config) -> InboundMessage:
    writer = raw.inner("from").text("type").removesuffix("_USER")
    to = _types(raw.each("to"))
    aside = _is_aside(thread, writer, to)
    name, text = raw.id("id"), raw.text("body", default="")
    verdict, reason = _verdict(writer, to, aside=aside)
    sent_at = min(raw.instant("date_created"), item.received_at)
    entity, order_id = _entity(thread), _order(thread)
    return InboundMessage(
        external_id=name,
        verdict=verdict,
        reason=reason,
        sent_at=sent_at,
        subject=_subject(thread),
        text=text,
        full_text=text,
        sender_handle=_handle(thread, aside=aside),
        sender_name=raw.inner("from").text("display_name", default=""),
        thread_keys=_keys(thread, aside=aside),
        own_keys=tuple(key.value for key in _keys(thread, aside=aside)),
        refers_to=(name,) if writer == SHOP else (),
        kind=Kind.NOTICE if verdict is Verdict.NOTICE else Kind.MESSAGE,
        stage=_stage(entity),
        order_id=order_id,
        waiting_since=_waiting_since(thread, sent_at) if verdict is Verdict.CUSTOMER else None,
        topic=Topic.PRE_SALE_QUESTION if entity in _OFFERS and not aside else Topic.OTHER,
        marketplace=config.operator,
        tags=_tags(thread, aside=aside),
        language=config.marketplace.language or None,
        attachments=_attachments(raw),
        reply_context=_context(thread, writer, to, aside=aside),
    )


def _context(thread: Fields, writer: str, to: frozenset[str], *, aside: bool) -> Mapping[str, Json]:
    customer = _participant(thread, CUSTOMER)
    return {
        "thread": thread.id("id"),
        "order": _order(thread),
        "customer": customer.id("id", default=""),
        "name": customer.text("display_name", default=""),
        # Whoever spoke last in it: an answer in the customer's conversation is the customer's.
        "writer": OPERATOR if aside else CUSTOMER,
        "to": list[Json](sorted(to | ({OPERATOR} if writer == OPERATOR else set()))),
    }


def _no_reply(thread: Fields, raw: Fields, item: RawItem, config: Config) -> InboundMessage:
    """Somebody pressed "no reply needed" in the back office: Mirakl waits for the shop no more."""
    who = "the operator" if raw.text("user_type", default="") == OPERATOR else "the shop"
    said = f"Marked as needing no answer by {who}."
    at = raw.instant("date")
    return InboundMessage(
        external_id=f"no_reply:{thread.id('id')}:{at.isoformat()}",
        verdict=Verdict.ANSWERED_ELSEWHERE,
        reason=f"{who} marked the conversation as needing no answer, in Mirakl's back office",
        sent_at=min(at, item.received_at),
        subject=_subject(thread),
        text=said,
        full_text=said,
        sender_handle=_handle(thread, aside=False),
        sender_name="",
        thread_keys=_keys(thread, aside=False),
        own_keys=tuple(key.value for key in _keys(thread, aside=False)),
        stage=_stage(_entity(thread)),
        order_id=_order(thread),
        marketplace=config.operator,
    )


def _verdict(writer: str, to: frozenset[str], *, aside: bool) -> tuple[Verdict, str]:
    if writer == SHOP:
        to_whom = "the operator" if aside else "the customer"
        return Verdict.ANSWERED_ELSEWHERE, f"the shop wrote to {to_whom}, here or in Mirakl"
    if writer == OPERATOR:
        return Verdict.NOTICE, "the operator of the marketplace wrote"
    if writer == CUSTOMER and to and SHOP not in to:
        return Verdict.NOTICE, "the customer wrote to the operator, not to the shop"
    if writer == CUSTOMER:
        return Verdict.CUSTOMER, "the customer wrote"
    if not writer:
        raise Malformed("message.from.type", "nobody wrote this")
    return Verdict.NOTICE, "written by somebody this version does not know"


def _is_aside(thread: Fields, writer: str, to: frozenset[str]) -> bool:
    """Between shop and operator, behind the customer's back: a conversation of its own.

    An answer to the operator must not stop the clock of the customer, and one to the customer must
    not go to the operator.
    """
    if _entity(thread) == "SELLER_OPERATOR":
        return True
    if writer == OPERATOR:
        return CUSTOMER not in to
    return writer == SHOP and bool(to) and CUSTOMER not in to


def _keys(thread: Fields, *, aside: bool) -> tuple[ThreadKey, ...]:
    return (ThreadKey(value=f"{'operator' if aside else 'thread'}:{thread.id('id')}"),)


def _handle(thread: Fields, *, aside: bool) -> str:
    if aside:
        return "operator"
    customer = _participant(thread, CUSTOMER)
    return customer.id("id", default="") or thread.inner("customer_organization").id(
        "id", default=""
    )


def _participant(thread: Fields, kind: str) -> Fields:
    listed = thread.each("authorized_participants")
    found = (one for one in listed if one.text("type", default="") == kind)
    return next(found, Fields({}))


def _types(participants: Sequence[Fields]) -> frozenset[str]:
    return frozenset(one.text("type", default="") for one in participants) - {""}


def _entity(thread: Fields) -> str:
    """What the thread is about: an order before an offer, an offer before the shop itself."""
    kinds = {one.text("type", default="") for one in thread.each("entities")}
    for known in (*sorted(_ORDERS), *sorted(_OFFERS), "SELLER_OPERATOR"):
        if known in kinds:
            return known
    return ""


def _order(thread: Fields) -> str | None:
    orders = (
        one.id("id", default="")
        for one in thread.each("entities")
        if one.text("type", default="") in _ORDERS
    )
    return next(filter(None, orders), None)


def _stage(entity: str) -> Stage:
    if entity in _ORDERS:
        return Stage.POST_SALE
    return Stage.PRE_SALE if entity in _OFFERS else Stage.UNKNOWN


def _subject(thread: Fields) -> str:
    topic = thread.inner("topic").text("value", default="")
    labels = (one.text("label", default="") for one in thread.each("entities"))
    return topic or next(filter(None, labels), "")


def _tags(thread: Fields, *, aside: bool) -> tuple[str, ...]:
    topic = thread.inner("topic")
    code = (
        topic.text("value", default="") if topic.text("type", default="") == "REASON_CODE" else ""
    )
    business = bool(thread.inner("customer_organization").value)
    named = (("operator", aside), ("b2b", business), (f"reason:{code}".lower(), bool(code)))
    return tuple(tag for tag, holds in named if holds)


def _waiting_since(thread: Fields, sent_at: datetime) -> datetime | None:
    """Since when Mirakl counts the shop as owing an answer, for messages this is about."""
    since = thread.inner("metadata").instant_or_none("shop_reply_needed_since")
    return since if since is not None and since <= sent_at else None


def _attachments(raw: Fields) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            name=one.text("name", default="") or "attachment",
            media_type=media_type_of(one.text("name", default="")),
            size=max(one.number("size", default=0), 0),
            ref=one.id("id", default=""),
        )
        for one in raw.each("attachments")
    )
