"""Invariants of what Slack shows: one card, order, every ping, no noise, nothing left unsent."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from bot.db import queries, tables
from bot.db.types import AnyRow
from bot.domain.card import TicketView
from bot.domain.effects import EffectKind, Priority
from bot.domain.pings import PingOutcome
from bot.domain.veil import posted_ticket
from bot.slack.blocks.clock_words import on_card
from bot.slack.blocks.wording import title
from sandbox.slack.model import Message
from sla_rules.vocabulary import ClockState
from tests.simulation.look import Look
from tests.simulation.ports import Violated

MOST_COPIES: Final = 2
IN_FLIGHT: Final = timedelta(seconds=60)
"""A ping that was on its way when its clock stopped is not called back."""

LATE: Final = timedelta(seconds=120)
NOISE_SPAN: Final = timedelta(minutes=30)
MOST_PINGS: Final = 4
"""In any half hour and for one ticket: two clocks may both warn and both be missed within it."""

_PINGS: Final = frozenset({EffectKind.POST_PING, EffectKind.POST_TOGETHER})


def i2_one_card(look: Look) -> None:
    """I2, I7: a second copy only after an outcome that nobody saw, and never a third."""
    slack, memory = look.slack, look.memory
    for posted in slack.posted[memory.posted :]:
        copies = slack.copies(posted.outbox_id)
        before = copies[: copies.index(posted)]
        if not posted.outbox_id or not before:
            continue
        kind = _kind_of(look, posted.outbox_id)
        rule = "I2" if kind == EffectKind.POST_ROOT else "I7"
        if len(before) >= MOST_COPIES:
            raise Violated(rule, f"{kind} was posted {len(before) + 1} times in {posted.channel}")
        if before[0].told:
            raise Violated(
                rule,
                f"{kind} was posted again in {posted.channel} at {posted.at:%H:%M:%S} although "
                f"Slack confirmed it at {before[0].at:%H:%M:%S}",
            )
    memory.posted = len(slack.posted)


def _kind_of(look: Look, outbox_id: int) -> str:
    box = tables.outbox.c
    return str(look.conn.scalar(select(box.kind).where(box.id == outbox_id)))


def i2_card_known(look: Look) -> None:
    """I2: the card that the desk knows of a ticket is the one in Slack."""
    for ticket in look.tickets.values():
        root = look.effects.get(f"root:{ticket.id}")
        if root is None or ticket.slack_ts is None:
            continue
        copies = {each.ts for each in look.slack.copies(root.id)}
        look.require(
            ticket.slack_ts in copies, "I2", f"{look.number(ticket.id)}'s card is not in Slack"
        )


def i3_order(look: Look) -> None:
    """I3: in a thread, things stand in the order in which they were decided.

    Missed deadlines go past everything else that waits, and keep the order among themselves.
    """
    lanes: dict[tuple[str, bool], list[AnyRow]] = defaultdict(list)
    for row in look.rows(tables.outbox):
        if row.lane.startswith("ticket:") and row.kind != EffectKind.POST_ROOT:
            lanes[row.lane, row.priority <= Priority.BREACH].append(row)
    for (lane, _), rows in sorted(lanes.items()):
        shown = [copies[0] for row in rows if (copies := look.slack.copies(row.id))]
        order = [each.ts for each in shown]
        number = look.number(int(lane.partition(":")[2]))
        look.require(order == sorted(order), "I3", f"the thread of {number} is out of order")


def i7_pings_told(look: Look) -> None:
    """I7: every due ping was fired, and every fired one is in Slack or is accounted for."""
    told = _told_pings(look)
    for ping in look.rows(tables.ping):
        name = f"{ping.step} of {look.number(ping.ticket_id)}, due {ping.fire_at:%H:%M:%S}"
        waits = ping.fired_at is None and ping.cancelled_at is None
        look.require(not waits or look.now - ping.fire_at < LATE, "I7", f"{name}, was never fired")
        if ping.fired_at is None or ping.outcome != PingOutcome.SENT:
            continue
        row = told.get(ping.id)
        if row is None:
            raise Violated("I7", f"{name}, was fired and no effect tells it")
        _delivered(look, row, name)


def _told_pings(look: Look) -> dict[int, AnyRow]:
    """The newest effect that tells each ping."""
    found: dict[int, AnyRow] = {}
    for row in look.rows(tables.outbox):
        if row.kind in _PINGS:
            found |= dict.fromkeys(row.payload["ping_ids"], row)
    return found


def _delivered(look: Look, row: AnyRow, name: str) -> None:
    copies = look.slack.copies(row.id)
    if row.state == "sent":
        look.require(bool(copies), "I7", f"{name}, counts as posted, and Slack has nothing of it")
    elif row.state in {"dead", "superseded"}:
        raise Violated(
            "I7", f"{name}, counts as told, but its effect is {row.state}: {row.last_error}"
        )


def i8_no_late_ping(look: Look) -> None:
    """I8: nothing is told of a clock that was known to have stopped."""
    for row in look.rows(tables.outbox):
        if row.kind != EffectKind.POST_PING:
            continue
        stopped = [look.memory.stopped.get(each) for each in _deadlines_of(look, row)]
        known = [each for each in stopped if each is not None]
        if not stopped or len(known) < len(stopped):
            continue
        for posted in look.slack.copies(row.id):
            late = posted.begun_at - max(known)
            number = look.number(row.payload["ticket_id"])
            look.require(
                late <= IN_FLIGHT,
                "I8",
                f"a ping of {number} was posted {late} after its clock stopped",
            )


def _deadlines_of(look: Look, row: AnyRow) -> Iterator[int]:
    wanted = set(row.payload["ping_ids"])
    return (ping.deadline_id for ping in look.rows(tables.ping) if ping.id in wanted)


def i9_shown_is_true(look: Look) -> None:
    """I9: a card shows the state, the owner and every deadline as they are stored."""
    desk = look.worlds.desk()
    for ticket in look.tickets.values():
        card = _card_of(look, ticket)
        if card is None:
            continue
        view = posted_ticket(queries.ticket_view(look.conn, ticket.id), desk)
        header = card.blocks[0]["text"]["text"]
        look.require(
            header == title(view, desk),
            "I9",
            f"the card of #{ticket.number} says “{header}”, it is “{title(view, desk)}”",
        )
        _shows_owner(look, card, view)
        _shows_deadlines(look, card, view)


def _card_of(look: Look, ticket: AnyRow) -> Message | None:
    """The card as readers see it; nothing while an edit of it may still be on its way."""
    root = look.effects.get(f"root:{ticket.id}")
    waits = look.now - ticket.updated_at < LATE
    if root is None or ticket.slack_ts is None or waits:
        return None
    ts = (root.result or {}).get("card_ts") or ticket.slack_ts
    return look.slack.message(ticket.slack_channel, ts)


def _shows_owner(look: Look, card: Message, view: TicketView) -> None:
    people = [one["user_id"] for one in _elements(card) if one.get("type") == "user"]
    owner = [view.assignee] if view.assignee else []
    look.require(
        people[:1] == owner,
        "I9",
        f"the card of #{view.number} shows {people}, its owner is {owner}",
    )


def _shows_deadlines(look: Look, card: Message, view: TicketView) -> None:
    shown = {one["timestamp"] for one in _elements(card) if one.get("type") == "date"}
    for clock in on_card(view.clocks):
        if clock.state is ClockState.RUNNING:
            look.require(
                int(clock.due_at.timestamp()) in shown,
                "I9",
                f"the card of #{view.number} does not show {clock.scope} {clock.metric} due "
                f"{clock.due_at}",
            )


def _elements(card: Message) -> Iterator[dict[str, Any]]:
    """The pieces of the card's state line."""
    for part in card.blocks[1]["elements"]:
        yield from part["elements"]


