"""Somebody asks for the figures: who may, of which inboxes, and where everybody or nobody else sees it.

A channel sees what comes in by its own inboxes, so a report that is asked there counts those and no
others. Figures told apart by person are for leads and managers, where the owner allows them, and go
to whoever asks alone.
"""

from dataclasses import dataclass

from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.home import own_inboxes
from bot.domain.report_effects import ReportOrder, post_report
from bot.domain.roster import Role, Verb
from bot.errors import DeskError, NotAllowed
from bot.language import tr
from bot.reports.question import Dimension, Period
from bot.usecases.access import require


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReport:
    """`actor` asks, in `channel`, for the figures of `period`. `key` names this very request."""

    actor: str
    channel: str
    key: str
    period: Period
    by: Dimension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report that is on its way; `direct`: in a message to the one who asked."""

    period: Period
    direct: bool


def ask_report(tx: Tx, desk: Desk, command: AskReport) -> Asked:
    """Have a report posted, once for each request.

    Raises:
        NotAllowed: for who is no agent, and for agents who ask about single people.
        DeskError: single people are asked about, and the owner has not allowed that.
    """
    require(desk, command.actor, Verb.WORK)
    leads = desk.roster.may(command.actor, Verb.REVIEW)
    names_people = command.by is Dimension.AGENT
    if names_people:
        _refuse_people(desk, leads=leads)
    here = {name for name, route in desk.inboxes.items() if route.channel == command.channel}
    sight = desk.roster.inboxes(command.actor)
    if sight is not None:
        here &= sight
    # Who sees some inboxes only gets a report of those, and elsewhere than in their channels alone.
    direct = names_people or not (here or (leads and sight is None))
    inboxes = here if here and not direct else _own(desk, command.actor)
    order = ReportOrder(
        asker=command.actor,
        asked_at=tx.now,
        since=command.period.since,
        until=command.period.until,
        zone=command.period.zone,
        by=str(command.by or ""),
        inboxes=sorted(inboxes) if inboxes else None,
        names_people=names_people,
    )
    place = command.actor if direct or not command.channel else command.channel
    tx.emit(post_report(order, command.key, channel=place))
    return Asked(period=command.period, direct=place == command.actor)


def _refuse_people(desk: Desk, *, leads: bool) -> None:
    if not leads:
        raise NotAllowed(
            # For translators: what stands in quotation marks is typed in English.
            tr("Figures of single people are for leads and managers. Ask “7d by channel” instead.")
        )
    if not desk.rank_people:
        raise DeskError(
            tr(
                "Figures are not told apart by person on this desk. "
                "Its owner can allow it: {setting} under {table}.",
                setting="rank_people = true",
                table="[desk]",
            )
        )


def _own(desk: Desk, actor: str) -> frozenset[str]:
    """The inboxes that somebody works in, of those they see; empty for all: managers have no others."""
    person, sight = desk.roster.agents[actor], desk.roster.inboxes(actor)
    managing = person.role in {Role.MANAGER, Role.ADMIN}
    own = frozenset() if managing else own_inboxes(desk, actor)
    return own if sight is None else (own & sight) or sight
