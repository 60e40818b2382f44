"""Raw items of TikTok Shop, explained. Pure.

A raw item is an envelope: `what` it is, the shop it came to, the platform's own JSON, and for a
chat message the head of its conversation and what the conversation was about when it was written.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.tiktok_shop.contents import MARKERS, Content, read_content
from connectors.tiktok_shop.greetings import is_only_a_greeting
from connectors.tiktok_shop.returns import explain_return
from sla_rules.topics import Topic
from sla_rules.vocabulary import Stage

CLOSES_AFTER: Final = timedelta(days=7)
"""A conversation is closed when a buyer's message has had no answer for so long (API overview)."""

STAGES: Final[Mapping[str, Stage]] = MappingProxyType(
    {
        "presale": Stage.PRE_SALE,
        "aftersale": Stage.POST_SALE,
        "logistics": Stage.POST_SALE,
    }
)
"""What TikTok's own label of a session says of the buyer (`chat_tags` of the sessions' search)."""

MARKETPLACES: Final[Mapping[str, str]] = MappingProxyType({"gb": "uk"})
"""Regions that the desk names otherwise than TikTok does."""

AUTOMATIC: Final = {
    "SHOP": "the shop's automatic answer or its questions and answers",
    "SYSTEM": "TikTok's own words",
    "ROBOT": "the shop's chatbot",
}


def explain(item: RawItem, stop_roles: Collection[str]) -> InboundMessage:
    """One raw item; `stop_roles` are senders whose words are a person's answer. Raises Malformed."""
    raw = Fields.of(item.payload)
    shop = raw.inner("shop")
    region = shop.text("region", default="").lower()
    marketplace = MARKETPLACES.get(region, region)
    match raw.text("what"):
        case "message":
            return _message(raw, item.received_at, marketplace, stop_roles)
        case "return":
            return explain_return(raw.inner("return"), item.received_at, marketplace)
        case "consent":
            return _consent(raw.inner("event"), item, marketplace)
        case _:
            raise Malformed("what", "no kind of item that this version knows")


def _message(
    raw: Fields, received_at: datetime, marketplace: str, stop_roles: Collection[str]
) -> InboundMessage:
    message, head = raw.inner("message"), raw.inner("conversation")
    conversation = head.id("id")
    kind = message.text("type", default="")
    content = read_content(kind, message.text("content"))
    buyer, sender = head.inner("buyer"), message.inner("sender")
    verdict, reason = _judged(kind, _role(sender, buyer), content, stop_roles)
    sent_at = min(message.instant("create_time"), received_at)
    about, _, subject = raw.text("about", default="").partition(":")
    labels = raw.texts("labels")
    order_id = content.order_id or (subject if about == "order" else "") or None
    external_id = message.id("id")
    thread = f"conversation:{conversation}"
    from_buyer = verdict is Verdict.CUSTOMER
    return InboundMessage(
        external_id=external_id,
        verdict=verdict,
        reason=reason,
        sent_at=sent_at,
        subject=f"Order {order_id}" if order_id else "",
        text=content.text,
        full_text=content.text,
        sender_handle=buyer.id("user_id", default="") or buyer.id("im_user_id", default=""),
        sender_name=(sender if from_buyer else buyer).text("nickname", default=""),
        thread_keys=(ThreadKey(value=thread),),
        own_keys=(thread,),
        refers_to=() if from_buyer else (external_id,),
        stage=_stage(order_id, content.product_id or about == "product", labels),
        order_id=order_id,
        reply_until=sent_at + CLOSES_AFTER if from_buyer else None,
        topic=Topic.RETURN if kind == "RETURN_REFUND_CARD" else Topic.OTHER,
        marketplace=marketplace,
        tags=_tags(head, labels),
        attachments=content.attachments,
        reply_context=_reply_context(conversation, head),
    )


def _role(sender: Fields, buyer: Fields) -> str:
    """Who wrote. Raises Malformed where neither a role nor the buyer's own id tells."""
    role = sender.text("role", default="").upper()
    if role:
        return role
    person, of_buyer = sender.id("im_user_id", default=""), buyer.id("im_user_id", default="")
    if person and person == of_buyer:
        return "BUYER"
    raise Malformed(f"{sender.at}.role", "nobody is named as the sender")


def _judged(
    kind: str, role: str, content: Content, stop_roles: Collection[str]
) -> tuple[Verdict, str]:
    if kind in MARKERS:
        return Verdict.AUTO_REPLY, f"a line of TikTok's own ({kind.lower()}): {content.text}"
    if role == "BUYER":
        return Verdict.CUSTOMER, "the buyer wrote"
    if role in stop_roles:
        if is_only_a_greeting(content.text):
            return Verdict.AUTO_REPLY, "only a greeting: TikTok does not count it as an answer"
        return Verdict.ANSWERED_ELSEWHERE, "the shop answered in TikTok, or we did"
    if role == "CUSTOMER_SERVICE" or role in AUTOMATIC:
        return Verdict.AUTO_REPLY, f"{AUTOMATIC.get(role, 'an agent')}: stops no clock"
    return Verdict.NOTICE, f"from a sender this version does not know ({role.lower()})"


def _stage(order_id: str | None, product: str | bool, labels: Sequence[str]) -> Stage:
    """An order named or a product looked at says more than the label of the whole session."""
    if order_id:
        return Stage.POST_SALE
    if product:
        return Stage.PRE_SALE
    known = (STAGES.get(label.lower().replace("_", "")) for label in labels)
    return next((stage for stage in known if stage is not None), Stage.UNKNOWN)


def _tags(head: Fields, labels: Sequence[str]) -> Sequence[str]:
    phase = head.inner("session").text("phase", default="").lower()
    platform = head.inner("buyer").text("platform", default="").lower()
    return (
        *(f"session:{label.lower()}" for label in labels),
        *((f"phase:{phase}",) if phase else ()),
        *((platform,) if platform == "tokopedia" else ()),
        *(() if head.flag("can_send_message", default=True) else ("no_answer_possible",)),
    )


def _reply_context(conversation: str, head: Fields) -> dict[str, Json]:
    name = head.inner("buyer").text("nickname", default="")
    return {"conversation": conversation, "buyer": name}


def _consent(event: Fields, item: RawItem, marketplace: str) -> InboundMessage:
    """Seller deauthorisation (6) and the approaching end of the authorisation (7)."""
    ended = event.number("type") == 6  # noqa: PLR2004 - its number in the list of webhooks
    until = event.inner("data").instant_or_none("expiration_time")
    when = f" on {until:%d %B %Y}" if until else " soon"
    text = (
        "The shop has withdrawn its consent: nothing is read or sent until it authorises the app again."
        if ended
        else f"The shop's consent ends{when}. Authorise the app again before that."
    )
    return InboundMessage(
        external_id=f"consent:{event.id('tts_notification_id')}",
        verdict=Verdict.NOTICE,
        reason="TikTok says so of the shop's consent",
        sent_at=min(event.instant("timestamp"), item.received_at),
        subject="TikTok Shop: the app's access",
        text=text,
        full_text=text,
        sender_handle="",
        sender_name="TikTok Shop",
        thread_keys=(ThreadKey(value="consent"),),
        marketplace=marketplace,
    )
