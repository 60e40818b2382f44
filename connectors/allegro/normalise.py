"""Messages of threads, explained. Pure."""

from connectors.allegro.attached import MESSAGES, attachments
from connectors.allegro.client import Edition
from connectors.allegro.explain_issue import explain_chat, explain_state
from connectors.allegro.items import BLOCKED
from connectors.allegro.people import VERDICTS, Writer, customer_login, handle_of, writer_of
from connectors.allegro.subjects import subjects
from connectors.contract import InboundMessage, RawItem, ThreadKey, Verdict
from connectors.fields import Fields
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage


def explain(item: RawItem, marketplace: str) -> InboundMessage:
    """One raw item of an account opened in `marketplace`. Raises Malformed."""
    raw = Fields.of(item.payload)
    if isinstance(raw.value.get("chat"), dict):
        return explain_chat(raw, item, marketplace)
    if isinstance(raw.value.get("issue"), dict):
        return explain_state(raw, item, marketplace)
    return _message(raw, item, marketplace)


def _message(raw: Fields, item: RawItem, marketplace: str) -> InboundMessage:
    thread, said = raw.inner("thread"), raw.inner("message")
    is_beta = raw.text("edition", default="") == Edition.BETA
    edition = Edition.BETA if is_beta else Edition.PUBLIC
    writer = writer_of(said, thread, edition)
    name, number = said.id("id", default="") or item.source_id, thread.id("id")
    text = said.text("text", default="")
    verdict, reason = _verdict(writer, said)
    login = customer_login(thread) or _author(said, writer)
    order, offer = _about(raw, thread, "order"), _about(raw, thread, "offer")
    stage = _stage(order, offer, said)
    sub_type = subjects().code(thread.text("subType", default=""))
    key = f"thread:{number}"
    return InboundMessage(
        external_id=name,
        verdict=verdict,
        reason=reason,
        sent_at=min(said.instant("createdAt"), item.received_at),
        subject=_subject(said, order, offer),
        text=text,
        full_text=text,
        sender_handle=handle_of(login),
        sender_name=login,
        thread_keys=(ThreadKey(value=key),),
        own_keys=(key,),
        refers_to=(name,) if writer is Writer.SELLER else (),
        kind=_kind(verdict, is_problem=is_beta),
        stage=Stage.POST_SALE if is_beta else stage,
        order_id=order or None,
        topic=_topic(stage, sub_type, is_problem=is_beta),
        marketplace=marketplace,
        tags=_tags(said, sub_type, is_problem=is_beta),
        attachments=attachments(said.each("attachments"), MESSAGES),
        reply_context={"thread": number, "edition": str(edition), "order": order, "to": login},
    )


def _verdict(writer: Writer, said: Fields) -> tuple[Verdict, str]:
    if writer is Writer.SELLER and said.text("status", default="") == BLOCKED:
        return Verdict.BOUNCE, "Allegro blocked this answer: the customer did not get it"
    return VERDICTS[writer]


def _author(said: Fields, writer: Writer) -> str:
    return said.inner("author").text("login", default="") if writer is Writer.CUSTOMER else ""


def _about(raw: Fields, thread: Fields, what: str) -> str:
    """The order or offer of a message: its own, one named before it, or the problem's only one."""
    own = raw.inner("message").inner("relatesTo")
    named = {key: own.inner(key).id("id", default="") for key in ("order", "offer")}
    if any(named.values()):
        return named[what]
    orders = thread.each("orders")
    if len(orders) == 1 and what == "order":
        return orders[0].id("id", default="")
    return raw.inner("about").id(what, default="")


def _stage(order: str, offer: str, said: Fields) -> Stage:
    if order:
        return Stage.POST_SALE
    is_question = said.text("type", default="") == "ASK_QUESTION"
    return Stage.PRE_SALE if offer or is_question else Stage.UNKNOWN


def _kind(verdict: Verdict, *, is_problem: bool) -> Kind:
    if verdict is Verdict.NOTICE:
        return Kind.NOTICE
    return Kind.CLAIM if is_problem else Kind.MESSAGE


def _topic(stage: Stage, sub_type: str, *, is_problem: bool) -> Topic:
    if is_problem:
        return subjects().topic(sub_type)
    return Topic.PRE_SALE_QUESTION if stage is Stage.PRE_SALE else Topic.OTHER


def _subject(said: Fields, order: str, offer: str) -> str:
    told = said.text("subject", default="")
    if told:
        return told
    if order:
        return f"Order {order}"
    return f"Offer {offer}" if offer else ""


def _tags(said: Fields, sub_type: str, *, is_problem: bool) -> tuple[str, ...]:
    is_blocked = said.text("status", default="") == BLOCKED
    named = (("problem", is_problem), (sub_type, bool(sub_type)), ("blocked", is_blocked))
    return tuple(tag for tag, holds in named if holds)
