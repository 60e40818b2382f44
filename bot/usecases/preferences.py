"""Say how one wants to be called and spoken to: quiet hours, where pings come, which language."""

from dataclasses import dataclass, replace

from bot.db.open_homes import open_home
from bot.db.preference_rows import keep_preference, preferences
from bot.db.unit import Tx
from bot.domain.called import as_chosen
from bot.domain.desk import Desk
from bot.domain.effects import publish_home
from bot.domain.quiet_hours import PingWay, read_quiet
from bot.domain.roster import Agent, Verb
from bot.domain.said import said
from bot.errors import DeskError
from bot.language import Language, language_named, tr
from bot.usecases.access import require

USUAL = "usual"
"""Stands for what the settings file says."""

NEVER = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefer:
    """What `actor` wants. Empty: as it is; "usual" is what the settings say; `quiet` takes "off" too.

    `language` is a code such as "it", or the name its speakers have for it.
    """

    actor: str
    quiet: str = ""
    pings: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferred:
    """How `agent` is called from now on, and the language that is spoken to them.

    `chosen` is the one they said themselves, None where they left it to settings and Slack.
    """

    agent: Agent
    language: Language
    chosen: Language | None


def prefer(tx: Tx, desk: Desk, command: Prefer) -> Preferred:
    """Write it down, and have their Home show it if it is open.

    Raises NotAllowed, and DeskError for what cannot be read.
    """
    require(desk, command.actor, Verb.VIEW)
    chosen: dict[str, str | None] = {}
    if command.quiet:
        chosen["quiet"] = _quiet(command.quiet, desk.timezone)
    if command.pings:
        chosen["pings"] = _way(command.pings)
    if command.language:
        chosen["language"] = _language(command.language)
    if chosen:
        keep_preference(tx.conn, command.actor, now=tx.now, **chosen)
        if open_home(tx.conn, command.actor, tx.now) is not None:
            tx.emit(publish_home(command.actor, tx.new_id()))
    return _as_chosen(tx, desk, command.actor)


def _as_chosen(tx: Tx, desk: Desk, actor: str) -> Preferred:
    found = preferences(tx.conn)
    agent = as_chosen(desk.roster, found, desk.timezone).agents[actor]
    spoken = found[actor].speaks if actor in found else None
    return Preferred(
        agent=replace(agent, timezone=agent.timezone or desk.timezone),
        language=agent.speaks or desk.language,
        chosen=spoken,
    )


def _quiet(written: str, zone: str) -> str | None:
    if written == USUAL:
        return None
    if written == NEVER:
        return ""
    try:
        read_quiet(written, zone)
    except ValueError as exc:
        raise DeskError(f"{said(exc.args[0])}.") from None
    return written


def _way(written: str) -> str | None:
    if written == USUAL:
        return None
    if written not in set(PingWay):
        raise DeskError(
            tr("“{written}” is no way to be called: it is thread, dm or both.", written=written)
        )
    return written


def _language(written: str) -> str | None:
    if written == USUAL:
        return None
    language = language_named(written)
    if language is None:
        raise DeskError(
            # For translators: the codes are typed as they are.
            tr(
                "“{written}” is no language that I speak: say en, it, fr, de or es.",
                written=written,
            )
        )
    return str(language)
