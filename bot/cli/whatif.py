"""`threadline whatif`: the past under other rules. Reads history, changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.progress import Progress

from bot.cli.console import err, fail, good, say
from bot.cli.desk_database import desk_without_slack, opened
from bot.db.past_queries import TicketLink, count_since, inbox_names, past_tickets, ticket_links
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.history import History, timeline
from bot.domain.routing import calendars_of
from bot.domain.ticket import Ticket
from bot.settings_file import Configuration, RuleBook, rules_with
from sla_rules.durations import read_duration
from sla_rules.errors import CalendarError, PolicyError
from sla_rules.whatif import Flip, Group, Past, Replay, Rules, Tally, WhatIf

SHOWN: Final = 20
"""Tickets shown by name; more are counted."""

_BAR: Final = 40
_MOMENT: Final = "%a %d %b %H:%M"


async def whatif(configuration: Configuration, proposal: Path, last: str, now: datetime) -> None:
    """Print breaches before and after for the tickets opened in the time `last`.

    Raises:
        SettingsError: the proposal cannot be used.
    """
    since = now - _length(last)
    proposed = rules_with(configuration.path, proposal)
    async with opened(configuration) as database:
        try:
            answer = await _replayed(database, configuration, proposed, since, now)
        except (PolicyError, CalendarError) as exc:
            fail(f"{proposal.name}: {exc}.")
        ids = {flip.ticket for flip in _first_flips(answer)}
        links = await database.read(lambda conn: ticket_links(conn, ids))
    zone = ZoneInfo(configuration.settings.desk.timezone)
    _show(
        answer,
        links,
        zone,
        f"{proposal.name}, tickets opened since {since.astimezone(zone):%d %b %Y}",
    )


def _length(text: str) -> timedelta:
    try:
        return read_duration(text)
    except ValueError as exc:
        fail(f'--last "{text}": {exc}.')


async def _replayed(
    database: Database,
    configuration: Configuration,
    proposed: RuleBook,
    since: datetime,
    now: datetime,
) -> WhatIf:
    inboxes = await database.read(inbox_names)
    before, after = desk_without_slack(configuration), desk_without_slack(proposed)
    replay = Replay(_rules(before, inboxes), _rules(after, inboxes), now)
    total = await database.read(lambda conn: count_since(conn, since))
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("Replaying tickets", total=total)
        reached = 0
        while page := await _page(database, since, reached):
            for ticket, history in page:
                replay.add(Past(ticket=ticket.id, timeline=timeline(ticket, history)))
            reached = page[-1][0].id
            bar.advance(task, len(page))
    return replay.result()


async def _page(
    database: Database, since: datetime, after: int
) -> Sequence[tuple[Ticket, History]]:
    # Not urgent: a desk at work goes first.
    return await database.read(lambda conn: past_tickets(conn, since, after), urgent=False)


def _rules(desk: Desk, inboxes: Sequence[str]) -> Rules:
    return Rules(
        policies=desk.policies, calendars={name: calendars_of(desk, name) for name in inboxes}
    )


def _first_flips(answer: WhatIf) -> Sequence[Flip]:
    return answer.flips[:SHOWN]


def _show(answer: WhatIf, links: Mapping[int, TicketLink], zone: ZoneInfo, title: str) -> None:
    say(f"{title}: {answer.tickets}", style="bold")
    if not answer.tickets:
        good("There is no history in that time.")
        return
    say("")
    most = max(
        (max(t.breaches_before, t.breaches_after) for t in answer.tallies.values()), default=0
    )
    for group, tally in answer.tallies.items():
        _show_group(group, tally, most)
    say("")
    if not answer.flips:
        good("No ticket would have ended otherwise.")
        return
    better = sum(flip.late_before for flip in answer.flips)
    say(
        f"{len(answer.flips)} clocks would have ended otherwise: "
        f"{better} no longer late, {len(answer.flips) - better} late by the new rules."
    )
    for flip in _first_flips(answer):
        say(f"  {_flip(flip, links[flip.ticket], zone)}")
    if len(answer.flips) > SHOWN:
        say(f"  … and {len(answer.flips) - SHOWN} more.")


def _show_group(group: Group, tally: Tally, most: int) -> None:
    say(f"{group.channel}: {_clock(group)}")
    for word, breaches, deadlines in (
        ("now", tally.breaches_before, tally.deadlines_before),
        ("new", tally.breaches_after, tally.deadlines_after),
    ):
        bar = "█" * round(_BAR * breaches / most) if most else ""
        share = f"{100 * breaches / deadlines:.1f} %" if deadlines else "no such clock"
        say(f"  {word}  {breaches:>7} late of {deadlines:<7} {share:>13}  {bar}".rstrip())


def _clock(group: Group) -> str:
    return f"{group.metric.replace('_', ' ')}, {group.scope}"


def _flip(flip: Flip, link: TicketLink, zone: ZoneInfo) -> str:
    before, after = (
        f"due {at.astimezone(zone):{_MOMENT}}" if at else "no clock"
        for at in (flip.due_before, flip.due_after)
    )
    verdict = "no longer late" if flip.late_before else "late"
    where = f"  {link.permalink}" if link.permalink else ""
    return f"#{link.number}  {_clock(flip.group)}: {before} → {after}, {verdict}{where}"
