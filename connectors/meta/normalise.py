"""Meta's messages, explained. Pure.

An item is what `reading` or `webhook` put together: a `message` as the conversation shows it, an
`event` as a webhook brought it, a `comment` or a `change` (see `comments`), or a `gap`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.meta.account import Account
from connectors.meta.comments import explain_change, explain_comment
from connectors.meta.files import UNREADABLE, attachments_of, extras_of, with_words
from connectors.meta.window import TAG, closes_at
from sla_rules.vocabulary import Kind

TOO_QUICK: Final = timedelta(seconds=10)
"""An answer that comes sooner after the customer's words was typed by no hand. Meta marks instant
replies and away messages in no way that a reader could see; the number is ours."""


def explain(item: RawItem, account: Account) -> InboundMessage:
    """One item of an account. Raises Malformed."""
    raw = Fields.of(item.payload)
    if "message" in raw.value:
        return _message(raw, item, account)
    if "event" in raw.value:
        return _event(raw, item, account)
    if "comment" in raw.value:
        return explain_comment(raw, item, account)
    if "change" in raw.value:
        return explain_change(raw, item, account)
    if "gap" in raw.value:
        return _gap(raw.inner("gap"), item)
    raise Malformed("item", "neither message, event, comment, change nor gap")


def _message(raw: Fields, item: RawItem, account: Account) -> InboundMessage:
    message = _object(raw, "message")
    conversation = raw.inner("conversation")
    sender = message.inner("from")
    ours = sender.id("id") in account.own_ids
    receiver = next((one.id("id", default="") for one in message.inner("to").each("data")), "")
    customer = receiver if ours else sender.id("id")
    said = _Said(
        id=message.id("id"),
        at=min(message.instant("created_time"), item.received_at),
        text=message.text("message", default=""),
        body=message,
        customer=customer,
        name="" if ours else _name(sender),
        conversation=conversation.id("id", default=""),
    )
    return _answer(said, raw) if ours else _customers(said, account)


def _event(raw: Fields, item: RawItem, account: Account) -> InboundMessage:
    event = _object(raw, "event")
    if event.inner("policy_enforcement").value:
        return _enforced(event, item)
    message, pressed = event.inner("message"), event.inner("postback")
    body = message if message.value else pressed
    text = message.text("text", default="") or pressed.text("title", default="")
    said = _Said(
        id=body.id("mid"),
        at=min(event.instant("timestamp"), item.received_at),
        text=text,
        body=message,
        customer=event.inner("sender").id("id"),
        name=raw.text("name", default=""),
        from_ad=bool(_ad(message) or _ad(event) or _ad(pressed)),
    )
    if said.customer in account.own_ids:
        raise Malformed("event.sender.id", "an answer of the account: it is read, not told")
    if message.flag("is_deleted"):
        return _taken_back(said)
    return _customers(said, account)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One message, whichever way it came."""

    id: str
    at: datetime
    text: str
    body: Fields
    customer: str
    name: str
    conversation: str = ""
    from_ad: bool = False

    @property
    def keys(self) -> tuple[ThreadKey, ...]:
        """One person, one conversation; either name of it may be missing."""
        names = (("person", self.customer), ("conversation", self.conversation))
        return tuple(ThreadKey(value=f"{kind}:{value}") for kind, value in names if value)


def _customers(said: _Said, account: Account) -> InboundMessage:
    extras = extras_of(said.body)
    text = with_words(said.text, extras)
    human_agent = account.config.human_agent
    context: dict[str, Json] = {
        "to": said.customer,
        "name": said.name,
        "at": said.at.isoformat(),
    }
    if said.from_ad:
        context["from_ad"] = True
    return InboundMessage(
        external_id=said.id,
        verdict=Verdict.CUSTOMER,
        reason="a person wrote to the account",
        sent_at=said.at,
        subject="",
        text=text or UNREADABLE,
        full_text=text or UNREADABLE,
        sender_handle=said.customer,
        sender_name=said.name,
        thread_keys=said.keys,
        own_keys=tuple(key.value for key in said.keys),
        reply_until=closes_at(said.at, human_agent=human_agent),
        tags=(TAG,) if human_agent else (),
        attachments=attachments_of(extras),
        reply_context=context,
        degraded=None if text else "Meta gave the message without words and without attachments",
    )


def _answer(said: _Said, raw: Fields) -> InboundMessage:
    extras = extras_of(said.body)
    text = with_words(said.text, extras)
    verdict, reason = _whose(said, raw)
    return InboundMessage(
        external_id=said.id,
        verdict=verdict,
        reason=reason,
        sent_at=said.at,
        subject="",
        text=text,
        full_text=text,
        sender_handle="",
        sender_name="",
        thread_keys=said.keys,
        own_keys=tuple(key.value for key in said.keys),
        attachments=attachments_of(extras),
    )


def _whose(said: _Said, raw: Fields) -> tuple[Verdict, str]:
    if raw.flag("own"):
        return Verdict.OWN_LOOP, "a further part of an answer of ours"
    asked = raw.instant_or_none("asked_at")
    if asked is not None and timedelta() <= said.at - asked < TOO_QUICK:
        seconds = int((said.at - asked).total_seconds())
        return (
            Verdict.AUTO_REPLY,
            f"sent {seconds} s after the customer's message: an instant reply or an away message",
        )
    return Verdict.ANSWERED_ELSEWHERE, "answered in Meta's inbox or app, or by us"


def _taken_back(said: _Said) -> InboundMessage:
    return InboundMessage(
        external_id=f"deleted:{said.id}",
        verdict=Verdict.DELIVERY_NOTICE,
        reason="the customer took a message back",
        sent_at=said.at,
        subject="",
        text="The customer took a message back.",
        full_text="The customer took a message back.",
        sender_handle=said.customer,
        sender_name=said.name,
        thread_keys=said.keys,
        own_keys=tuple(key.value for key in said.keys),
        refers_to=(said.id,),
    )


def _enforced(event: Fields, item: RawItem) -> InboundMessage:
    at = min(event.instant("timestamp"), item.received_at)
    told = event.inner("policy_enforcement")
    action, reason = told.text("action", default="?"), told.text("reason", default="")
    text = f"Meta enforces its policy on the account: {action}. {reason}".strip()
    return _notice(item.source_id, at, "Meta enforces its policy", text, ())


def _gap(gap: Fields, item: RawItem) -> InboundMessage:
    """A hole in what Meta shows: told, never passed over in silence."""
    at = min(gap.instant("at"), item.received_at)
    conversation = gap.id("conversation", default="")
    person = gap.id("person", default="")
    names = (("person", person), ("conversation", conversation))
    keys = tuple(ThreadKey(value=f"{kind}:{value}") for kind, value in names if value)
    return _notice(item.source_id, at, "Open it in Meta's inbox", gap.text("why"), keys)


def _notice(
    external_id: str, at: datetime, subject: str, text: str, keys: tuple[ThreadKey, ...]
) -> InboundMessage:
    return InboundMessage(
        external_id=external_id,
        verdict=Verdict.NOTICE,
        reason="Meta's own word, not a customer's",
        sent_at=at,
        subject=subject,
        text=text,
        full_text=text,
        sender_handle="",
        sender_name="Meta",
        kind=Kind.NOTICE,
        thread_keys=keys,
        own_keys=tuple(key.value for key in keys),
    )


def _name(sender: Fields) -> str:
    return sender.text("name", default="") or sender.text("username", default="")


def _ad(raw: Fields) -> str:
    return raw.inner("referral").id("ad_id", default="")


def _object(raw: Fields, key: str) -> Fields:
    return Fields(raw.value.get(key), key)
