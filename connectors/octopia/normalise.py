"""Messages of discussions, explained. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from connectors.contract import Attachment, InboundMessage, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.media import media_type_of
from connectors.octopia.discussion import (
    AUTOMATIC,
    CUSTOMER,
    OPERATOR,
    SELLER,
    level,
    plain,
    read_by,
    said_at,
    writer,
)
from connectors.octopia.subjects import subjects
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

_BY_WRITER: Final = {
    CUSTOMER: (Verdict.CUSTOMER, "the customer wrote"),
    SELLER: (Verdict.ANSWERED_ELSEWHERE, "the shop wrote, here or in the seller area"),
    OPERATOR: (Verdict.NOTICE, "customer service of the sales channel wrote"),
    AUTOMATIC: (Verdict.AUTO_REPLY, "the sales channel wrote by itself"),
}
_STRANGER: Final = (Verdict.NOTICE, "written by somebody this version does not know")
_TO_SERVICE: Final = (Verdict.NOTICE, "the shop wrote to customer service, not to the customer")


def explain(item: RawItem) -> InboundMessage:
    """One raw item of Octopia. Raises Malformed."""
    raw = Fields.of(item.payload)
    discussion = raw.inner("discussion")
    if raw.flag("closed"):
        return _closing(discussion, item)
    if isinstance(raw.value.get("raised"), str):
        return _raised(discussion, item)
    return _message(discussion, raw.inner("message"), item)


def _message(discussion: Fields, said: Fields, item: RawItem) -> InboundMessage:
    by, name, at = writer(said), said.id("messageId"), said_at(said)
    if not by:
        raise Malformed("message.sender.userType", "nobody wrote this")
    if at is None:
        raise Malformed("message.createdAt", "an instant was expected")
    verdict, reason = _verdict(by, read_by(said))
    text = plain(said.text("body", default=""))
    return replace(
        _about(discussion, item),
        external_id=name,
        verdict=verdict,
        reason=reason,
        kind=Kind.NOTICE if verdict is Verdict.NOTICE else _kind(discussion),
        sent_at=min(at, item.received_at),
        text=text,
        full_text=text,
        refers_to=(name,) if by == SELLER else (),
        attachments=_attachments(discussion, name, said.each("attachments")),
    )


def _closing(discussion: Fields, item: RawItem) -> InboundMessage:
    """Nobody waits for an answer in a closed discussion. Who closed it is not told."""
    said = "The discussion is closed."
    changed = discussion.instant_or_none("updatedAt") or item.received_at
    return replace(
        _about(discussion, item),
        reason="the discussion is closed and takes no message",
        sent_at=min(changed, item.received_at),
        text=said,
        full_text=said,
    )


def _raised(discussion: Fields, item: RawItem) -> InboundMessage:
    said = "The discussion was raised to a claim."
    changed = discussion.instant_or_none("updatedAt") or item.received_at
    return replace(
        _about(discussion, item),
        verdict=Verdict.CUSTOMER,
        reason=f"the discussion became a claim ({level(discussion) or 'not said how far'})",
        kind=Kind.CLAIM,
        topic=Topic.CLAIM,
        sent_at=min(changed, item.received_at),
        text=said,
        full_text=said,
    )


def _about(discussion: Fields, item: RawItem) -> InboundMessage:
    """What every item of a discussion shares."""
    name, order = discussion.id("discussionId"), _order(discussion)
    subject = discussion.text("subTypologyCode", default="")
    channel = subjects().channel(discussion.text("salesChannel", default=""))
    raised = level(discussion)
    named = discussion.text("subject", default="").strip()
    key = f"discussion:{name}"
    return InboundMessage(
        external_id=item.source_id,
        verdict=Verdict.ANSWERED_ELSEWHERE,
        reason="",
        sent_at=item.received_at,
        subject=named or f"Discussion {name}",
        text="",
        full_text="",
        sender_handle=discussion.id("customerId", default=""),
        sender_name="",
        thread_keys=(ThreadKey(value=key),),
        own_keys=(key,),
        stage=_stage(discussion, order),
        order_id=order,
        topic=_topic(discussion, subject),
        marketplace=channel.name,
        tags=tuple(filter(None, (subject, f"graduation:{raised}" if raised else ""))),
        language=channel.language,
        reply_context={"discussion": name, "order": order},
    )


def _verdict(by: str, to: frozenset[str]) -> tuple[Verdict, str]:
    if by == SELLER and to and CUSTOMER not in to:
        return _TO_SERVICE
    return _BY_WRITER.get(by, _STRANGER)


def _kind(discussion: Fields) -> Kind:
    return Kind.CLAIM if level(discussion) else Kind.MESSAGE


def _topic(discussion: Fields, subject: str) -> Topic:
    if level(discussion):
        return Topic.CLAIM
    known = subjects().topics.get(subject)
    if known is not None:
        return known
    return Topic.PRE_SALE_QUESTION if _is_about_offer(discussion) else Topic.OTHER


def _stage(discussion: Fields, order: str | None) -> Stage:
    if order:
        return Stage.POST_SALE
    return Stage.PRE_SALE if _is_about_offer(discussion) else Stage.UNKNOWN


def _is_about_offer(discussion: Fields) -> bool:
    return discussion.text("typologyCode", default="").lower() == "offer"


def _order(discussion: Fields) -> str | None:
    reference = discussion.id("orderReference", default="")
    return reference or discussion.id("orderSellerId", default="") or None


def _attachments(
    discussion: Fields, message: str, files: Sequence[Fields]
) -> tuple[Attachment, ...]:
    names = (
        one.text("attachmentName", default="") or one.text("name", default="") for one in files
    )
    return tuple(
        Attachment(
            name=name or "attachment",
            media_type=media_type_of(name),
            size=0,
            ref=f"{discussion.id('discussionId')} {message} {number}",
        )
        for number, name in enumerate(names)
    )
