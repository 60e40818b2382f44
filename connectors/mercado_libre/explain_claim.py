"""Claims and mediations: their steps, and what is written in them. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.fields import Fields
from connectors.mercado_libre.claims import BUYER, MEDIATOR, SELLER, due_of, message_name
from connectors.mercado_libre.config import Config
from connectors.mercado_libre.items import digest, moderation_of
from connectors.mercado_libre.refusals import moderated_because
from connectors.mercado_libre.sites import site_of
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

_STAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "claim": "a claim between buyer and seller",
        "dispute": "a mediation: Mercado Libre decides",
        "recontact": "a closed claim that somebody came back to",
        "stale": "a claim between buyer and Mercado Libre",
    }
)
_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PNR": "The buyer did not receive the product.",
        "PDD": "The product is defective or another one than described.",
        "CS": "The purchase was cancelled.",
    }
)


def sent_name(claim: str, text: str) -> str:
    """The name of a message of ours in a claim: Mercado Libre gives it none."""
    return f"claim_answer:{claim}:{digest(text)}"


def _opened(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw = outer.inner("claim")
    stage, (what, due) = raw.text("stage", default=""), due_of(raw)
    text = _lines(
        f"This is {_STAGES.get(stage, 'a claim')}.",
        _why(raw),
        f"Mercado Libre waits for the seller: {what.replace('_', ' ')}." if what else "",
    )
    at = raw.instant_or_none("last_updated") or raw.instant_or_none("date_created")
    return replace(
        _about(raw, item, config, text, at or item.received_at),
        external_id=f"claim:{raw.id('id')}:{stage}:{due}",
        verdict=Verdict.CLAIM,
        reason="a claim against a sale is open",
        respond_by=Fields({"due": due}).instant_or_none("due"),
        reply_context=_context(raw, stage),
    )


def _acted(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw = outer.inner("claim_acted")
    said = "Mercado Libre waits for the seller no longer."
    return replace(
        _about(raw, item, config, said, item.received_at),
        external_id=item.source_id,
        verdict=Verdict.ANSWERED_ELSEWHERE,
        reason="the seller did in Mercado Libre what the claim asked for",
    )


def _closed(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw = outer.inner("claim_closed")
    end = raw.inner("resolution")
    why, whom = end.text("reason", default=""), end.texts("benefited")
    text = _lines(
        "The claim is closed.",
        f"Reason: {why.replace('_', ' ')}." if why else "",
        f"In favour of the {'seller' if SELLER in whom else 'buyer'}." if whom else "",
    )
    return replace(
        _about(raw, item, config, text, end.instant_or_none("date_created") or item.received_at),
        external_id=f"claim_closed:{raw.id('id')}",
        verdict=Verdict.CLAIM_CLOSED,
        reason="the claim is closed",
    )


def _message(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw, claim = outer.inner("claim_message"), outer.inner("of")
    writer, text = raw.text("sender_role"), raw.text("message")
    said = replace(
        _about(claim, item, config, text, raw.instant("date_created")),
        external_id=f"claim_message:{claim.id('id')}:{message_name(raw)}",
        tags=("claim", f"from:{writer}"[:40]),
    )
    if writer == SELLER:
        reason = "the seller wrote in the claim, here or in Mercado Libre"
        own = sent_name(claim.id("id"), text)
        return replace(said, verdict=Verdict.ANSWERED_ELSEWHERE, reason=reason, refers_to=(own,))
    reason = {
        BUYER: "the buyer wrote in the claim",
        MEDIATOR: "Mercado Libre's mediator wrote in the claim",
    }.get(writer, "somebody this version does not know wrote in the claim")
    stage = "dispute" if writer == MEDIATOR else claim.text("stage", default="")
    return replace(said, verdict=Verdict.CLAIM, reason=reason, reply_context=_context(claim, stage))


def _moderated(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw, claim = outer.inner("claim_moderated"), outer.inner("of")
    text, (_, why) = raw.text("message", default=""), moderation_of(raw)
    return replace(
        _about(claim, item, config, text, item.received_at),
        external_id=f"claim_moderated:{claim.id('id')}:{message_name(raw)}",
        verdict=Verdict.BOUNCE,
        reason=f"Mercado Libre did not deliver this answer: {moderated_because(why)}",
        refers_to=(sent_name(claim.id("id"), text),),
    )


def _about(raw: Fields, item: RawItem, config: Config, text: str, at: datetime) -> InboundMessage:
    name = raw.id("id")
    site = raw.text("site_id", default="") or config.site
    about = _reason(raw)
    order = _order(raw)
    key = f"claim:{name}"
    return InboundMessage(
        external_id=key,
        verdict=Verdict.NOTICE,
        reason="",
        sent_at=min(at, item.received_at),
        subject=f"Claim {name}" + (f" on sale {order}" if order else ""),
        text=text,
        full_text=text,
        sender_handle=_player(raw, BUYER),
        sender_name="",
        thread_keys=(ThreadKey(value=key),),
        own_keys=(key,),
        kind=Kind.CLAIM,
        stage=Stage.POST_SALE,
        order_id=order or None,
        topic=Topic.ITEM_NOT_RECEIVED if about == "PNR" else Topic.CLAIM,
        marketplace=config.marketplace_of(site),
        tags=tuple(one for one in ("claim", raw.text("type", default="")[:40]) if one),
        language=(site_of(site) or config.home).language or None,
    )


def _context(raw: Fields, stage: str) -> Mapping[str, Json]:
    return {
        "to": "claim",
        "claim": raw.id("id"),
        "receiver": MEDIATOR if stage == "dispute" else BUYER,
        "site": raw.text("site_id", default=""),
        "order": _order(raw),
    }


def _order(raw: Fields) -> str:
    """The order a claim is about; "" where it is about a parcel or a payment."""
    is_order = raw.text("resource", default="") == "order"
    return raw.id("resource_id", default="") if is_order else ""


def _reason(raw: Fields) -> str:
    return raw.text("reason_id", default="").rstrip("0123456789").upper()


def _why(raw: Fields) -> str:
    return _REASONS.get(_reason(raw), "")


def _player(raw: Fields, role: str) -> str:
    players = raw.each("players")
    return next((p.id("user_id", default="") for p in players if p.text("role", "") == role), "")


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


EXPLANATIONS: Final[Mapping[str, Callable[[Fields, RawItem, Config], InboundMessage]]] = (
    MappingProxyType(
        {
            "claim": _opened,
            "claim_acted": _acted,
            "claim_closed": _closed,
            "claim_message": _message,
            "claim_moderated": _moderated,
        }
    )
)
