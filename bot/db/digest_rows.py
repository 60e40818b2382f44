"""What digests count, and which were decided already."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, and_, func, or_, select, update

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.domain.digests import Counts, DigestKind
from sla_rules.vocabulary import Author, ClockState, Kind, Scope

_T = tables.ticket.c
_M = tables.message.c
_D = tables.deadline.c
_I = tables.inbox.c
_G = tables.digest.c


def decided(conn: Connection, kind: DigestKind, day: date) -> frozenset[str]:
    """The places for which this digest was decided."""
    return frozenset(conn.scalars(select(_G.place).where(_G.kind == kind, _G.day == day)))


def decide_once(conn: Connection, kind: DigestKind, place: str, day: date, now: datetime) -> bool:
    """Take it upon oneself to decide a digest; False where somebody did."""
    row = insert_ignore(conn, tables.digest).values(
        kind=kind, place=place, day=day, decided_at=now, sent=False
    )
    return conn.execute(row).rowcount == 1


def note_sent(conn: Connection, kind: DigestKind, place: str, day: date) -> None:
    """Write down that there was something to say."""
    conn.execute(
        update(tables.digest)
        .where(_G.kind == kind, _G.place == place, _G.day == day)
        .values(sent=True)
    )


def counts(
    conn: Connection, inboxes: Sequence[str], since: datetime, until: datetime
) -> tuple[Counts, ...]:
    """What happened in some inboxes between two moments, in the order given."""
    received, answered = _messages(conn, inboxes, since, until)
    missed = _misses(conn, inboxes, since, until)
    return tuple(
        Counts(inbox=one, received=received[one], answered=answered[one], missed=missed[one])
        for one in inboxes
    )


def _messages(
    conn: Connection, inboxes: Sequence[str], since: datetime, until: datetime
) -> tuple[Counter[str], Counter[str]]:
    rows = conn.execute(
        select(_I.name, _M.direction, func.count().label("messages"))
        .join_from(tables.message, tables.ticket, _M.ticket_id == _T.id)
        .join(tables.inbox, _T.inbox_id == _I.id)
        .where(_I.name.in_(inboxes), _M.sent_at >= since, _M.sent_at < until)
        .where(
            or_(
                and_(
                    _M.direction == "in",
                    _M.author != Author.AUTO,
                    _T.kind.not_in((Kind.NOTICE, Kind.SUSPECT)),  # to which nobody awaits an answer
                ),
                and_(_M.direction == "out", _M.author == Author.AGENT, _M.state == "sent"),
            )
        )
        .group_by(_I.name, _M.direction)
    )
    received, answered = Counter[str](), Counter[str]()
    for row in rows:
        (received if row.direction == "in" else answered)[row.name] += row.messages
    return received, answered


def _misses(
    conn: Connection, inboxes: Sequence[str], since: datetime, until: datetime
) -> Counter[str]:
    late = or_(_D.state == ClockState.LATE, _D.breached_at.is_not(None))
    rows = conn.execute(
        select(_I.name, func.count(func.distinct(_D.ticket_id)).label("tickets"))
        .join_from(tables.deadline, tables.ticket, _D.ticket_id == _T.id)
        .join(tables.inbox, _T.inbox_id == _I.id)
        .where(_I.name.in_(inboxes), _D.due_at >= since, _D.due_at < until, late)
        .where(_D.scope != Scope.WINDOW, _D.state != ClockState.CANCELLED)
        .group_by(_I.name)
    )
    return Counter({row.name: row.tickets for row in rows})
