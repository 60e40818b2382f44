"""The last what-if is kept with the desk's history and read back as it was."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.db import tables
from bot.db.ids import new_id
from bot.domain.whatif_summary import SHOWN, WhatIfSummary, summary_of
from bot.usecases.whatif_runs import RUN, last_run, record_run
from sla_rules.vocabulary import Metric, Scope
from sla_rules.whatif import KEPT, Flip, Group, Tally, WhatIf
from tests.builders import NOW, a_ticket, days, hours

pytestmark = pytest.mark.postgres(first=2)

GROUP = Group("amazon", Metric.FIRST_RESPONSE, Scope.INTERNAL)


def a_flip(ticket: int = 2**62) -> Flip:
    return Flip(
        ticket=ticket,
        group=GROUP,
        instance=0,
        late_before=False,
        late_after=True,
        due_before=NOW,
        due_after=None,
        ended_before=NOW + hours(1),
        ended_after=None,
        late_by=timedelta(hours=3, microseconds=7),
    )


def a_summary(*flips: Flip) -> WhatIfSummary:
    return WhatIfSummary(
        proposal="rules of new.toml",
        since=NOW - days(90),
        at=NOW,
        tickets=7,
        rows=((GROUP, Tally(deadlines_before=7, deadlines_after=7, newly_late=len(flips))),),
        flips=flips,
        answers=9,
        outside=2,
    )


async def test_a_run_comes_back_as_it_was_kept(db, desk):
    assert await db.read(last_run) is None

    kept = a_summary(a_flip())
    await db.write(lambda tx: record_run(tx, kept), now=NOW)

    assert await db.read(last_run) == kept


async def test_the_newest_run_is_shown(db, desk):
    await a_ticket(db, desk)
    for number in (1, 2):
        run = replace(a_summary(), tickets=number)
        await db.write(lambda tx, run=run: record_run(tx, run), now=NOW + hours(number))

    assert (await db.read(last_run)).tickets == 2


async def test_a_run_that_another_version_kept_is_as_if_there_was_none(db, desk):
    await db.write(
        lambda tx: tx.conn.execute(
            insert(tables.ticket_event).values(
                id=new_id(NOW), type=RUN, actor="desk", at=NOW, data={"summary": {"tickets": 3}}
            )
        ),
        now=NOW,
    )

    assert await db.read(last_run) is None


def test_only_the_gravest_flips_are_kept():
    found = WhatIf(tickets=9, tallies={}, flips=tuple(a_flip(n) for n in range(2 * KEPT)))

    kept = summary_of(found, "rules of new.toml", NOW, NOW)

    assert [flip.ticket for flip in kept.flips] == list(range(SHOWN))
