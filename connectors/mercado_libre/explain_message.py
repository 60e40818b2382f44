"""Messages after a sale, and what moderation makes of ours. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from connectors.contract import Attachment, InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.media import media_type_of
from connectors.mercado_libre.config import Config
from connectors.mercado_libre.items import moderation_of, resources_of, sellers_of, written_at
from connectors.mercado_libre.refusals import blocked_because, moderated_because
from connectors.mercado_libre.sites import site_of
from sla_rules.vocabulary import Kind, Stage

OPEN_FOR: Final = timedelta(days=30)
"""A conversation closes so long after its last message ("blocked_by_time")."""


def _message(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw, head = outer.inner("message"), outer.inner("conversation")
    writer = raw.inner("from").id("user_id")
    written = _about(raw, head, item, config, _when(raw))
    if writer in sellers_of(raw, config.seller_id):
        verdict, reason = _of_seller(raw, config)
        return replace(
            written,
            verdict=verdict,
            reason=reason,
            sender_handle=raw.inner("to").id("user_id", default=""),
            sender_name=raw.inner("to").text("name", default=""),
            refers_to=(written.external_id,),
            reply_context={},
        )
    return replace(
        written,
        reply_until=written.sent_at + OPEN_FOR,
        reply_context=_context(raw, head, writer, config),
    )


def _moderated(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    """One of ours that the buyer never saw. The buyer's own are never shown to the seller."""
    raw = outer.inner("moderated")
    _, why = moderation_of(raw)
    refused = _about(raw, outer.inner("conversation"), item, config, item.received_at)
    return replace(
        refused,
        external_id=f"moderated:{raw.id('id')}",
        verdict=Verdict.BOUNCE,
        reason=f"Mercado Libre did not deliver this answer: {moderated_because(why)}",
        sender_handle=raw.inner("to").id("user_id", default=""),
        refers_to=(refused.external_id,),
        reply_context={},
    )


def _blocked(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    state, head = outer.inner("blocked"), outer.inner("conversation")
    why = blocked_because(state.text("substatus", default=""))
    text = f"Mercado Libre takes no message in this conversation: {why}."
    at = state.text("status_date", default="")
    raw = Fields({"id": f"{head.id('pack')}:{at}"})
    return replace(
        _about(raw, head, item, config, item.received_at),
        external_id=f"blocked:{head.id('pack')}:{at}",
        verdict=Verdict.NOTICE,
        kind=Kind.NOTICE,
        reason="the conversation was blocked while the customer waits",
        text=text,
        full_text=text,
        reply_context={},
    )


def _about(
    raw: Fields, head: Fields, item: RawItem, config: Config, at: datetime
) -> InboundMessage:
    """Something in a conversation: as the buyer's own message, unless changed."""
    pack, text = head.id("pack"), raw.text("text", default="")
    site = raw.text("site_id", default="") or config.site
    other = raw.text("text_translated", default="").strip()
    key = f"pack:{pack}"
    return InboundMessage(
        external_id=f"message:{raw.id('id')}",
        verdict=Verdict.CUSTOMER,
        reason="the buyer wrote about a sale",
        sent_at=min(at, item.received_at),
        subject=f"Message about sale {pack}",
        text=text,
        full_text=f"{text}\n\n[{other}]" if other and other != text.strip() else text,
        sender_handle=raw.inner("from").id("user_id", default=""),
        sender_name=raw.inner("from").text("name", default=""),
        thread_keys=(ThreadKey(value=key),),
        own_keys=(key,),
        stage=Stage.POST_SALE,
        order_id=_order(raw, pack),
        marketplace=config.marketplace_of(site),
        tags=("message",),
        language=(site_of(site) or config.home).language or None,
        attachments=_attachments(raw),
    )


def _when(raw: Fields) -> datetime:
    at = written_at(raw)
    if at is None:
        raise Malformed("message.message_date.created", "an instant was expected")
    return at


def _of_seller(raw: Fields, config: Config) -> tuple[Verdict, str]:
    """Mercado Libre names the application that sent a message, never the person."""
    if raw.id("client_id", default="") in config.automatic_clients:
        return Verdict.AUTO_REPLY, "an application of automatic_clients wrote to the buyer"
    return Verdict.ANSWERED_ELSEWHERE, "the seller wrote to the buyer, here or in Mercado Libre"


def _context(raw: Fields, head: Fields, buyer: str, config: Config) -> Mapping[str, Json]:
    return {
        "to": "pack",
        "pack": head.id("pack"),
        # Who wrote gets the answer: the buyer, or Mercado Libre's agent that stands between.
        "buyer": buyer,
        "site": raw.text("site_id", default="") or config.site,
        "length": head.number("seller_max_message_length", default=0),
    }


def _order(raw: Fields, pack: str) -> str:
    """The sale's number, as the seller's pages show it: a cart's own where it has one."""
    if pack in resources_of(raw, "packs"):
        return pack
    orders = resources_of(raw, "orders")
    return orders[0] if len(orders) == 1 else pack


def _attachments(raw: Fields) -> tuple[Attachment, ...]:
    found = []
    for one in raw.each("message_attachments"):
        name = one.text("original_filename", default="") or one.text("filename", default="file")
        suspect = one.flag("potential_security_threat")
        found.append(
            Attachment(
                name=name,
                media_type=one.text("type", default="") or media_type_of(name),
                size=max(one.number("size", default=0), 0),
                # What Mercado Libre itself warns of is named, and not fetched.
                ref="" if suspect else one.text("filename", default=""),
            )
        )
    return tuple(found)


EXPLANATIONS: Final[Mapping[str, Callable[[Fields, RawItem, Config], InboundMessage]]] = (
    MappingProxyType({"message": _message, "moderated": _moderated, "blocked": _blocked})
)
