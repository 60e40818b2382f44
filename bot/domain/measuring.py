"""From one ticket's rows to its figures. Pure: the same rows at the same instant give the same figures.

What each figure is for, and what is counted from it, is said in `bot.domain.figures` and
`docs/metrics.md`; how it is worked out is said here and in `bot.domain.measuring_waits`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.assist.senses import Mood
from bot.assist.understanding import understand
from bot.domain.clocks import StoredDeadline, StoredPing
from bot.domain.figures import TicketFigure, WaitFigure
from bot.domain.history import MessageFact, standing
from bot.domain.holds import standing_marks
from bot.domain.measuring_rows import FACTS, Purchase, TicketRows, hand_overs, taken_at
from bot.domain.measuring_waits import Told, resolution_due_at, waits
from bot.domain.pings import BREACH, ON_IT, PingOutcome, is_miss
from bot.domain.ticket import EventType, MessageState
from connectors.contract import Verdict
from sla_rules.calendar import Calendar
from sla_rules.runs import whole_second
from sla_rules.timeline import CustomerMessage, HumanAnswer

__all__ = ["FACTS", "LONGEST", "MOOD_LENGTH", "Purchase", "TicketRows", "measure", "talk_ends"]

LONGEST: Final = timedelta(hours=4)
"""An answer that took longer than this: its author did something else in between. It tells nothing."""

ACKNOWLEDGED_FOR: Final = timedelta(hours=4)
"""How long whoever said that they are on a miss need not be told of it again."""

MOOD_LENGTH: Final = 600
"""Characters of a message that are read for its mood, which takes about 0.2 ms for a hundred."""

WRITING_SINCE: Final = "writing_since"
"""Key in the data of an event `reply_queued`: when its author opened the window to write in."""

_MOODS: Final = {Mood.ANGRY: -2, Mood.NEGATIVE: -1, Mood.NEUTRAL: 0, Mood.POSITIVE: 1}
_STAR, _NO_STAR, _MOST_STARS = "★", "☆", 5


def measure(rows: TicketRows, hours: Calendar) -> tuple[TicketFigure, Sequence[WaitFigure]]:
    """The ticket's figures, and those of every wait of its customer, oldest first.

    `hours` is the shop's business time, in which `worked_seconds` and `resolution_worked` are
    counted; no pause is taken out of them.
    """
    told = Told(rows, hours)
    return _ticket(told), waits(told)


def _ticket(told: Told) -> TicketFigure:
    ticket = told.rows.ticket
    return TicketFigure(
        ticket_id=ticket.id,
        inbox_id=ticket.inbox_id,
        number=ticket.number,
        customer_id=ticket.customer_id,
        marketplace=ticket.marketplace,
        language=ticket.language or "",
        kind=ticket.kind,
        stage=ticket.stage,
        risk=ticket.risk,
        intent=ticket.topic,
        vip=ticket.vip,
        owner=ticket.assignee or "",
        state=told.standing.state,
        merged_at=_merged_at(told.rows),
        hand_overs=hand_overs(told.owners),
        first_claimed_at=next((each.since for each in told.owners if each.owner), None),
        reopened=sum(each.type == EventType.REOPENED for each in standing_marks(told.rows.events)),
        handling_seconds=_handling(told),
        stars=_stars(told.rows),
        order_value_cents=None if ticket.order_value is None else int(ticket.order_value * 100),
        **_course(told),
        **_pings(told),
        **_moods(told.rows),
        **_bought_again(told),
    )


# The ticket's own course.


def _course(told: Told) -> dict[str, Any]:
    answers = [each for each in told.events if isinstance(each, HumanAnswer)]
    first = answers[0] if answers else None
    opened_at, seen_at = _began(told.rows)
    resolved_at = _resolved_at(told)
    return {
        "opened_at": opened_at,
        "seen_at": seen_at,
        "first_answer_at": whole_second(first.at) if first else None,
        "first_answer_by": told.rows.agents.get(int(first.ref), "") if first else "",
        "resolved_at": resolved_at,
        "resolution_worked": None if resolved_at is None else told.worked(opened_at, resolved_at),
        "resolution_due_at": resolution_due_at(told),
        "customer_turns": sum(isinstance(each, CustomerMessage) for each in told.events),
        "answer_turns": len(answers),
    }


def _began(rows: TicketRows) -> tuple[datetime, datetime]:
    """When its first message was written, and when the desk first knew.

    Messages that came from another ticket do not count: they were received there. One that lost
    all of its own to another ticket began when they were written all the same.
    """
    own = [each for each in rows.history.messages if each.inbound and each.moved_at is None]
    heard = [*own, *(each for each in rows.moved_away if each.inbound)]
    opened_at = rows.ticket.opened_at
    began = min((min(each.sent_at, each.seen_at) for each in heard), default=opened_at)
    seen = min((each.seen_at for each in heard), default=opened_at)
    return whole_second(began), whole_second(seen)


def _resolved_at(told: Told) -> datetime | None:
    """When the resolution that holds was said. A merge is none."""
    history = told.rows.history
    marks = [each for each in history.marks if each.type != EventType.MERGED]
    stands = told.standing
    if len(marks) < len(history.marks):
        stands = standing(told.rows.ticket, replace(history, marks=marks))
    return whole_second(stands.resolved_at) if stands.resolved_at else None


def _merged_at(rows: TicketRows) -> datetime | None:
    if rows.ticket.merged_into is None:
        return None
    marks = [each for each in standing_marks(rows.events) if each.type == EventType.MERGED]
    return marks[-1].at if marks else rows.ticket.updated_at


# The time people spent.


def _handling(told: Told) -> int | None:
    """The time from when each answer can have been begun to when its author pressed Send.

    It was begun at the latest of: when its author had the ticket, the answer before, the first
    word since then, and when they opened the window to write in, where that was noted. An answer
    whose author did not have the ticket and that nothing else tells of, and one that took longer
    than `LONGEST`, tells nothing; so does what was read, looked up or written without an answer.
    """
    total, tells = timedelta(0), False
    before: datetime | None = None
    for answer in told.answers:
        begun = _begun(told, answer, before)
        before = answer.seen_at
        if begun is not None and answer.seen_at - begun <= LONGEST:
            total += max(answer.seen_at - begun, timedelta(0))
            tells = True
    return int(total.total_seconds()) if tells else None


def _begun(told: Told, answer: MessageFact, before: datetime | None) -> datetime | None:
    who = told.rows.agents.get(answer.id, "")
    owned = taken_at(told.owners, who, answer.seen_at)
    # One that its author only came to own by the answer says nothing of when they began.
    since = [owned] if owned is not None and owned < answer.seen_at else []
    writing = _writing_since(told, answer.id)
    known = [*since, *([writing] if writing else [])]
    if not known:
        return None
    words = [
        each.seen_at
        for each in told.rows.history.messages
        if each.inbound
        and (before is None or before < each.seen_at)
        and each.seen_at <= answer.seen_at
    ]
    return max([*known, *([before] if before else []), *([min(words)] if words else [])])


def _writing_since(told: Told, message_id: int) -> datetime | None:
    for event in told.rows.events:
        if event.type == EventType.REPLY_QUEUED and event.data.get("message_id") == message_id:
            since = event.data.get(WRITING_SINCE)
            return datetime.fromisoformat(since) if isinstance(since, str) else None
    return None


# Pings.


def _pings(told: Told) -> dict[str, Any]:
    spoken = list(_spoken(told.rows))
    needless = sum(_is_needless(told, *each) for each in spoken)
    return {"pings": len(spoken), "needless_pings": needless}


def _spoken(rows: TicketRows) -> Iterator[tuple[StoredDeadline, StoredPing]]:
    """The pings that were posted; what a graver one spoke for is not another one."""
    for clock in rows.clocks:
        for ping in clock.pings:
            if ping.fired_at is not None and ping.outcome == PingOutcome.SENT:
                yield clock.deadline, ping


def _is_needless(told: Told, row: StoredDeadline, ping: StoredPing) -> bool:
    """Whether nobody had to be told: as far as rows tell, as the played day measures it.

    Nobody waited at that instant, by what is known now; or a warning came while an answer was on
    its way; or a miss was repeated to those who had said within four hours that they are on it.
    Whether the people called were there, and the shop open, rows do not tell.
    """
    at = ping.fired_at
    if at is None:
        return False
    second = whole_second(at)
    if not any(
        run.started_at <= second and (run.ended_at is None or second < run.ended_at)
        for run in told.runs
    ):
        return True
    if not is_miss(ping.step):
        return any(_was_on_its_way(each, at) for each in told.answers)
    missed = row.breached_at
    if missed is None or ping.step in {BREACH, ON_IT}:
        return False
    return any(
        event.type == EventType.ACKNOWLEDGED
        and missed <= event.at <= at <= event.at + ACKNOWLEDGED_FOR
        for event in told.rows.events
    )


def _was_on_its_way(answer: MessageFact, at: datetime) -> bool:
    return answer.state == MessageState.SENT and answer.seen_at <= at < answer.sent_at


# The customer.


def talk_ends(messages: Iterable[MessageFact]) -> tuple[int, int] | None:
    """The ids of the customer's first and last message; None where they wrote none."""
    wrote = [each for each in messages if each.inbound and each.verdict == Verdict.CUSTOMER]
    if not wrote:
        return None
    ordered = sorted(wrote, key=lambda each: (each.sent_at, each.id))
    return ordered[0].id, ordered[-1].id


