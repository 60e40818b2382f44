"""Decide each morning, once, where there is something to tell, and read what it is."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Connection

from bot.db.digest_rows import counts, decide_once, decided, note_sent
from bot.db.queue_rows import at_risk
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.digests import MANAGERS, Digest, DigestKind
from bot.domain.effects import post_digest


def undecided(conn: Connection, desk: Desk, now: datetime) -> bool:
    """Whether a digest is due that nobody decided yet."""
    return any(
        place not in decided(conn, kind, day)
        for kind, day in desk.digests.due(now, desk.timezone)
        for place in _places(desk, kind)
    )


def decide_digests(tx: Tx, desk: Desk) -> None:
    """Send what is due, once for each place and day, however many processes look."""
    for kind, day in desk.digests.due(tx.now, desk.timezone):
        for place in _places(desk, kind):
            if not decide_once(tx.conn, kind, place, day, tx.now):
                continue
            if not read_digest(tx.conn, desk, kind, place, day=day, now=tx.now).is_empty:
                note_sent(tx.conn, kind, place, day)
                channel = desk.ops_channel if place == MANAGERS else place
                tx.emit(post_digest(kind, place, day, channel=channel or ""))


def read_digest(
    conn: Connection, desk: Desk, kind: DigestKind, place: str, *, day: date, now: datetime
) -> Digest:
    """What a digest says; what is at risk is that of this moment."""
    times, zone = desk.digests, desk.timezone
    inboxes = sorted(
        name for name, route in desk.inboxes.items() if place in {MANAGERS, route.channel}
    )
    span = times.began(kind, day, zone), times.ended(kind, day, zone)
    found = counts(conn, inboxes, *span)
    if kind is DigestKind.WEEKLY:
        return Digest(kind=kind, counts=found)
    rows, more = at_risk(conn, inboxes, now, limit=10)
    return Digest(kind=kind, counts=found, at_risk=rows, more=more)


def _places(desk: Desk, kind: DigestKind) -> Iterator[str]:
    if kind is DigestKind.DAILY:
        yield from sorted({route.channel for route in desk.inboxes.values()})
    elif desk.ops_channel is not None:
        yield MANAGERS
