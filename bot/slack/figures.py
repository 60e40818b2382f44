"""Reports as effects of Slack need them: counted apart from the desk's work, over what is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.outbox.executor import TryLater
from bot.reports.question import Question
from bot.reports.report import Report
from bot.usecases.figures import catch_up

if TYPE_CHECKING:
    from bot.reports.advice import Advice
    from bot.reports.health.lines import HealthLine

T = TypeVar("T")

MEASURED_AT_ONCE: Final = 2_000
"""Tickets measured before a report; of more than that it waits until the desk has caught up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """A report, where it hurts most and what would help, also in words; and marketplaces' own figures.

    `rows` are the tickets and waits behind it, as CSV; empty where they were not asked for.
    """

    report: Report
    advice: "Advice | None" = None
    words: str = ""
    health: "Sequence[HealthLine]" = ()
    rows: str = ""


class Figures:
    """Answers questions about the past. `desk` gives the rules of the moment."""

    def __init__(
        self, db: Database, apart: ReadApart, desk: Callable[[], Desk], clock: Clock
    ) -> None:
        self._db = db
        self._apart = apart
        self._desk = desk
        self._clock = clock

    async def answer(self, question: Question, at: datetime) -> Report:
        """The report of a question, as of `at`. Raises TryLater while it cannot be made."""
        return await self._read(lambda conn, desk: _answered(conn, desk, question, at))

    async def bare(self, question: Question, at: datetime) -> Advised:
        """The same, without any advice."""
        return Advised(report=await self.answer(question, at))

    async def advised(self, question: Question, at: datetime) -> Advised:
        """The same, with what would help where it hurts most. Takes seconds."""
        return await self._read(lambda conn, desk: _advised(conn, desk, question, at))

    async def whole(self, question: Question, at: datetime) -> Advised:
        """The same, with how the marketplaces judge the inboxes, and the rows behind the figures."""
        return await self._read(lambda conn, desk: _whole(conn, desk, question, at))

    async def _read(self, fn: Callable[[Connection, Desk], T]) -> T:
        desk = self._desk()
        if await catch_up(self._db, desk, self._clock, limit=MEASURED_AT_ONCE) >= MEASURED_AT_ONCE:
            raise TryLater("not every ticket is measured yet")
        try:
            return await self._apart.read(lambda conn: fn(conn, desk))
        except DBAPIError as exc:
            raise TryLater(f"the database did not answer ({type(exc).__name__})") from exc


def _answered(conn: Connection, desk: Desk, question: Question, at: datetime) -> Report:
    # Counting needs numpy, which neither the start of the desk nor its own loop waits for.
    from bot.reports.answering import answer  # noqa: PLC0415 - as said above

    return answer(conn, desk, question, at)


def _advised(conn: Connection, desk: Desk, question: Question, at: datetime) -> Advised:
    from bot.reports.advice import advice_words, advise  # noqa: PLC0415 - as above

    report = _answered(conn, desk, question, at)
    advice = advise(conn, desk, report, at)
    return Advised(report=report, advice=advice, words=advice_words(advice) if advice else "")


def _whole(conn: Connection, desk: Desk, question: Question, at: datetime) -> Advised:
    from bot.reports.files.rows import rows_csv  # noqa: PLC0415 - as above
    from bot.reports.health.lines import health  # noqa: PLC0415 - as above

    lines = health(conn, desk, at, question.inboxes)
    rows = rows_csv(conn, question, at)
    return replace(_advised(conn, desk, question, at), health=lines, rows=rows)
