"""`threadline recompute`: open tickets under the rules as they are written now."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cli.console import good, say, warn
from bot.cli.desk_database import beside_a_desk, desk_without_slack, opened
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.recomputation import Move, TicketMoves
from bot.settings_file import Configuration
from bot.usecases.recompute import open_tickets, preview, recompute
from sla_rules.durations import in_words

_MOMENT = "%a %d %b %H:%M"


def run(configuration: Configuration, now: datetime, *, apply: bool, also_past: bool) -> None:
    """Show what moves, and with `apply` move it, some tickets a transaction.

    A desk may run beside it: it goes by what each ticket is frozen to, whatever its own file says.

    Raises:
        AlreadyRunning: `apply` on a SQLite file that a desk is using, with a SQLite library that
            may lose commits when two processes write.
    """
    url = configuration.environment.database_url
    alone = beside_a_desk(url)
    with alone if apply else nullcontext():
        found = asyncio.run(_run(configuration, now, apply=apply, also_past=also_past))
    _show(found, ZoneInfo(configuration.settings.desk.timezone))
    _sum_up(found, apply=apply, also_past=also_past)


async def _run(
    configuration: Configuration, now: datetime, *, apply: bool, also_past: bool
) -> Sequence[TicketMoves]:
    desk = desk_without_slack(configuration)
    found: list[TicketMoves] = []
    async with opened(configuration) as database:
        after = 0
        while ids := await _next_ids(database, after):
            # Looked at before it is applied: the table shows what was left alone, too.
            found += await _preview(database, desk, ids, now)
            if apply:
                await _apply(database, desk, ids, now, also_past=also_past)
            after = ids[-1]
    return found


async def _next_ids(database: Database, after: int) -> Sequence[int]:
    return await database.read(lambda conn: open_tickets(conn, after))


async def _preview(
    database: Database, desk: Desk, ids: Sequence[int], now: datetime
) -> Sequence[TicketMoves]:
    return await database.read(lambda conn: preview(conn, desk, ids, now))


async def _apply(
    database: Database, desk: Desk, ids: Sequence[int], now: datetime, *, also_past: bool
) -> None:
    await database.write(lambda tx: recompute(tx, desk, ids, also_past=also_past), now=now)


def _show(found: Sequence[TicketMoves], zone: ZoneInfo) -> None:
    for ticket in found:
        for move in ticket.moves:
            where = f"#{ticket.number} {ticket.inbox}"
            clock = f"{move.metric.replace('_', ' ')}, {move.scope}"
            say(f"  {where:<20} {clock:<28} {_words(move, zone)}  [{move.policy}]")
            if move.why:
                say(f"  {'':<20} {move.why}")


def _words(move: Move, zone: ZoneInfo) -> str:
    before, after = (
        f"{at.astimezone(zone):{_MOMENT}}" if at else "none" for at in (move.before, move.after)
    )
    if move.before is None or move.after is None:
        apart = "new clock" if move.before is None else "no such clock any more"
    else:
        sooner = "earlier" if move.after < move.before else "later"
        apart = f"{in_words(move.after - move.before)} {sooner}"
    return f"{before} → {after}  {apart}{', already past' if move.past else ''}"


def _sum_up(found: Sequence[TicketMoves], *, apply: bool, also_past: bool) -> None:
    moved = sum(bool(each.moves) for each in found)
    same = sum(each.rewritten and not each.moves for each in found)
    past = sum(each.past for each in found)
    say(
        f"{len(found)} open tickets: {moved} with a clock that moves, "
        f"{same} that only take on the new versions."
    )
    if past and not also_past:
        warn(
            f"{past} would be late at once and stay as they are; --also-past moves them too, "
            "and their managers are pinged."
        )
    rewritten = [each for each in found if each.rewritten]
    if not rewritten:
        good("Every clock is as the rules say.")
    elif not also_past and all(each.past for each in rewritten):
        say("Nothing is changed.")
    elif apply:
        good("Applied. Each ticket's history says so.")
    else:
        say("Nothing is changed yet: --apply does it.")
