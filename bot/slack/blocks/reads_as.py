"""What the customer seems to mean, in a line: an agent sees it with the words it was read from.

It is computed from the stored message whenever it is shown, so a better lexicon needs no migration.
Where an inbox keeps its customers' words out of Slack, nothing is read from them either.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.assist.duplicates import repeats
from bot.assist.mood import SHOUTED
from bot.assist.senses import Intent, LiveRisk, Mood, Urgency
from bot.assist.understanding import Meaning, understand
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.veil import body_rule
from bot.language import marked, tr
from bot.language.forms import quoted
from bot.slack.text import one_line

NO_ANSWER: Final = marked("seems to need no answer")
_AGAIN: Final = marked("the same words as in the first message")

_INTENTS: Mapping[Intent, str] = {
    Intent.WHERE_IS_ORDER: marked("where is my order"),
    Intent.RETURN: marked("wants to return it"),
    Intent.REFUND: marked("wants money back"),
    Intent.CANCEL: marked("wants to cancel"),
    Intent.EXCHANGE: marked("wants to exchange it"),
    Intent.DEFECT: marked("something is broken"),
    Intent.WRONG_ITEM: marked("got the wrong item"),
    Intent.MISSING_ITEM: marked("something is missing"),
    Intent.PRODUCT_QUESTION: marked("a question about the product"),
    Intent.AVAILABILITY: marked("asks what is available"),
    Intent.INVOICE: marked("wants an invoice"),
    Intent.ADDRESS_CHANGE: marked("wants another address"),
    Intent.DELIVERY_PROBLEM: marked("the delivery went wrong"),
    Intent.COMPLAINT: marked("a complaint"),
    Intent.THANKS: marked("thanks"),
    Intent.OTHER: marked("nothing that is recognised"),
}
_RISKS: Mapping[LiveRisk, str] = {
    LiveRisk.A_TO_Z: marked("a claim with the marketplace"),
    LiveRisk.CHARGEBACK: marked("a chargeback"),
    LiveRisk.NEGATIVE_FEEDBACK: marked("a bad review"),
    LiveRisk.LEGAL: marked("legal steps"),
    LiveRisk.SAFETY: marked("somebody may get hurt"),
    LiveRisk.FRAUD: marked("fraud"),
    LiveRisk.CANCEL_BEFORE_SHIPMENT: marked("must not be sent"),
}
_MOODS = {
    Mood.ANGRY: marked("angry"),
    Mood.NEGATIVE: marked("unhappy"),
    Mood.POSITIVE: marked("pleased"),
}
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
    again = [tr(_AGAIN)] if _is_repeated(ticket) else []
    # For translators: a list follows of what the customer seems to want, and how they sound.
    return tr("Reads as: {senses}", senses=", ".join([*_named(meaning), *again]))


def stands_out(ticket: TicketView, desk: Desk) -> Iterator[str]:
    """What a card says of it while the customer waits: anger, or that nothing seems to be asked."""
    meaning = meaning_of(ticket, desk) if ticket.waiting_since is not None else None
    if meaning is None:
        return
    if meaning.mood is Mood.ANGRY:
        yield _quoted(tr("sounds angry"), meaning, "mood")
    if not meaning.needs_answer:
        yield tr(NO_ANSWER)


def _is_repeated(ticket: TicketView) -> bool:
    first, last = ticket.first_message, ticket.last_customer_message
    if first is None or last is None or first.id == last.id:
        return False
    return repeats(last.body, first.body, at=last.sent_at, before=first.sent_at)


def _named(meaning: Meaning) -> Iterator[str]:
    yield _quoted(tr(_INTENTS[meaning.intent]), meaning, "intent")
    if not meaning.needs_answer:
        yield tr(NO_ANSWER)
    if meaning.urgency is Urgency.HIGH:
        yield _quoted(tr("urgent"), meaning, "urgency")
    for risk in meaning.risks:
        yield _quoted(tr(_RISKS[risk]), meaning, risk)
    if meaning.mood in _MOODS:
        yield _quoted(tr(_MOODS[meaning.mood]), meaning, "mood")


def _evidence(word: str) -> str:
    """The customer's own word, or what is to be seen of the whole text."""
    return tr(word) if word == SHOUTED else one_line(word, _EVIDENCE_LENGTH)


def _quoted(sense: str, meaning: Meaning, what: str) -> str:
    """`sense` with the words it was read from."""
    words = [_evidence(each) for each in meaning.because.get(what, ())]
    return f"{sense} ({', '.join(map(quoted, words[:_EVIDENCE_SHOWN]))})" if words else sense