def i15_nothing_left(look: Look) -> None:
    """I15: what could go has gone, no lease is forgotten, every ticket has its card."""
    for row in _heads(look):
        name = f"{row.kind} {row.dedupe_key.partition(':')[0]} ({row.lane_group})"
        if row.state == "ready":
            late = look.now - row.not_before
            look.require(late < LATE, "I15", f"{name} waits since {late}: {row.last_error}")
        else:
            late = look.now - (row.lease_until or row.created_at)
            look.require(
                late < LATE, "I15", f"the lease of {name} ended {late} ago: {row.last_error}"
            )
    for ticket in look.tickets.values():
        carded = ticket.slack_ts is not None or look.now - ticket.opened_at < LATE
        look.require(carded, "I15", f"#{ticket.number} has no card")


def _heads(look: Look) -> Iterator[AnyRow]:
    """The effect of each lane that everything else in it waits for: a card, else the oldest."""
    lanes: dict[str, list[AnyRow]] = defaultdict(list)
    for row in look.rows(tables.outbox):
        if row.state in {"ready", "sending"}:
            lanes[row.lane].append(row)
    for lane in sorted(lanes):
        yield min(lanes[lane], key=lambda row: (row.kind != EffectKind.POST_ROOT, row.id))


def i16_waits(look: Look) -> None:
    """I16: a platform that asked to be left alone for a while is left alone."""
    waits = {"Slack": look.slack.waits, **{name: one.waits for name, one in look.shops.items()}}
    for name, known in waits.items():
        early = known.early
        look.require(not early, "I16", f"{name} was asked too early: {early[:3]}")


def i16_noise(look: Look) -> None:
    """I16: no ticket calls people more often than its steps come due."""
    told: dict[int, list[Any]] = defaultdict(list)
    for row in look.rows(tables.outbox):
        if row.kind == EffectKind.POST_PING and row.state == "sent":
            told[row.payload["ticket_id"]] += look.slack.copies(row.id)[:1]
    for ticket_id, posts in sorted(told.items()):
        times = sorted(each.at for each in posts)
        for first, last in zip(times, times[MOST_PINGS:], strict=False):
            span = last - first
            look.require(
                span >= NOISE_SPAN,
                "I16",
                f"{look.number(ticket_id)} called {MOST_PINGS + 1} times within {span}",
            )


def remember_stops(look: Look) -> None:
    """When each clock was first seen to stand or be over; one that runs again is forgotten."""
    deadline, stopped = tables.deadline.c, look.memory.stopped
    for row in look.conn.execute(select(deadline.id, deadline.state)):
        if row.state == ClockState.RUNNING:
            stopped.pop(row.id, None)
        else:
            stopped.setdefault(row.id, look.now)