def _moods(rows: TicketRows) -> dict[str, Any]:
    ends = talk_ends(rows.history.messages)
    first, last = (rows.texts.get(each, "")[:MOOD_LENGTH] for each in ends) if ends else ("", "")
    sounded = _mood(first, rows.ticket.language)
    later = sounded if last == first else _mood(last, rows.ticket.language)
    return {"mood_first": sounded, "mood_last": later}


def _mood(text: str, language: str | None) -> int | None:
    """-2 angry, -1 unhappy, 0 neutral, 1 glad; None for a text that is gone or kept sealed."""
    return _MOODS[understand(text, language=language).mood] if text.strip() else None


def _stars(rows: TicketRows) -> int | None:
    """The stars of a review, as connectors write them in front: of its newest version."""
    ends = talk_ends(rows.history.messages)
    said = rows.texts.get(ends[1], "") if ends else ""
    return _stars_in(said) or _stars_in(rows.ticket.subject)


def _stars_in(text: str) -> int | None:
    line = text[:_MOST_STARS]
    count = line.count(_STAR)
    is_line = count > 0 and line == _STAR * count + _NO_STAR * (_MOST_STARS - count)
    return count if is_line else None


def _bought_again(told: Told) -> dict[str, Any]:
    """The customer's first order after the first answer that is known of.

    One paid in another currency than the ticket's has no amount: the two cannot be added.
    """
    ticket = told.rows.ticket
    bought = _next_purchase(told)
    if bought is None:
        return {"currency": ticket.currency}
    comparable = ticket.currency in {None, "", bought.currency}
    return {
        "currency": ticket.currency or bought.currency,
        "bought_again_at": whole_second(bought.at),
        "bought_again_cents": bought.cents if comparable else None,
    }


def _next_purchase(told: Told) -> Purchase | None:
    answered = next((each.at for each in told.events if isinstance(each, HumanAnswer)), None)
    if answered is None:
        return None
    asked_about = told.rows.ticket.order_id
    later = [
        each for each in told.rows.purchases if each.at > answered and each.order_id != asked_about
    ]
    return min(later, key=lambda each: (each.at, each.order_id), default=None)
