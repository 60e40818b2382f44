"""The tickets of the past, read page by page and judged on both sides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.db.past_queries import count_since, inbox_names, past_tickets
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.history import History
from bot.domain.replaying import past_of, rules_of
from bot.domain.ticket import Ticket
from sla_rules.restaffing import Rosters
from sla_rules.whatif import Replay, WhatIf


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The desk as it is and as it might be, and since when tickets are looked at."""

    before: Desk
    after: Desk
    rosters: Rosters | None
    since: datetime
    now: datetime


async def replayed(
    database: Database, question: Question, tell: Callable[[int, int], None]
) -> WhatIf:
    """Replay the tickets opened since; `tell` hears after each page how many of how many are done.

    Raises:
        PolicyError, CalendarError: as planning does.
    """
    inboxes = await database.read(inbox_names)
    before, after = (rules_of(desk, inboxes) for desk in (question.before, question.after))
    replay = Replay(before, after, question.now, question.rosters)
    total = await database.read(lambda conn: count_since(conn, question.since))
    done = reached = 0
    while page := await _page(database, question.since, reached):
        for ticket, history in page:
            replay.add(past_of(question.before, ticket, history))
        reached = page[-1][0].id
        done += len(page)
        tell(done, total)
    return replay.result()


async def _page(
    database: Database, since: datetime, after: int
) -> Sequence[tuple[Ticket, History]]:
    # Not urgent: a desk at work goes first.
    return await database.read(lambda conn: past_tickets(conn, since, after), urgent=False)
