"""Ask a customer to rate an answer, as part of that answer, and count what they say: once.

The request leaves with an agent's answer and with nothing else (invariants 3 and 8). Its link is
made when the answer goes out, so that no colleague holds it: whoever has it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from bot.db import queries
from bot.db.feedback_rows import (
    keep_comment,
    keep_request,
    keep_score,
    request_of,
    request_row,
    was_asked,
)
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.inbound import clean
from bot.domain.survey import (
    COMMENT_FOR,
    COMMENT_LIMIT,
    NOT_OUT,
    PURPOSE,
    SurveyKind,
    customers_language,
    link_claims,
    longest_link,
    shown_link,
)
from bot.domain.survey_words import asking
from bot.domain.ticket import CUSTOMER, EventType, MessageState, Ticket
from bot.errors import DeskError
from bot.language import Language, tr
from bot.usecases.access import say, the_ticket
from connectors.contract import ReplyCommand


def asked_in(desk: Desk, inbox: str) -> SurveyKind | None:
    """What customers of an inbox may be asked to rate; None where nothing."""
    route = desk.inboxes.get(inbox)
    if route is None or route.survey is None or desk.links is None:
        return None
    return SurveyKind(route.survey)


def may_ask(conn: Connection, desk: Desk, ticket_id: int, inbox: str, now: datetime) -> bool:
    """Whether an answer in this ticket may ask: its inbox does, and its customer was not lately."""
    return asked_in(desk, inbox) is not None and not was_asked(conn, ticket_id, now)


def ask(tx: Tx, desk: Desk, ticket: Ticket, message_id: int) -> SurveyKind:
    """The answer that was just queued asks. Raises DeskError where it may not any more."""
    kind = asked_in(desk, ticket.inbox)
    if kind is None:
        raise DeskError(
            tr("This inbox asks for no ratings any more. Take the tick away, then send it.")
        )
    if was_asked(tx.conn, ticket.id, tx.now):
        raise DeskError(
            tr("This customer was asked for a rating meanwhile. Take the tick away, then send it.")
        )
    keep_request(tx, ticket.id, message_id, kind)
    return kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """An answer with its question. `counted` is as long as what goes out, `shown` hides the link."""

    counted: str
    counted_link: str
    shown_link: str

    def shown(self, text: str) -> str:
        """What was made of `counted`, as colleagues may read it."""
        return text.replace(self.counted_link, self.shown_link)


def asking_draft(
    desk: Desk, inbox: str, language: str | None, text: str, now: datetime
) -> Asking | None:
    """An answer that is still being written, with the question below it; None where none is asked."""
    kind = asked_in(desk, inbox)
    if kind is None or desk.links is None:
        return None
    link = longest_link(desk.links, now)
    spoken = customers_language(language, desk.language)
    return Asking(
        counted=asking(text, kind, spoken, desk.shop_name, link),
        counted_link=link,
        shown_link=shown_link(desk.links),
    )


def outgoing(
    conn: Connection, desk: Desk, ticket_id: int, message_id: int
) -> tuple[str, ReplyCommand] | None:
    """The inbox and the command of a queued answer, with the question that it asks.

    The same one at every attempt: the link is made of what was kept.
    """
    found = queries.reply_command(conn, message_id)
    asked = request_of(conn, ticket_id, message_id) if found else None
    if found is None or asked is None or desk.links is None:
        return found
    inbox, command = found
    link = desk.links.make(
        PURPOSE,
        link_claims(asked.id),
        now=asked.asked_at,
        lasts=asked.expires_at - asked.asked_at,
    )
    spoken = customers_language(asked.language, desk.language)
    text = asking(command.text, SurveyKind(asked.kind), spoken, desk.shop_name, link)
    return inbox, replace(command, text=text)


class Standing(StrEnum):
    """How far a request is."""

    OPEN = "open"
    ANSWERED = "answered"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A request as its customer sees it. `may_explain`: they rated just now, and said no why."""

    id: int
    kind: SurveyKind
    language: Language
    standing: Standing
    score: int | None
    may_explain: bool


def survey_of(
    conn: Connection, desk: Desk, claims: Mapping[str, Any], now: datetime
) -> Survey | None:
    """The request that a link belongs to; None where there is none, or none that left."""
    row = request_row(conn, int(claims["feedback"]))
    if row is None or row.state in NOT_OUT:
        return None
    return _survey(row, desk, now)


def _survey(row: AnyRow, desk: Desk, now: datetime) -> Survey:
    answered = row.answered_at is not None
    over = Standing.OVER if now >= row.expires_at else Standing.OPEN
    return Survey(
        id=row.id,
        kind=SurveyKind(row.kind),
        language=customers_language(row.language, desk.language),
        standing=Standing.ANSWERED if answered else over,
        score=row.score,
        may_explain=answered and row.comment is None and now < row.answered_at + COMMENT_FOR,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A customer's answer: one of the scores of the request's kind."""

    feedback_id: int
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """Why, in the customer's words, after they have rated."""

    feedback_id: int
    words: str


def rate(tx: Tx, desk: Desk, command: Rate) -> bool:
    """Count it, and tell the ticket's thread. False: it was answered before, is over, or no score."""
    row, ticket = _locked(tx, command.feedback_id)
    if row is None or ticket is None or tx.now >= row.expires_at:
        return False
    if command.score not in SurveyKind(row.kind).scores:
        return False
    if not keep_score(tx, row.id, command.score):
        return False
    say(tx, desk, ticket, EventType.RATED, actor=CUSTOMER, kind=row.kind, score=command.score)
    return True


def explain(tx: Tx, desk: Desk, command: Explain) -> bool:
    """Keep the words, and show them in the thread. False: there is nothing to keep, or no more."""
    words = clean(command.words.strip())[:COMMENT_LIMIT]
    row, ticket = _locked(tx, command.feedback_id)
    if row is None or ticket is None or not words:
        return False
    if not keep_comment(tx, row.id, words, answered_after=tx.now - COMMENT_FOR):
        return False
    say(tx, desk, ticket, EventType.RATING_EXPLAINED, actor=CUSTOMER, text=words)
    return True


def _locked(tx: Tx, feedback_id: int) -> tuple[AnyRow | None, Ticket | None]:
    """A request that left, and the ticket that goes on with its conversation, locked."""
    row = request_row(tx.conn, feedback_id)
    if row is None or MessageState(row.state or MessageState.SENT) in NOT_OUT:
        return None, None
    ticket = the_ticket(tx, row.ticket_id)
    while ticket.merged_into is not None:
        ticket = the_ticket(tx, ticket.merged_into)
    return row, ticket
