"""Two conversations of one customer become one, and are separated again.

Messages that still wait for an answer move to the ticket that goes on, with their own way of
being answered; what the customer writes to either arrives there. Nobody's wait is lost: it counts
from when it began.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.db.clock_rows import load_clocks, load_histories
from bot.db.merge_rows import (
    answer_on_its_way,
    keys_of,
    lead_keys,
    move_messages,
    said_since,
    set_merged_into,
    words_of,
)
from bot.db.relation_rows import marks_of, relations_of
from bot.db.ticket_rows import facts_row, facts_that_differ, lock_tickets, restore_facts
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.history import unanswered
from bot.domain.holds import standing_marks
from bot.domain.inbound import joined_tags
from bot.domain.roster import Verb
from bot.domain.said import kind_word
from bot.domain.ticket import DESK, EventType, Ticket, graver_topic
from bot.domain.triage import graver_risk
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import post_line, redraw, require, sees_ticket, work_on
from bot.usecases.class_changes import plan_classes
from bot.usecases.clocks import replan
from bot.usecases.inbound_lines import EXCERPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """The conversation of `ticket_id` goes on in `into_id`."""

    ticket_id: int
    into_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """It does. `moved` messages of it still wait for an answer, and do so in the other one now."""

    number: int
    into: int
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerge:
    """They were two matters after all."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerged:
    """The conversation goes on in its own ticket again."""

    number: int
    other: int


def merge(tx: Tx, desk: Desk, command: Merge) -> Merged:
    """Raises NotAllowed, NoSuchTicket, and DeskError that says why the two cannot be one."""
    require(desk, command.actor, Verb.WORK)
    # Both at once, in the order of their ids: two people who merge crosswise wait for each other.
    lock_tickets(tx.conn, [command.ticket_id, command.into_id])
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    into = work_on(tx, desk, command.actor, command.into_id)
    _refuse_unlike(ticket, into)
    _refuse_busy(tx, ticket, into)
    histories = load_histories(tx.conn, [ticket.id])
    moved = unanswered(ticket, histories[ticket.id])
    keys = keys_of(tx.conn, ticket.id)
    lead_keys(tx.conn, keys, to=into.id)
    move_messages(tx, moved, to=into.id, moved_from=ticket.id)
    set_merged_into(tx.conn, ticket.id, into.id)
    joined = _joined(into, ticket) if moved else into
    _tell(tx, desk, ticket, into, command.actor, moved=moved, keys=keys, joined=joined)
    _plan_both(tx, desk, ticket, before=into, after=joined)
    return Merged(number=ticket.number, into=into.number, moved=len(moved))


def _refuse_unlike(ticket: Ticket, into: Ticket) -> None:
    one, other = f"#{ticket.number}", f"#{into.number}"
    if ticket.id == into.id:
        raise DeskError(tr("{one} cannot be merged into itself.", one=one))
    if ticket.inbox_id != into.inbox_id:
        raise DeskError(
            tr(
                "{one} came through {inbox} and {other} through {other_inbox}: "
                "they cannot be merged. Link them instead.",
                one=one,
                inbox=ticket.inbox,
                other=other,
                other_inbox=into.inbox,
            )
        )
    if ticket.customer_id is None or ticket.customer_id != into.customer_id:
        raise DeskError(
            tr(
                "{one} and {other} are from different customers. Link them instead.",
                one=one,
                other=other,
            )
        )
    if ticket.kind != into.kind:
        raise DeskError(
            tr(
                "{one} and {other} are of different kinds ({kind}, {other_kind}): "
                "each has clocks of its own. Link them instead.",
                one=one,
                other=other,
                kind=kind_word(ticket.kind),
                other_kind=kind_word(into.kind),
            )
        )


def _refuse_busy(tx: Tx, ticket: Ticket, into: Ticket) -> None:
    for each in (ticket, into):
        if answer_on_its_way(tx.conn, each.id):
            raise DeskError(
                tr(
                    "An answer to #{number} is on its way. Merge when it has arrived.",
                    number=each.number,
                )
            )
    inside = relations_of(tx.conn, ticket.id).merged
    if inside:
        raise DeskError(
            tr(
                "#{inside} was merged into #{number}: merge the other way round, "
                "#{other} into #{number}.",
                inside=inside[0].number,
                number=ticket.number,
                other=into.number,
            )
        )


