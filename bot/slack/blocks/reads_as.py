"""What the customer seems to mean, in a line: an agent sees it with the words it was read from.

It is computed from the stored message whenever it is shown, so a better lexicon needs no migration.
Where an inbox keeps its customers' words out of Slack, nothing is read from them either.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.assist.duplicates import repeats
from bot.assist.senses import Intent, LiveRisk, Mood, Urgency
from bot.assist.understanding import Meaning, understand
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.veil import body_rule
from bot.slack.text import one_line

NO_ANSWER: Final = "seems to need no answer"
_AGAIN = "the same words as in the first message"

_INTENTS: Mapping[Intent, str] = {
    Intent.WHERE_IS_ORDER: "where is my order",
    Intent.RETURN: "wants to return it",
    Intent.REFUND: "wants money back",
    Intent.CANCEL: "wants to cancel",
    Intent.EXCHANGE: "wants to exchange it",
    Intent.DEFECT: "something is broken",
    Intent.WRONG_ITEM: "got the wrong item",
    Intent.MISSING_ITEM: "something is missing",
    Intent.PRODUCT_QUESTION: "a question about the product",
    Intent.AVAILABILITY: "asks what is available",
    Intent.INVOICE: "wants an invoice",
    Intent.ADDRESS_CHANGE: "wants another address",
    Intent.DELIVERY_PROBLEM: "the delivery went wrong",
    Intent.COMPLAINT: "a complaint",
    Intent.THANKS: "thanks",
    Intent.OTHER: "nothing that is recognised",
}
_RISKS: Mapping[LiveRisk, str] = {
    LiveRisk.A_TO_Z: "a claim with the marketplace",
    LiveRisk.CHARGEBACK: "a chargeback",
    LiveRisk.NEGATIVE_FEEDBACK: "a bad review",
    LiveRisk.LEGAL: "legal steps",
    LiveRisk.SAFETY: "somebody may get hurt",
    LiveRisk.FRAUD: "fraud",
    LiveRisk.CANCEL_BEFORE_SHIPMENT: "must not be sent",
}
_MOODS = {Mood.ANGRY: "angry", Mood.NEGATIVE: "unhappy", Mood.POSITIVE: "pleased"}
_EVIDENCE_SHOWN = 2
_EVIDENCE_LENGTH = 60


def meaning_of(ticket: TicketView, desk: Desk) -> Meaning | None:
    """The customer's last message as it reads; None without one, or where words are veiled."""
    message = ticket.last_customer_message
    if message is None or not message.body.strip() or body_rule(desk, ticket.inbox) != "full":
        return None
    return understand(
        message.body,
        subject=ticket.subject,
        language=ticket.language,
        bought=ticket.order_id is not None,
    )


def reads_as(ticket: TicketView, desk: Desk) -> str | None:
    """The line of a status: what is wanted, what is at stake, how the customer sounds."""
    meaning = meaning_of(ticket, desk)
    if meaning is None:
        return None
    again = [_AGAIN] if _is_repeated(ticket) else []
    return f"Reads as: {', '.join([*_named(meaning), *again])}"


def stands_out(ticket: TicketView, desk: Desk) -> Iterator[str]:
    """What a card says of it while the customer waits: anger, or that nothing seems to be asked."""
    meaning = meaning_of(ticket, desk) if ticket.waiting_since is not None else None
    if meaning is None:
        return
    if meaning.mood is Mood.ANGRY:
        yield f"sounds angry{_quoted(meaning, 'mood')}"
    if not meaning.needs_answer:
        yield NO_ANSWER


def _is_repeated(ticket: TicketView) -> bool:
    first, last = ticket.first_message, ticket.last_customer_message
    if first is None or last is None or first.id == last.id:
        return False
    return repeats(last.body, first.body, at=last.sent_at, before=first.sent_at)


def _named(meaning: Meaning) -> Iterator[str]:
    yield f"{_INTENTS[meaning.intent]}{_quoted(meaning, 'intent')}"
    if not meaning.needs_answer:
        yield NO_ANSWER
    if meaning.urgency is Urgency.HIGH:
        yield f"urgent{_quoted(meaning, 'urgency')}"
    for risk in meaning.risks:
        yield f"{_RISKS[risk]}{_quoted(meaning, risk)}"
    if meaning.mood in _MOODS:
        yield f"{_MOODS[meaning.mood]}{_quoted(meaning, 'mood')}"


def _quoted(meaning: Meaning, what: str) -> str:
    words = [one_line(each, _EVIDENCE_LENGTH) for each in meaning.because.get(what, ())]
    return f" ({', '.join(f'“{each}”' for each in words[:_EVIDENCE_SHOWN])})" if words else ""
