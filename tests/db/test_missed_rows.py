"""Which tickets had a deadline that was missed in a stretch of time."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from bot.clock import Clock
from bot.db.missed_rows import missed_between, with_histories
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.usecases.figures import catch_up
from tests.builders import AMAZON, NOW, a_ticket, answer, days, hours

pytestmark = pytest.mark.postgres(first=1)


async def test_misses_are_found_by_when_the_deadline_passed(db: Database, desk: Desk) -> None:
    """Three questions to Amazon, due a day later: answered in time, answered late, not at all."""
    kept, late, forgotten = [(await a_ticket(db, desk)).id for _ in range(3)]
    await answer(db, desk, kept, at=NOW + hours(1))
    await answer(db, desk, late, at=NOW + hours(30))
    await catch_up(db, desk, Clock(start=NOW + days(3)))

    async def missed(
        since: datetime, until: datetime, inbox: str = AMAZON, limit: int = 9
    ) -> Sequence[int]:
        return await db.read(
            lambda conn: missed_between(conn, since, until, inboxes=[inbox], limit=limit)
        )

    due = NOW + days(1)
    assert await missed(NOW, due + hours(1)) == [forgotten, late]
    assert await missed(NOW, due + hours(1), limit=1) == [forgotten]
    assert await missed(NOW, due + hours(1), inbox="shop") == []
    assert await missed(due + hours(1), due + days(9)) == []
    assert kept not in await db.read(
        lambda conn: missed_between(conn, NOW, due + days(9), inboxes=None, limit=9)
    )
    read = await db.read(lambda conn: list(with_histories(conn, [late, forgotten])))
    assert sorted(len(history.messages) for _, history in read) == [1, 2]
