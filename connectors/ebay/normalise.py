"""eBay's messages and feedback, explained. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.contract import (
    Attachment,
    InboundMessage,
    Json,
    RawItem,
    ThreadKey,
    Verdict,
)
from connectors.ebay.client import SYSTEM
from connectors.ebay.dispute import DisputeKind
from connectors.ebay.explain_dispute import explain_dispute
from connectors.ebay.sites import messages_page, order_page, site_of
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.mail.html import html_lines
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

AUTOMATIC_WITHIN: Final = timedelta(seconds=15)
"""Nobody reads a first question and answers it in less; eBay's absence notice does."""

QUIET_BEFORE: Final = timedelta(minutes=10)
"""A question after so long a silence is a first one: in a chat, people do answer at once."""

_SPEAKS_AS: Final = "ebay"
_TYPES: Final = MappingProxyType(
    {"IMAGE": "image/jpeg", "PDF": "application/pdf", "DOC": "application/msword"}
)
_PICTURES: Final = MappingProxyType({"png": "image/png", "gif": "image/gif", "webp": "image/webp"})


def explain(item: RawItem, automatic_texts: Sequence[str] = ()) -> InboundMessage:
    """One item of an eBay inbox. Raises Malformed."""
    raw = Fields.of(item.payload)
    kind = raw.text("kind", default="")
    if kind == "message":
        return _message(raw, item, automatic_texts)
    if kind == "feedback":
        return _feedback(raw, item)
    if kind in set(DisputeKind):
        return explain_dispute(DisputeKind(kind), raw, item)
    raise Malformed("kind", "an item of a kind this version does not know")


def _message(raw: Fields, item: RawItem, automatic_texts: Sequence[str]) -> InboundMessage:
    message, head, order = raw.inner("message"), raw.inner("conversation"), raw.inner("order")
    people = _People(raw)
    files = _files(message)
    body = message.text("messageBody", default="" if files else None)
    text = "\n".join(line.text for line in html_lines(body, [])) if people.system else body
    conversation = head.id("conversationId")
    sent_at = min(message.instant("createdDate"), item.received_at)
    verdict, reason = people.verdict(sent_at, text, automatic_texts)
    site = site_of(order.text("marketplaceId", default=""), raw.text("site", default=""))
    order_id = order.id("orderId", default="") or None
    known = message.id("messageId")
    return InboundMessage(
        external_id=known,
        verdict=verdict,
        reason=reason,
        sent_at=sent_at,
        subject=head.text("conversationTitle", default="") or message.text("subject", default=""),
        text=text,
        full_text=text,
        sender_handle=people.other,
        sender_name=people.sender or people.other,
        thread_keys=(ThreadKey(value=f"conversation:{conversation}"),),
        own_keys=(f"conversation:{conversation}",),
        refers_to=(known,) if verdict is Verdict.ANSWERED_ELSEWHERE else (),
        kind=Kind.NOTICE if verdict is Verdict.NOTICE else Kind.MESSAGE,
        stage=_stage(raw, order_id, verdict),
        order_id=order_id,
        marketplace=site,
        order_value=_value(order),
        currency=order.text("currency", default="") or None,
        attachments=files,
        links={"case": messages_page(site)} if people.system else {},
        reply_context=_context(head, people.other, order_id, site)
        if verdict is Verdict.CUSTOMER
        else {},
    )


def _context(head: Fields, buyer: str, order_id: str | None, site: str) -> dict[str, Json]:
    """What an answer and the links of a conversation need."""
    return {
        "conversation": head.id("conversationId"),
        "buyer": buyer,
        "item": head.id("referenceId", default=""),
        "order": order_id or "",
        "site": site,
    }


