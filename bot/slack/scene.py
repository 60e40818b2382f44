"""What the Slack executor reads of a ticket and its card, and what it writes when it is done."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from bot.db import queries, tables
from bot.db.unit import Tx
from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind, fetch_context, post_ops, show_files
from bot.domain.pictures import has_pictures
from bot.domain.pings import PingOutcome
from bot.domain.veil import body_rule
from bot.outbox.executor import OutboxRow, Then
from bot.slack.blocks.rendered import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A ticket and what became of its card. `card` is the result kept with the root's row."""

    ticket: TicketView
    root_state: str
    root_settled_at: datetime | None
    root_lane_group: str
    card: dict[str, Any]


def scene_of(conn: Connection, ticket_id: int) -> Scene | None:
    """The ticket and its card, or None when there is no such ticket."""
    ticket = queries.ticket_by_id(conn, ticket_id)
    if ticket is None:
        return None
    root = conn.execute(
        select(tables.outbox).where(tables.outbox.c.dedupe_key == f"root:{ticket_id}")
    ).one_or_none()
    if root is None:
        return Scene(
            ticket=ticket, root_state="", root_settled_at=None, root_lane_group="", card={}
        )
    return Scene(
        ticket=ticket,
        root_state=root.state,
        root_settled_at=root.settled_at,
        root_lane_group=root.lane_group,
        card=dict(root.result or {}),
    )


def graver_waits(conn: Connection, row: OutboxRow) -> bool:
    """Whether a later ping of the same ticket, at least as urgent, is ready to speak for this one."""
    box = tables.outbox.c
    return (
        conn.scalar(
            select(box.id)
            .where(box.lane == row.lane, box.state == "ready", box.kind == EffectKind.POST_PING)
            .where(box.id > row.id, box.priority <= row.priority)
            .limit(1)
        )
        is not None
    )


def channel_of_row(row: OutboxRow) -> str:
    """The channel the effect was meant for when it was decided."""
    return row.lane_group.partition(":")[2]


def digest_of(drawn: Rendered) -> str:
    """What two cards that look alike have in common."""
    text = json.dumps([drawn.text, drawn.blocks], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def in_turn(*thens: Then | None) -> Then:
    """All of `thens`, one after the other, in the one transaction."""

    def run(tx: Tx) -> None:
        for then in thens:
            if then is not None:
                then(tx)

    return run


def tell_ops(key: str, text: str) -> Then:
    """A line for the ops channel; once per `key`."""
    return lambda tx: tx.emit(post_ops(key, text))


def remember_root(row: OutboxRow, channel: str, ts: str, permalink: str | None) -> Then:
    """Keep where a ticket's card is."""
    ticket_id = int(row.payload["ticket_id"])
    return lambda tx: tx.conn.execute(
        update(tables.ticket)
        .where(tables.ticket.c.id == ticket_id, tables.ticket.c.slack_ts.is_(None))
        .values(slack_channel=channel, slack_ts=ts, slack_permalink=permalink)
    )


def ask_for_orders(ticket: TicketView, desk: Desk) -> Then | None:
    """Look up the orders behind the newest message: once people can read it, never before."""
    route = desk.inboxes.get(ticket.inbox)
    message = ticket.last_customer_message
    if route is None or not route.fetches_context or message is None:
        return None
    return lambda tx: tx.emit(fetch_context(ticket.id, message.id, inbox=ticket.inbox))


def ask_for_pictures(ticket: TicketView, message: MessageView | None, desk: Desk) -> Then | None:
    """Have the pictures of a message shown below it: once people can read it, never before."""
    route = desk.inboxes.get(ticket.inbox)
    if route is None or not route.fetches_attachments or message is None:
        return None
    if body_rule(desk, ticket.inbox) != "full":
        return None  # words can be masked, a picture cannot
    if message.direction != "in" or not has_pictures(message.verdict, message.attachments):
        return None
    return lambda tx: tx.emit(show_files(ticket.id, message.id))


def keep_card(row: OutboxRow, **changed: str | None) -> Then:
    """Change what is kept of the card with its root: the look of it, and where it is now."""
    key = f"root:{int(row.payload['ticket_id'])}"
    box = tables.outbox.c

    def keep(tx: Tx) -> None:
        known = tx.conn.scalar(select(box.result).where(box.dedupe_key == key)) or {}
        tx.conn.execute(
            update(tables.outbox).where(box.dedupe_key == key).values(result=known | changed)
        )

    return keep


def post_card_again(ticket_id: int, *, channel: str) -> Then:
    """Have the ticket's one root effect sent once more: its message is gone, or never was taken.

    It is the same row, so that there is still at most one card for the ticket on its way. Where the
    former one was is kept: what hangs below it has to go once the conversation's words do.
    """
    box, ticket = tables.outbox.c, tables.ticket.c

    def revive(tx: Tx) -> None:
        former = _former(tx.conn, ticket_id)
        revived = tx.conn.execute(
            update(tables.outbox)
            .where(box.dedupe_key == f"root:{ticket_id}", box.state.in_(("sent", "dead")))
            .values(
                state="ready",
                payload={"ticket_id": ticket_id},
                lane_group=f"slack:{channel}",
                not_before=tx.now,
                attempts=0,
                result=None,
                settled_at=None,
            )
        )
        if revived.rowcount:
            tx.conn.execute(
                update(tables.ticket)
                .where(ticket.id == ticket_id)
                .values(
                    slack_channel=None, slack_ts=None, slack_permalink=None, slack_former=former
                )
            )
            tx.wakes.add("outbox")

    return revive


def _former(conn: Connection, ticket_id: int) -> list[list[str]] | None:
    """Where the ticket's cards were, this one and what was posted below it in its stead included."""
    ticket, box = tables.ticket.c, tables.outbox.c
    places = select(ticket.slack_channel, ticket.slack_ts, ticket.slack_former)
    row = conn.execute(places.where(ticket.id == ticket_id)).one()
    kept = conn.scalar(select(box.result).where(box.dedupe_key == f"root:{ticket_id}")) or {}
    posts = [row.slack_ts, kept.get("card_ts")] if row.slack_channel else []
    found = [*(row.slack_former or ()), *([row.slack_channel, ts] for ts in posts if ts)]
    return found or None


def note_outcome(ids: Sequence[int], outcome: PingOutcome) -> Then:
    """Correct what became of pings that were handed to the outbox and not posted after all."""
    return lambda tx: tx.conn.execute(
        update(tables.ping).where(tables.ping.c.id.in_(ids)).values(outcome=outcome)
    )
