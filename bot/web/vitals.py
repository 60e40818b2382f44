"""Is this process fit to be trusted with traffic, and what are its numbers?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from prometheus_client.core import Metric
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.db.unit import Database
from bot.jobs.auditor import Auditor
from bot.usecases.call_budget import spent_today
from bot.usecases.quarantine import count_quarantined
from bot.web.metrics import ProcessNumbers, read_numbers, render

PATIENCE: Final = 3.0
"""Seconds the database may take to begin and commit an empty write."""


async def _nothing() -> Sequence[Metric]:
    return ()


class Lag(Protocol):
    """How late the event loop runs."""

    def seconds(self) -> float:
        """The lag in seconds."""
        ...


class Link(Protocol):
    """The Socket Mode connection."""

    @property
    def connected(self) -> bool:
        """Whether it works."""
        ...

    @property
    def silent_seconds(self) -> float | None:
        """Since it was last seen working."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What the endpoints ask. `link` is None where Slack calls us, or not at all.

    `auditor` and `slowed` are those of a process that works; `calls` counts platforms' calls, and
    `measures` are further families of `/metrics`, `work` those that a working process counts.
    """

    database: Database
    clock: Clock
    restarts: Mapping[str, int]
    lag: Lag
    link: Link | None
    stopping: Callable[[], bool]
    auditor: Auditor | None = None
    slowed: Callable[[], Mapping[str, str]] = dict
    calls: Mapping[tuple[str, str], int] = field(default_factory=dict)
    measures: Callable[[], Awaitable[Sequence[Metric]]] = _nothing
    work: Callable[[], Sequence[Metric]] = tuple

    async def ready(self) -> dict[str, str | None]:
        """Each check's name, and why it fails or None."""
        checks = {
            "process": "stopping" if self.stopping() else None,
            "database": await self._database(),
        }
        if self.link is not None:
            checks["slack"] = None if self.link.connected else "not connected"
        return checks

    async def _database(self) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.database.write(lambda _tx: None, now=self.clock.now(), urgent=True)
        except TimeoutError:
            return f"no write within {PATIENCE:.0f} s"
        except (SQLAlchemyError, OSError) as exc:
            return type(getattr(exc, "orig", None) or exc).__name__
        return None

    async def details(self) -> dict[str, object]:
        """What an operator wants to see at one glance. Names and numbers, nothing of a customer."""
        now = self.clock.now()
        quarantined, spent = await self.database.read(
            lambda conn: (count_quarantined(conn), spent_today(conn, now)), urgent=False
        )
        report = self.auditor.latest if self.auditor else None
        findings = report.findings if report else ()
        return {
            "quarantined": quarantined,
            "findings": [f"{each.code}: {each.subject}" for each in findings],
            "calls_today": {name: each.reads + each.replies for name, each in spent.items()},
            "slowed": dict(self.slowed()),
        }

    async def metrics(self) -> bytes:
        """The exposition text of this moment."""
        now = self.clock.now()
        numbers = await self.database.read(lambda conn: read_numbers(conn, now), urgent=False)
        process = ProcessNumbers(
            restarts=self.restarts,
            loop_lag=self.lag.seconds(),
            socket_silent=self.link.silent_seconds if self.link else None,
            calls=self.calls,
        )
        return render(numbers, process, [*self.work(), *await self.measures()])