def _joined(into: Ticket, ticket: Ticket) -> Ticket:
    """The ticket that goes on, with what its rules have to know of the other one."""
    limits = [each.platform_limit for each in (into, ticket) if each.platform_limit is not None]
    limit: timedelta | None = min(limits, default=None)
    return replace(
        into,
        risk=graver_risk(into.risk, ticket.risk),
        topic=graver_topic(into.topic, ticket.topic),
        vip=into.vip or ticket.vip,
        tags=joined_tags(into.tags, ticket.tags),
        order_id=into.order_id or ticket.order_id,
        platform_limit=limit,
    )


def _tell(
    tx: Tx,
    desk: Desk,
    ticket: Ticket,
    into: Ticket,
    actor: str,
    *,
    moved: Sequence[int],
    keys: Sequence[int],
    joined: Ticket,
) -> None:
    event_id = tx.record(
        ticket.id,
        EventType.MERGED,
        actor=actor,
        into=into.id,
        other=into.number,
        messages=list(moved),
        keys=list(keys),
    )
    post_line(tx, desk, ticket, event_id)
    event_id = tx.record(
        into.id,
        EventType.MERGED_IN,
        actor=actor,
        absorbed=ticket.id,
        other=ticket.number,
        text=words_of(tx.conn, moved)[:EXCERPT],
        was=facts_that_differ(into, joined),
        became=facts_that_differ(joined, into),
    )
    post_line(tx, desk, into, event_id)


def _plan_both(tx: Tx, desk: Desk, ticket: Ticket, *, before: Ticket, after: Ticket) -> None:
    ids = [ticket.id, before.id]
    plan_classes(
        tx,
        desk,
        [ticket, after],
        before={before.id: before},
        actor=DESK,
        histories=load_histories(tx.conn, ids),
        clocks=load_clocks(tx.conn, ids),
    )
    for each in (ticket, before):
        redraw(tx, desk, each, each.version + 1)


def unmerge(tx: Tx, desk: Desk, command: Unmerge) -> Unmerged:
    """Only while nobody wrote or answered since.

    Raises NotAllowed, NoSuchTicket, and DeskError where the two cannot be separated any more.
    """
    require(desk, command.actor, Verb.WORK)
    ticket = sees_ticket(tx, desk, command.actor, command.ticket_id)
    if ticket.merged_into is None:
        raise DeskError(tr("#{number} is not merged into another ticket.", number=ticket.number))
    lock_tickets(tx.conn, [ticket.id, ticket.merged_into])
    into = work_on(tx, desk, command.actor, ticket.merged_into)
    marks = standing_marks(marks_of(tx.conn, ticket.id, (EventType.MERGED, EventType.UNMERGED)))
    merged = marks[-1]
    if said_since(tx.conn, into.id, merged.id):
        raise DeskError(
            tr(
                "Somebody wrote or answered in #{other} since: "
                "#{number} cannot be separated from it any more.",
                other=into.number,
                number=ticket.number,
            )
        )
    lead_keys(tx.conn, merged.data["keys"], to=ticket.id)
    move_messages(tx, merged.data["messages"], to=ticket.id, moved_from=None)
    set_merged_into(tx.conn, ticket.id, None)
    _restore_class(tx, into, merged.id)
    _tell_apart(tx, desk, ticket, into, command.actor, undoes=merged.id)
    return Unmerged(number=ticket.number, other=into.number)


def _restore_class(tx: Tx, into: Ticket, merged_id: int) -> None:
    """What the merge taught the other ticket is forgotten, unless somebody changed it since."""
    found = [
        each for each in marks_of(tx.conn, into.id, (EventType.MERGED_IN,)) if each.id > merged_id
    ]
    if not found:
        return
    data, now = found[0].data, facts_row(into)
    unchanged = {name for name, value in data["became"].items() if now[name] == value}
    restore_facts(
        tx.conn, into.id, {name: data["was"][name] for name in data["was"] if name in unchanged}
    )


def _tell_apart(
    tx: Tx, desk: Desk, ticket: Ticket, into: Ticket, actor: str, *, undoes: int
) -> None:
    event_id = tx.record(
        ticket.id, EventType.UNMERGED, actor=actor, other=into.number, undoes=undoes
    )
    post_line(tx, desk, ticket, event_id)
    event_id = tx.record(into.id, EventType.UNMERGED_FROM, actor=actor, other=ticket.number)
    post_line(tx, desk, into, event_id)
    replan(tx, desk, [ticket.id, into.id])
    for each in (ticket, into):
        redraw(tx, desk, each, each.version + 1)
