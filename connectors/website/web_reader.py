"""A message that came by the web, understood. Pure: a stored post in, an InboundMessage out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.mail.form import Form
from connectors.website.post import Post, read_stored
from sla_rules.vocabulary import Kind, Stage

EARLIEST: Final = timedelta(hours=24)
"""How far before arrival the site's own time is believed."""

_PURPOSES: Final = {"product": Stage.PRE_SALE, "purchase": Stage.POST_SALE}
_QUOTED: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class WebReader:
    """Explains posts of one shop. `domain` is that of the address answers come from."""

    own_addresses: frozenset[str]
    domain: str

    def explain(self, item: RawItem) -> InboundMessage:
        """The post as the desk sees it. Raises Malformed for one without words."""
        via, post = read_stored(item.payload)
        if not post.message and not post.subject:
            raise Malformed("post.message", "there are no words in it")
        ours = post.email.lower() in self.own_addresses
        answerable = bool(post.email) and not ours
        handle = post.email.lower() or (f"id:{post.customer}" if post.customer else "")
        # The visitor never had a mail: answers share a root, so that they stand in one thread.
        root = f"{item.source_id.replace(':', '.')}@{self.domain}"
        return InboundMessage(
            external_id=item.source_id,
            verdict=Verdict.CUSTOMER,
            reason=_reason(via, answerable=answerable, ours=ours),
            sent_at=_sent_at(post, item.received_at),
            subject=post.subject,
            text=post.message or post.subject,
            full_text=f"{post.message}\n\n{post.page}".strip() or post.subject,
            sender_handle="" if ours else handle,
            sender_name=post.name,
            thread_keys=_keys(via, post),
            own_keys=(root,),
            kind=Kind.MESSAGE,
            stage=_stage(post),
            order_id=post.order or None,
            language=post.language[:2].lower() or None,
            reply_context=_context(post, root) if answerable else {},
        )


def _reason(via: str, *, answerable: bool, ours: bool) -> str:
    reason = "a customer used the contact form" if via == "form" else "the website passed it on"
    if ours:
        return f"{reason}; the address given is our own"
    return reason if answerable else f"{reason}; no e-mail address to answer"


def _sent_at(post: Post, received_at: datetime) -> datetime:
    try:
        stated = datetime.fromisoformat(post.created_at)
        stated = stated.replace(tzinfo=stated.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return received_at
    return min(max(stated, received_at - EARLIEST), received_at)


def _keys(via: str, post: Post) -> tuple[ThreadKey, ...]:
    """Only the site itself may say that a message goes on with another: the form is anybody's."""
    if via == "form" or not post.reference:
        return ()
    return (ThreadKey(value=f"web-thread:{post.reference}"),)


def _stage(post: Post) -> Stage:
    if post.order:
        return Stage.POST_SALE
    if post.purpose in _PURPOSES:
        return _PURPOSES[post.purpose]
    reason = "" if post.purpose == "other" else post.purpose
    return Form(subject=post.subject, reason=reason).stage


def _context(post: Post, root: str) -> dict[str, Json]:
    return {
        "to": post.email,
        "subject": post.subject or " ".join(post.message.split())[:60],
        "quote": post.message[:_QUOTED],
        "in_reply_to": root,
        "references": [root],
    }
