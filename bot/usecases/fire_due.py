"""Turn pings whose time has come into posts. The cost follows what is due, never what is open."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.db.ping_rows import due_of, lock_due_tickets, note_breaches, settle
from bot.db.surge_rows import surging_channels
from bot.db.ticket_rows import change_tickets
from bot.db.unit import Tx
from bot.domain.card import CardStage
from bot.domain.desk import Desk
from bot.domain.ping_posts import PingPost, as_effects
from bot.domain.pings import DuePing, PingOutcome, Quiet, Verdicts, decide
from bot.domain.routing import channel_of_ticket
from bot.domain.ticket import DESK, EventType, Ticket, TicketState, graver, stage_of_severity
from bot.usecases.access import redraw_in_time

HAND_OVER: Final = timedelta(minutes=5)
"""How long a platform may take to accept an answer before its ticket's warnings are told again.

Some confirm an answer only when it is read back, with the next poll or the one after.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FireReport:
    """How many pings were posted; `more` says that others are due already."""

    fired: int
    more: bool


@dataclass(slots=True)
class _Settled:
    """Rows to write once every ticket is decided."""

    outcomes: dict[PingOutcome, list[int]] = field(default_factory=lambda: defaultdict(list))
    breached: list[int] = field(default_factory=list)
    tickets: list[dict[str, object]] = field(default_factory=list)
    posts: list[PingPost] = field(default_factory=list)


def fire_due(tx: Tx, desk: Desk, limit: int = 200) -> FireReport:
    """Decide the pings that are due, ticket by ticket: the gravest speaks for all.

    Tickets somebody else works on this very moment are left for the next round.
    """
    tickets, more = lock_due_tickets(tx.conn, tx.now, limit)
    settled = _Settled()
    fired = 0
    since = tx.now - desk.undo_window - HAND_OVER
    due_now, busy = due_of(tx.conn, tickets, tx.now, since=since)
    for ticket_id, due in _by_ticket(due_now).items():
        quiet = _quiet(desk, tickets[ticket_id], answering=ticket_id in busy)
        _raise_stage(tx, desk, tickets[ticket_id], due, settled)
        fired += _fire(tx, desk, tickets[ticket_id], decide(due, quiet, tx.now), settled)
    for outcome, ids in settled.outcomes.items():
        settle(tx.conn, ids, outcome, tx.now)
    note_breaches(tx.conn, settled.breached, tx.now)
    change_tickets(tx.conn, settled.tickets)
    surging = surging_channels(tx.conn) if settled.posts else ()
    for effect in as_effects(settled.posts, tx.now, surging):
        tx.emit(effect)
    return FireReport(fired=fired, more=more)


def _by_ticket(due: Iterable[DuePing]) -> Mapping[int, Sequence[DuePing]]:
    grouped: dict[int, list[DuePing]] = defaultdict(list)
    for ping in due:
        grouped[ping.ticket_id].append(ping)
    return grouped


def _quiet(desk: Desk, ticket: Ticket, *, answering: bool) -> Quiet:
    return Quiet(
        snoozed_until=ticket.snoozed_until,
        acknowledged_at=ticket.acknowledged_at,
        acknowledge_for=desk.acknowledge_for,
        answering=answering,
    )


def _fire(tx: Tx, desk: Desk, ticket: Ticket, verdicts: Verdicts, settled: _Settled) -> int:
    for ping, outcome in verdicts.silent:
        settled.outcomes[outcome].append(ping.id)
    _note_breaches(tx, ticket, verdicts, settled)
    if not verdicts.speaking:
        return 0
    loudest, *others = verdicts.speaking
    settled.outcomes[PingOutcome.SENT].append(loudest.id)
    settled.outcomes[PingOutcome.MERGED] += [ping.id for ping in others]
    ids = [ping.id for ping in verdicts.speaking]
    tx.record(
        ticket.id, EventType.PING, actor=DESK, step=loudest.step, ping_id=loudest.id, of=len(ids)
    )
    settled.posts.append(
        PingPost(
            ticket_id=ticket.id,
            ping_ids=ids,
            channel=channel_of_ticket(desk, ticket),
            audience=loudest.audience,
            breach=any(ping.is_breach for ping in verdicts.speaking),
        )
    )
    return 1


def _note_breaches(tx: Tx, ticket: Ticket, verdicts: Verdicts, settled: _Settled) -> None:
    missed = {
        ping.deadline_id: ping
        for ping in verdicts.speaking
        if ping.is_breach and ping.breached_at is None
    }
    for deadline_id, ping in missed.items():
        settled.breached.append(deadline_id)
        late = tx.now - ping.due_at
        tx.record(
            ticket.id,
            EventType.BREACH,
            actor=DESK,
            deadline_id=deadline_id,
            due_at=ping.due_at.isoformat(),
            late_seconds=int(late.total_seconds()),
        )


def _raise_stage(
    tx: Tx, desk: Desk, ticket: Ticket, due: Sequence[DuePing], settled: _Settled
) -> None:
    if ticket.state is not TicketState.OPEN:
        return
    running = [ping.severity for ping in due if ping.clock == "running"]
    shown: list[CardStage] = [ticket.card_stage, *map(stage_of_severity, running)]
    stage = graver(shown)
    if stage is ticket.card_stage:
        return
    version = ticket.version + 1
    settled.tickets.append({"id": ticket.id, "card_stage": stage, "version": version})
    redraw_in_time(tx, desk, ticket, version)