class _People:
    """Who wrote to whom. `other` is whoever of the two is not the seller."""

    def __init__(self, raw: Fields) -> None:
        account, message = raw.inner("account"), raw.inner("message")
        names = (account.text("username", default=""), account.id("userId", default=""))
        self._ours = {name.casefold() for name in names if name}
        self._before = raw.each("before")
        # `send_message` and pushes write the same two fields with a capital N.
        self.sender = _either(message, "senderUsername", "senderUserName")
        recipient = _either(message, "recipientUsername", "recipientUserName")
        if not self.sender and not recipient:
            raise Malformed("message.senderUsername", "text was expected")
        self.own = self.sender.casefold() in self._ours
        self.other = recipient if self.own else self.sender
        of_ebay = raw.inner("conversation").text("conversationType", default="") == SYSTEM
        self.system = of_ebay or self.sender.casefold() == _SPEAKS_AS

    def verdict(
        self, at: datetime, text: str, automatic_texts: Sequence[str]
    ) -> tuple[Verdict, str]:
        """Who speaks: eBay, the buyer, the seller, or a machine in the seller's name."""
        if self.system:
            return Verdict.NOTICE, "eBay itself wrote"
        if not self.own:
            return Verdict.CUSTOMER, "a member wrote"
        words = " ".join(text.split())
        if any(words.startswith(" ".join(one.split())) for one in automatic_texts if one.strip()):
            return Verdict.AUTO_REPLY, "one of the automatic messages named in the settings"
        if self._too_quick(at):
            within = f"{AUTOMATIC_WITHIN.total_seconds():.0f} s"
            return Verdict.AUTO_REPLY, f"an answer within {within} of a first question: automatic"
        return Verdict.ANSWERED_ELSEWHERE, "the seller's answer, typed in eBay or sent by us"

    def _too_quick(self, at: datetime) -> bool:
        earlier = [one for one in self._before if one.instant_or_none("createdDate") is not None]
        if not earlier or earlier[-1].text("senderUsername", default="").casefold() in self._ours:
            return False
        asked = earlier[-1].instant("createdDate")
        silence = earlier[-2].instant("createdDate") if len(earlier) > 1 else None
        first = silence is None or asked - silence >= QUIET_BEFORE
        return first and at - asked <= AUTOMATIC_WITHIN


def _either(fields: Fields, *keys: str) -> str:
    return next((found for key in keys if (found := fields.text(key, default="").strip())), "")


def _stage(raw: Fields, order_id: str | None, verdict: Verdict) -> Stage:
    """After a purchase with an order; before one only where all recent orders are known."""
    if order_id:
        return Stage.POST_SALE
    known = raw.flag("orders_known") and verdict is not Verdict.NOTICE
    return Stage.PRE_SALE if known else Stage.UNKNOWN


def _value(order: Fields) -> Decimal | None:
    total = order.amount("total", default=Decimal(-1))
    return total if total >= 0 else None


def _files(message: Fields) -> Sequence[Attachment]:
    found: list[Attachment] = []
    for medium in message.each("messageMedia"):
        address = medium.text("mediaUrl", default="")
        name = medium.text("mediaName", default="") or "attachment"
        kind = medium.text("mediaType", default="").upper()
        ending = address.partition("?")[0].rpartition(".")[2].lower()
        media_type = _TYPES.get(kind, "text/plain" if kind == "TXT" else "application/octet-stream")
        if kind == "IMAGE":
            media_type = _PICTURES.get(ending, media_type)
        found.append(Attachment(name=name, media_type=media_type, size=0, ref=address))
    return found


_TOPICS: Final[Mapping[str, Topic]] = MappingProxyType(
    {"NEGATIVE": Topic.NEGATIVE_FEEDBACK, "NEUTRAL": Topic.COMPLAINT}
)


def _feedback(raw: Fields, item: RawItem) -> InboundMessage:
    entry, order = raw.inner("feedback"), raw.inner("order")
    known, rating = entry.id("feedbackId"), entry.text("commentType", default="")
    line = entry.inner("orderLineItemSummary")
    buyer = entry.inner("providerUserDetail").text("userId", default="")
    text = entry.inner("feedbackComment").text("commentText", default="")
    order_id = order.id("orderId", default="") or None
    site = site_of(order.text("marketplaceId", default=""), raw.text("site", default=""))
    return InboundMessage(
        external_id=f"feedback:{known}",
        verdict=Verdict.NOTICE,
        reason=f"feedback that is {rating.lower() or 'no praise'}; eBay does not say to the hour when",
        sent_at=item.received_at,
        subject=line.text("listingTitle", default=""),
        text=text,
        full_text=text,
        sender_handle=buyer,
        sender_name=buyer,
        thread_keys=(ThreadKey(value=f"feedback:{known}"),),
        own_keys=(f"feedback:{known}",),
        kind=Kind.NOTICE,
        stage=Stage.POST_SALE,
        order_id=order_id,
        public=True,
        topic=_TOPICS.get(rating.upper(), Topic.OTHER),
        marketplace=site,
        order_value=_value(order),
        currency=order.text("currency", default="") or None,
        links={"case": order_page(site, order_id)},
    )
