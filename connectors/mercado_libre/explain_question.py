"""Questions on the page of an item, and their answers. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from connectors.contract import InboundMessage, RawItem, ThreadKey, Verdict
from connectors.fields import Fields
from connectors.mercado_libre.config import Config
from connectors.mercado_libre.sites import item_url, site_of
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

ENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CLOSED_UNANSWERED": "The item was closed, and the question with it: it takes no answer.",
        "DELETED": "The question was removed: it takes no answer.",
        "BANNED": "Mercado Libre banned the question: it takes no answer.",
        "DISABLED": "Mercado Libre disabled the question: it takes no answer.",
    }
)


def _question(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw = outer.inner("question")
    status = raw.text("status", default="")
    text = raw.text("text", default="" if status in ENDS else None)
    asked = _about(raw, item, config, text, raw.instant("date_created"))
    if not text.strip() and status in ENDS:
        reason = "a question that Mercado Libre shows nobody any more"
        said = ENDS[status]
        return replace(
            asked,
            verdict=Verdict.NOTICE,
            kind=Kind.NOTICE,
            reason=reason,
            text=said,
            full_text=said,
            reply_context={},
        )
    return replace(asked, full_text=_with_translation(text, raw))


def _answer(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw = outer.inner("answer_to")
    answer, name = raw.inner("answer"), f"answer:{raw.id('id')}"
    text = answer.text("text")
    return replace(
        _about(raw, item, config, text, answer.instant("date_created")),
        external_id=name,
        verdict=Verdict.ANSWERED_ELSEWHERE,
        reason="the question was answered, here or in Mercado Libre",
        refers_to=(name,),
        full_text=_with_translation(text, answer),
        reply_context={},
    )


def _ended(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw = outer.inner("question_ended")
    status = raw.text("status", default="")
    text = ENDS.get(status, "The question takes no answer any more.")
    return replace(
        _about(raw, item, config, text, item.received_at),
        external_id=f"question_ended:{raw.id('id')}:{status}",
        verdict=Verdict.NOTICE,
        kind=Kind.NOTICE,
        reason="the question takes no answer any more",
        reply_context={},
    )


def _answer_removed(outer: Fields, item: RawItem, config: Config) -> InboundMessage:
    raw = outer.inner("answer_removed")
    name = raw.id("id")
    text = "Mercado Libre removed the answer: nobody can read it."
    return replace(
        _about(raw, item, config, text, item.received_at),
        external_id=f"answer_removed:{name}",
        verdict=Verdict.BOUNCE,
        reason="Mercado Libre removed the answer from the item's page",
        refers_to=(f"answer:{name}",),
        reply_context={},
    )


def _about(raw: Fields, item: RawItem, config: Config, text: str, at: datetime) -> InboundMessage:
    """Something said about a question: as the question itself, unless changed."""
    name = raw.id("id")
    product = raw.id("marketplace_item_id", default="") or raw.id("item_id", default="")
    site = raw.text("site_id", default="") or product[:3]
    key, link = f"question:{name}", item_url(product)
    return InboundMessage(
        external_id=key,
        verdict=Verdict.CUSTOMER,
        reason="a visitor asked about an item",
        sent_at=min(at, item.received_at),
        subject=f"Question about {product}" if product else "Question about an item",
        text=text,
        full_text=text,
        sender_handle=raw.inner("from").id("id", default=""),
        sender_name="",
        thread_keys=(ThreadKey(value=key),),
        own_keys=(key,),
        stage=Stage.PRE_SALE,
        public=True,
        topic=Topic.PRE_SALE_QUESTION,
        marketplace=config.marketplace_of(site),
        tags=("question", *(("on_hold",) if raw.flag("hold") else ())),
        language=(site_of(site) or config.home).language or None,
        links={"item": link} if link else {},
        reply_context={"to": "question", "question": name, "item": product},
    )


def _with_translation(text: str, raw: Fields) -> str:
    """Global Selling gives both languages; the customer's own words stand first."""
    other = raw.text("text_translated", default="").strip()
    return f"{text}\n\n[{other}]" if other and other != text.strip() else text


EXPLANATIONS: Final[Mapping[str, Callable[[Fields, RawItem, Config], InboundMessage]]] = (
    MappingProxyType(
        {
            "question": _question,
            "answer_to": _answer,
            "question_ended": _ended,
            "answer_removed": _answer_removed,
        }
    )
)
