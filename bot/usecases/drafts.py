"""Keep what an agent has written so far, and throw it away again."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.db import draft_rows
from bot.db.unit import Tx
from bot.domain.approvals import watched
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.usecases.access import require_sight
from bot.usecases.hold_reply import macros_to_judge


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDraft:
    """Remember `text` as the actor's answer to be; without `over` only where there is none yet.

    `machine` is where the words are from, if a machine wrote them; `aside` what they replace, None
    where they replace nothing new. `macros` are the refs of those it began from; None where that is
    as before.
    """

    ticket_id: int
    actor: str
    text: str
    over: bool = True
    machine: str = ""
    aside: str | None = None
    macros: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDraft:
    """Throw the actor's draft away."""

    ticket_id: int
    actor: str


def keep_draft(tx: Tx, desk: Desk, command: KeepDraft) -> None:
    """The newest text is kept, one a ticket and agent. Raises NotAllowed, NotInSight."""
    require_sight(tx.conn, desk, command.actor, command.ticket_id, Verb.WORK)
    refs = command.macros or ()
    watching = watched(macros_to_judge(tx.conn, desk, refs), refs)
    draft_rows.keep_draft(
        tx,
        command.ticket_id,
        command.actor,
        command.text,
        over=command.over,
        machine=command.machine,
        aside=command.aside,
        macros=None if command.macros is None else watching,
    )


def drop_draft(tx: Tx, desk: Desk, command: DropDraft) -> None:
    """Raises NotAllowed, NotInSight."""
    require_sight(tx.conn, desk, command.actor, command.ticket_id, Verb.WORK)
    draft_rows.drop_draft(tx, command.ticket_id, command.actor)
