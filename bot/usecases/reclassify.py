"""Correct what the desk believes a ticket is: its clocks follow at once, from the same start."""

from dataclasses import dataclass, replace
from typing import Any

from bot.db.clock_rows import load_clocks, load_histories
from bot.db.unit import Tx
from bot.domain.class_change import Reclassification, what_changed
from bot.domain.desk import Desk
from bot.domain.inbound import kept_tags
from bot.domain.ticket import Ticket
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import redraw, work_on
from bot.usecases.class_changes import plan_classes
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk, Stage

__all__ = ["Reclassification", "Reclassify", "Unchanged", "reclassify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassify:
    """What `actor` knows better; None leaves a fact as it is. `tags` replace those there are."""

    ticket_id: int
    actor: str
    risk: Risk | None = None
    stage: Stage | None = None
    vip: bool | None = None
    topic: Topic | None = None
    tags: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The ticket is all that already."""


def reclassify(tx: Tx, desk: Desk, command: Reclassify) -> Reclassification | Unchanged:
    """Raises NotAllowed, NoSuchTicket, DeskError when the command names no fact."""
    given = _given(command)
    if not given:
        raise DeskError(tr("Say what it is, for example: vip, risk critical or topic chargeback."))
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    changed: Ticket = replace(ticket, **given)
    if not what_changed(ticket, changed):
        return Unchanged()
    redraw(tx, desk, ticket, ticket.version + 1)
    return plan_classes(
        tx,
        desk,
        [changed],
        before={ticket.id: ticket},
        actor=command.actor,
        histories=load_histories(tx.conn, [ticket.id]),
        clocks=load_clocks(tx.conn, [ticket.id]),
    )[ticket.id]


def _given(command: Reclassify) -> dict[str, Any]:
    given = {
        "risk": command.risk,
        "stage": command.stage,
        "vip": command.vip,
        "topic": command.topic,
        "tags": None if command.tags is None else frozenset(kept_tags(command.tags)),
    }
    return {name: value for name, value in given.items() if value is not None}
