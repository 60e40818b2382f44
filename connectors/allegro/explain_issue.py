"""Disputes and claims, explained: their states, and the messages of their chats. Pure."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from connectors.allegro.attached import ISSUES, attachments
from connectors.allegro.issue_items import CLOSED, due_of
from connectors.allegro.people import VERDICTS, Writer, handle_of, writer_in_issue
from connectors.allegro.subjects import subjects
from connectors.contract import InboundMessage, RawItem, ThreadKey, Verdict
from connectors.fields import Fields
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

_ENDED: Final = {
    "CLAIM_ACCEPTED": "The claim is accepted.",
    "CLAIM_REJECTED": "The claim is rejected.",
    "DISPUTE_CLOSED": "The dispute is closed.",
    "DISPUTE_UNRESOLVED": "The dispute ended without a solution.",
}


def explain_chat(raw: Fields, item: RawItem, marketplace: str) -> InboundMessage:
    """A message of an issue's chat. Raises Malformed."""
    issue, said = raw.inner("issue"), raw.inner("chat")
    writer = writer_in_issue(said)
    verdict, reason = VERDICTS[writer]
    name, text = said.id("id", default="") or item.source_id, said.text("text", default="")
    about = _about(issue, item, marketplace)
    return replace(
        about,
        external_id=name,
        verdict=verdict,
        reason=reason,
        kind=Kind.NOTICE if verdict is Verdict.NOTICE else Kind.CLAIM,
        sent_at=min(said.instant("createdAt"), item.received_at),
        text=text,
        full_text=text,
        refers_to=(name,) if writer is Writer.SELLER else (),
        respond_by=_due(issue) if verdict is Verdict.CUSTOMER else None,
        attachments=attachments(said.each("attachments"), ISSUES),
    )


def explain_state(raw: Fields, item: RawItem, marketplace: str) -> InboundMessage:
    """An issue opened, changed or ended. Raises Malformed."""
    issue = raw.inner("issue")
    about = _about(issue, item, marketplace)
    status = issue.inner("currentState").text("status", default="")
    if not raw.flag("is_open"):
        said = _ENDED.get(status, "The dispute or claim has ended.")
        return replace(
            about,
            verdict=Verdict.CLAIM_CLOSED,
            reason=f"Allegro counts it as {status or 'ended'}",
            text=said,
            full_text=said,
        )
    is_reminder = raw.flag("is_reminder")
    opened = issue.instant_or_none("openedDate") if raw.flag("is_first") else None
    text = _text(issue, raw.inner("first"), is_reminder=is_reminder)
    return replace(
        about,
        # A conversation with its chat: what is told as the platform's claim has a ticket of its own.
        verdict=Verdict.CUSTOMER,
        reason=_reason(is_claim=_is_claim(issue), is_reminder=is_reminder),
        sent_at=min(opened or item.received_at, item.received_at),
        text=text,
        full_text=text,
        respond_by=_due(issue),
        attachments=() if is_reminder else attachments(issue.each("attachments"), ISSUES),
    )


def _about(issue: Fields, item: RawItem, marketplace: str) -> InboundMessage:
    """What every item of an issue shares."""
    name, login = issue.id("id"), issue.inner("buyer").text("login", default="")
    code = _code(issue)
    is_claim, order = _is_claim(issue), issue.id("order", default="")
    key = f"issue:{name}"
    return InboundMessage(
        external_id=item.source_id,
        verdict=Verdict.NOTICE,
        reason="",
        sent_at=item.received_at,
        subject=_subject(issue, name, is_claim=is_claim),
        text="",
        full_text="",
        sender_handle=handle_of(login),
        sender_name=login,
        thread_keys=(ThreadKey(value=key),),
        own_keys=(key,),
        kind=Kind.CLAIM,
        stage=Stage.POST_SALE,
        order_id=order or None,
        topic=Topic.CLAIM if is_claim else subjects().topic(code),
        marketplace=marketplace,
        tags=tuple(filter(None, ("claim" if is_claim else "dispute", code))),
        reply_context={"issue": name, "is_claim": is_claim, "order": order, "to": login},
    )


def _due(issue: Fields) -> datetime | None:
    """What is decided has no deadline any more."""
    status = issue.inner("currentState").text("status", default="")
    return None if status in CLOSED else due_of(issue)


def _is_claim(issue: Fields) -> bool:
    return issue.text("type", default="") == "CLAIM"


def _code(issue: Fields) -> str:
    """The reason's code: a claim has one, a dispute may tell it in words only."""
    told = (issue.inner("reason").text("type", default=""), issue.text("subject", default=""))
    return next(filter(None, map(subjects().code, told)), "")


def _subject(issue: Fields, name: str, *, is_claim: bool) -> str:
    number = issue.text("referenceNumber", default="") or name
    told = issue.text("subject", default="") or _code(issue)
    said = told if " " in told else told.replace("_", " ").lower()
    return f"{'Claim' if is_claim else 'Dispute'} {number}" + (f": {said}" if said else "")


def _reason(*, is_claim: bool, is_reminder: bool) -> str:
    if is_reminder:
        return "the claim is answered, but it still waits for a decision"
    return "the customer filed a claim" if is_claim else "the customer opened a dispute"


def _text(issue: Fields, first: Fields, *, is_reminder: bool) -> str:
    if is_reminder:
        return "This claim is not decided yet. Accept or reject it in the Sales Center."
    what = "filed a claim" if _is_claim(issue) else "opened a dispute"
    reason = issue.inner("reason").text("description", default="")
    lines = (
        f"The customer {what}.",
        reason,
        issue.text("description", default=""),
        *(_wish(one) for one in issue.each("expectations")),
        first.text("text", default=""),
    )
    # A claim tells its reason twice.
    return "\n".join(dict.fromkeys(line for line in lines if line.strip()))


def _wish(expectation: Fields) -> str:
    name = expectation.text("name", default="").replace("_", " ").lower()
    refund = expectation.inner("refund")
    amount = refund.amount("amount", default=Decimal(-1))
    money = f" {amount} {refund.text('currency', default='')}".rstrip() if amount >= 0 else ""
    return f"Wanted: {name}{money}" if name else ""
