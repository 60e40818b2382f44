"""Invariants of what the desk decided: answers, clocks, owners, history, fences, rules."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from bot.db import queries, tables
from bot.db.clock_rows import load_clocks, load_histories
from bot.db.ticket_rows import select_tickets, ticket_of
from bot.db.types import AnyRow
from bot.domain.chain import chain_key
from bot.domain.clocks import StoredDeadline
from bot.domain.effects import EffectKind
from bot.domain.history import AWAITS_ANSWER, History
from bot.domain.ticket import EventType, MessageState
from bot.usecases.history import prove_history
from bot.usecases.planning import planned_by
from sla_rules.deadlines import PlannedDeadline
from sla_rules.vocabulary import LASTING, RESPONSES, ClockState
from tests.simulation.acts import Promise
from tests.simulation.desk import OWN_KEY
from tests.simulation.look import A_LOOK, Look
from tests.simulation.people import owns_after
from tests.simulation.ports import Violated
from tests.simulation.shop_world import By

SOON: Final = timedelta(minutes=10)
"""By then an answer is out, or its thread says what became of it."""

_ENDED: Final = {
    MessageState.FAILED: EventType.REPLY_FAILED,
    MessageState.UNSURE: EventType.REPLY_UNSURE,
    MessageState.BOUNCED: EventType.REPLY_BOUNCED,
}
_OPEN: Final = frozenset({MessageState.QUEUED, MessageState.SENDING})
_DECISIONS: Final = frozenset(
    {
        EventType.NO_ANSWER_NEEDED,
        EventType.RESOLVED,
        EventType.CLAIM_CLOSED,
        EventType.MERGED,
    }
)
_FINAL: Final = frozenset({"sent", "superseded", "dead"})


def i5_once(look: Look) -> None:
    """I5: no answer is handed over twice, and none that nobody sent."""
    for name, shop in look.shops.items():
        for key, count in sorted(shop.sends.items()):
            look.require(count == 1, "I5", f"{name} took answer {key} {count} times")
        words = Counter((taken.said.thread, taken.said.text) for taken in shop.taken)
        for (thread, text), count in words.items():
            # People never write the same twice; one form that was submitted twice does.
            look.require(count == 1, "I5", f"{name} took “{text}” in {thread} {count} times")


def i5_only_asked(look: Look) -> None:
    """I5, DESIGN 3: what reached a customer is an answer that somebody sent and did not take back."""
    for name, shop in look.shops.items():
        for taken in shop.taken:
            message = look.messages.get(int(taken.key))
            state = message.state if message is not None else "not there"
            look.require(
                state not in {"not there", MessageState.CANCELLED, MessageState.QUEUED},
                "I5",
                f"{name} took “{taken.said.text}”, which is {state} on the desk",
            )


def i6_no_silent_loss(look: Look) -> None:
    """I6: who was told that an answer goes out, sees in its thread if it did not."""
    for promise in look.people.promises.values():
        message = look.messages.get(promise.message_id)
        name = f"“{promise.words}” by {promise.actor}, promised {promise.at:%H:%M:%S}"
        if message is None:
            raise Violated("I6", f"{name}, is not there any more")
        state = MessageState(message.state)
        late = look.now - promise.at > SOON
        look.require(not (late and state in _OPEN), "I6", f"{name}, is still {state}")
        cancelled = state is MessageState.CANCELLED and not promise.undo_wanted
        look.require(not cancelled, "I6", f"{name}, was cancelled, and nobody took it back")
        _out_or_told(look, promise, state, name)


def _out_or_told(look: Look, promise: Promise, state: MessageState, name: str) -> None:
    if state is MessageState.SENT:
        out = any(shop.sends[str(promise.message_id)] for shop in look.shops.values())
        look.require(out, "I6", f"{name}, counts as sent, and the marketplace never had it")
    wanted = _ENDED.get(state)
    if wanted is None:
        return
    events = [
        each
        for each in queries.events(look.conn, promise.ticket_id)
        if each.type == wanted and each.data.get("message_id") == promise.message_id
    ]
    if not events:
        raise Violated("I6", f"{name}, is {state}, and its history does not say so")
    newest = events[-1]
    row = look.effects.get(f"log:{newest.id}")
    shown = row is not None and bool(look.slack.copies(row.id))
    fresh = look.now - newest.at < SOON
    look.require(shown or fresh, "I6", f"{name}, is {state}, and its thread does not say so")


def i10_evidence(look: Look) -> None:
    """I10: a response clock that counts as satisfied has an answer, or a decision, at its end."""
    evidence: dict[int, list[datetime]] = defaultdict(list)
    # By the marketplace's own books: what a machine wrote there is no answer.
    answers = {key for shop in look.shops.values() for key in shop.sends}
    answers |= {
        each.id for shop in look.shops.values() for each in shop.said if each.by is By.SELLER
    }
    for message in look.messages.values():
        if (
            message.direction == "out"
            and message.state == MessageState.SENT
            and (message.external_id in answers or str(message.id) in answers)
        ):
            evidence[message.ticket_id].append(message.sent_at)
    for event in look.rows(tables.ticket_event):
        if event.type in _DECISIONS:
            evidence[event.ticket_id].append(event.at)
    for row in look.deadlines.values():
        if row.metric not in RESPONSES or row.state not in {ClockState.MET, ClockState.LATE}:
            continue
        near = any(_same(row.stopped_at, at) for at in evidence[row.ticket_id])
        look.require(
            near,
            "I10",
            f"{row.metric} of {look.number(row.ticket_id)} is {row.state} at {row.stopped_at}, "
            "and nobody answered then",
        )


def i10_bounce(look: Look) -> None:
    """I10: an answer that came back answers nobody; who asked first is who waits."""
    for name, shop in look.shops.items():
        for taken in shop.taken:
            told = [
                each
                for each in shop.bounces_of(taken.said)
                if each.visible_at < look.now - A_LOOK and not each.poison
            ]
            message = look.messages.get(int(taken.key))
            if told and message is not None:
                look.require(
                    message.state in {MessageState.BOUNCED, MessageState.FAILED},
                    "I10",
                    f"{name} said at {told[0].visible_at:%H:%M:%S} that “{taken.said.text}” came "
                    f"back; on the desk it is {message.state}",
                )
    for ticket in look.tickets.values():
        _waits_from_the_start(look, ticket)


def _waits_from_the_start(look: Look, ticket: AnyRow) -> None:
    """Where nothing ever answered a ticket, its customer waits since their first words."""
    said = list(look.of_ticket(tables.message, ticket.id))
    asked = [one.sent_at for one in said if one.direction == "in" and one.verdict in AWAITS_ANSWER]
    answered = any(one.direction == "out" and one.state == MessageState.SENT for one in said)
    decided = any(one.type in _DECISIONS for one in look.of_ticket(tables.ticket_event, ticket.id))
    if not asked or answered or decided:
        return
    since = ticket.waiting_since
    look.require(
        since is not None and _same(since, min(asked)),
        "I10",
        f"#{ticket.number} was never answered; its customer waits since {since}, not {min(asked)}",
    )
    lasting = [
        row
        for row in look.of_ticket(tables.deadline, ticket.id)
        if row.metric in RESPONSES and row.state in LASTING
    ]
    look.require(bool(lasting), "I10", f"#{ticket.number} was never answered and no clock runs")


def _same(one: datetime | None, other: datetime) -> bool:
    return one is not None and abs(one - other) <= timedelta(seconds=1)


def i11_recomputed(look: Look) -> None:
    """I11: planning a ticket again, from its history and its rules, gives the rows that are stored."""
    desk, ids = look.worlds.desk(), list(look.tickets)
    histories, clocks = load_histories(look.conn, ids), load_clocks(look.conn, ids)
    for row in look.conn.execute(select_tickets().order_by(tables.ticket.c.id)).all():
        ticket = ticket_of(row)
        own = clocks.get(ticket.id, ())
        history = histories.get(ticket.id, History())
        _, planned = planned_by(desk, ticket, history, look.now, own)
        stored = {clock.deadline.key: clock.deadline for clock in own}
        for plan in planned:
            _as_planned(look, plan, stored.get((plan.metric, plan.scope, plan.instance)))


def _as_planned(look: Look, plan: PlannedDeadline, stored: StoredDeadline | None) -> None:
    name = f"{plan.scope} {plan.metric} {plan.instance}"
    if stored is None:
        raise Violated("I11", f"{name}, due {plan.due_at}, is not stored")
    number = look.number(stored.ticket_id)
    look.require(
        stored.state == plan.state,
        "I11",
        f"{name} of {number} is stored as {stored.state}, its history says {plan.state}",
    )
    look.require(
        stored.state == ClockState.PAUSED or stored.due_at == plan.due_at,
        "I11",
        f"{name} of {number} is stored as due {stored.due_at}, its history says {plan.due_at}",
    )


def i12_told_truly(look: Look) -> None:
    """I12: who was told that a ticket is theirs has it in its history."""
    owned = {EventType.CLAIMED, EventType.TAKEN_OVER, EventType.ASSIGNED, EventType.TRANSFERRED}
    known: dict[int, set[str]] = defaultdict(set)
    for event in look.rows(tables.ticket_event):
        if event.type in owned or event.type == EventType.UNDONE:
            named = queries.event(look.conn, event.id)
            words = {one for one in named.data.values() if isinstance(one, str)} if named else set()
            known[event.ticket_id] |= {event.actor, *words}
    for told in look.people.told:
        if told.act == "claim" and owns_after(told.outcome):
            look.require(
                told.actor in known[told.ticket_id],
                "I12",
                f"{told.actor} was told that #{told.number} is theirs; its history knows nothing",
            )


_SIGNED: Final = (
    "state",
    "assignee",
    "snoozed_until",
    "acknowledged_at",
    "resolved_at",
    "risk",
    "stage",
    "topic",
    "vip",
    "merged_into",
)


def i14_history(look: Look) -> None:
    """I12, I14: no ticket and no answer changes without an event of that ticket beside it."""
    events = tables.ticket_event.c
    found = (
        select(events.ticket_id, func.max(events.id))
        .where(events.ticket_id.is_not(None))
        .group_by(events.ticket_id)
    )
    newest: dict[int, int] = {row[0]: row[1] for row in look.conn.execute(found)}
    ticket = tables.ticket.c
    for row in look.conn.execute(select(ticket.id, ticket.number, *(ticket[n] for n in _SIGNED))):
        _changed_by_event(look, row, newest)
    message = tables.message.c
    told = select(message.id, message.ticket_id, message.state).where(message.direction == "out")
    for row in look.conn.execute(told):
        before = look.memory.messages.get(row.id)
        same = look.memory.newest_event.get(row.ticket_id) == newest.get(row.ticket_id)
        moved = before is not None and row.state not in {before, MessageState.SENDING}
        look.require(
            not (moved and same),
            "I14",
            f"answer {row.id} went from {before} to {row.state} without an event",
        )
        look.memory.messages[row.id] = row.state
    look.memory.newest_event = newest


def _changed_by_event(look: Look, row: AnyRow, newest: dict[int, int]) -> None:
    now = tuple(row[2:])
    before = look.memory.tickets.get(row.id)
    look.memory.tickets[row.id] = now
    if before is None or before == now:
        return
    if look.memory.newest_event.get(row.id) != newest.get(row.id):
        return
    changed = {
        name: f"{old} → {new}"
        for name, old, new in zip(_SIGNED, before, now, strict=True)
        if old != new
    }
    rule = "I12" if "assignee" in changed else "I14"
    raise Violated(rule, f"#{row.number} changed without an event: {changed}")


def i14_chain(look: Look) -> None:
    """I14: the chain over the history has no break, however often it was sealed anew."""
    key = chain_key(OWN_KEY)
    proof = prove_history(look.conn, {key.name: key})
    look.require(proof.ok, "I14", f"the chain over the history is broken: {proof.breaks[:2]}")


def i13_fence(look: Look) -> None:
    """I13: nobody sends what somebody else is sending, and what is settled stays settled."""
    twice = look.slack.twice_in_flight
    look.require(not twice, "I13", f"effects {twice[:3]} were sent twice at the same time")
    box, memory = tables.outbox.c, look.memory
    for row in look.conn.execute(select(box.id, box.kind, box.state)):
        before = memory.settled.get(row.id)
        again = before is not None and row.state != before and row.kind != EffectKind.POST_ROOT
        look.require(
            not again, "I13", f"{row.kind} was settled as {before}, and is {row.state} now"
        )
        if row.state in _FINAL:
            memory.settled[row.id] = row.state


def i19_one_version(look: Look) -> None:
    """I19: the clocks of one wait go by one version of the rules, and that version is kept."""
    kept = {(row.kind, row.name, row.version) for row in look.rows(tables.rule_version)}
    waits: dict[tuple[int, str, int], set[str]] = defaultdict(set)
    for row in look.deadlines.values():
        if row.state not in LASTING:
            continue
        waits[row.ticket_id, row.metric, row.instance].add(row.policy_version)
        look.require(
            ("policy", row.policy, row.policy_version) in kept,
            "I19",
            f"a clock of {look.number(row.ticket_id)} goes by {row.policy} {row.policy_version}, "
            "which is not kept",
        )
    for (ticket_id, metric, _), versions in sorted(waits.items()):
        look.require(
            len(versions) == 1,
            "I19",
            f"{metric} of {look.number(ticket_id)} goes by {len(versions)} versions of the rules",
        )


Check = Callable[[Look], None]
STEP: Final[Sequence[Check]] = (i5_once, i13_fence, i14_history)
END: Final[Sequence[Check]] = (
    i5_only_asked,
    i6_no_silent_loss,
    i10_evidence,
    i10_bounce,
    i11_recomputed,
    i12_told_truly,
    i14_chain,
    i19_one_version,
)
