"""Somebody opens their App Home, or chooses what it shows."""

from dataclasses import dataclass

from bot.db.open_homes import keep_home, knows_home
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.home import HomeChoice
from bot.domain.roster import Verb
from bot.usecases.access import require


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHome:
    """`actor` looks at their Home, as they chose to see it."""

    actor: str
    choice: HomeChoice


def open_home(tx: Tx, desk: Desk, command: OpenHome) -> bool:
    """Keep that it is open: it is drawn again when something of theirs changes.

    Returns whether it is the first time ever. Raises NotAllowed.
    """
    require(desk, command.actor, Verb.VIEW)
    first = not knows_home(tx.conn, command.actor)
    sees_all = desk.roster.may(command.actor, Verb.REVIEW)
    keep_home(tx.conn, command.actor, command.choice, tx.now, sees_all=sees_all)
    return first
