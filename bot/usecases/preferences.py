"""Say how one wants to be called: quiet hours, and in the thread or by a message of one's own."""

from dataclasses import dataclass, replace

from bot.db.preference_rows import keep_preference, preferences
from bot.db.unit import Tx
from bot.domain.called import as_chosen
from bot.domain.desk import Desk
from bot.domain.quiet_hours import PingWay, read_quiet
from bot.domain.roster import Agent, Verb
from bot.errors import DeskError
from bot.usecases.access import require

USUAL = "usual"
"""Stands for what the settings file says."""

NEVER = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefer:
    """What `actor` wants. Empty: as it is; `quiet` also takes "off" and "usual", `pings` "usual"."""

    actor: str
    quiet: str = ""
    pings: str = ""


def prefer(tx: Tx, desk: Desk, command: Prefer) -> Agent:
    """Write it down; how the person is called from now on.

    Raises NotAllowed, and DeskError for what cannot be read.
    """
    require(desk, command.actor, Verb.VIEW)
    chosen: dict[str, str | None] = {}
    if command.quiet:
        chosen["quiet"] = _quiet(command.quiet, desk.timezone)
    if command.pings:
        chosen["pings"] = _way(command.pings)
    if chosen:
        keep_preference(tx.conn, command.actor, now=tx.now, **chosen)
    return person_as_chosen(tx, desk, command.actor)


def person_as_chosen(tx: Tx, desk: Desk, actor: str) -> Agent:
    """The person with what they chose."""
    roster = as_chosen(desk.roster, preferences(tx.conn), desk.timezone)
    agent = roster.agents[actor]
    return replace(agent, timezone=agent.timezone or desk.timezone)


def _quiet(written: str, zone: str) -> str | None:
    if written == USUAL:
        return None
    if written == NEVER:
        return ""
    try:
        read_quiet(written, zone)
    except ValueError as exc:
        raise DeskError(f"{exc}.") from None
    return written


def _way(written: str) -> str | None:
    if written == USUAL:
        return None
    if written not in set(PingWay):
        raise DeskError(f"“{written}” is no way to be called: it is thread, dm or both.")
    return written
