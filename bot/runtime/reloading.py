"""A changed settings file is taken over while the desk runs, whole or not at all.

Rules, people and routes are one frozen snapshot (`Desk`), which is exchanged between two decisions.
What a running process is made of (connections, tokens, addresses) takes a restart: a file that
changes it is refused with the names of those keys, and the desk goes on with what it has.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from pydantic import BaseModel

from bot.clock import Clock
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.effects import post_ops
from bot.errors import DeskError, SettingsError
from bot.settings_file import Configuration
from bot.usecases.inboxes import sync_inboxes
from bot.usecases.rule_versions import keep_own_rules
from sla_rules.worded import Worded, worded

log = structlog.get_logger(__name__)

TAKEN_OVER: Final = frozenset(
    {"agents", "calendars", "desk", "digests", "inboxes", "policies", "routes", "shifts"}
)
"""Tables of the file that may change while the desk runs; of every other one nothing may."""

OF_THE_PROCESS: Final[Mapping[str, frozenset[str]]] = {
    "desk": frozenset({"language", "public_url"}),
    "inboxes": frozenset({"connector", "poll_seconds", "settings"}),
}
"""Keys of those tables that a process is built from at its start."""

SHOWN: Final = 5
"""Keys and problems named in one message."""


def needs_restart(old: Configuration, new: Configuration) -> Sequence[str]:
    """The changed keys that only a restart takes over; none: the file can be taken over as it is."""
    found = [
        name
        for name in type(old.settings).model_fields
        if name not in TAKEN_OVER and getattr(old.settings, name) != getattr(new.settings, name)
    ]
    if old.environment != new.environment:
        found.append("environment")
    if old.llm_key != new.llm_key:
        found.append("llm")
    found += _changed("desk", old.settings.desk, new.settings.desk)
    return (*found, *_of_inboxes(old, new))


def _of_inboxes(old: Configuration, new: Configuration) -> list[str]:
    before = {each.name: each for each in old.settings.inboxes}
    after = {each.name: each for each in new.settings.inboxes}
    found = [f"inboxes.{name}" for name in sorted(before.keys() ^ after.keys())]
    for name in sorted(before.keys() & after.keys()):
        keys = _changed("inboxes", before[name], after[name])
        if old.inbox_configs[name] != new.inbox_configs[name]:
            keys.append("inboxes.settings")
        found += [f"{key} of {name}" for key in dict.fromkeys(keys)]
    return found


def _changed(table: str, old: BaseModel, new: BaseModel) -> list[str]:
    keys = sorted(OF_THE_PROCESS[table])
    return [f"{table}.{key}" for key in keys if getattr(old, key) != getattr(new, key)]


@dataclass(slots=True)
class DeskInUse:
    """The snapshot that a process goes by at this moment."""

    desk: Desk


class Reloader:
    """Reads the settings file again whenever `asked`.

    `read` reads and checks it, `make` looks up its names and makes the new snapshot for `using`,
    `taken_over` is called when that is in use.
    A file of which anything is wrong changes nothing.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        configuration: Configuration,
        using: DeskInUse,
        *,
        asked: asyncio.Event,
        read: Callable[[], Configuration],
        make: Callable[[Configuration], Awaitable[Desk]],
        taken_over: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._configuration = configuration
        self._read = read
        self._make = make
        self._taken_over = taken_over
        self._using = using
        self._asked = asked

    async def run(self) -> None:
        """Read it whenever asked, until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self.reload()

    async def reload(self) -> bool:
        """Read the file; whether it was taken over. Never raises for what stands in it."""
        try:
            new = await asyncio.to_thread(self._read)
        except (SettingsError, OSError) as exc:
            return await self._refuse(_problems(exc))
        if keys := needs_restart(self._configuration, new):
            shown = f"{', '.join(keys[:SHOWN])}{' …' * (len(keys) > SHOWN)}"
            return await self._refuse([worded("a restart is needed for {keys}", keys=shown)])
        try:
            desk = await self._make(new)
        except DeskError as exc:
            return await self._refuse(_problems(exc))
        # First kept, then gone by: an open ticket must find the rules it is under.
        await self._write(lambda tx: _keep(tx, desk))
        self._using.desk = desk
        self._configuration = new
        self._taken_over()
        log.info("desk.reloaded", inboxes=len(desk.inboxes), people=len(desk.roster.agents))
        await self._tell(worded("The changed settings are in use."))
        return True

    async def _refuse(self, problems: Sequence[str]) -> bool:
        log.error("desk.reload_refused", problems=list(problems))
        # One of ours is said again; what stands wrong in a file is English, as `check` says it.
        shown = problems[0] if len(problems) == 1 else "; ".join(problems[:SHOWN])
        await self._tell(
            worded(
                "The changed settings were not taken over, the desk goes on with those of before:"
                " {problem}. `threadline check` reads a file without using it.",
                problem=shown.removesuffix(".") if not isinstance(shown, Worded) else shown,
            )
        )
        return False

    async def _tell(self, text: Worded) -> None:
        # Every process reads the same file: together they say it once a minute.
        mark = hashlib.sha256(str(text).encode()).hexdigest()[:16]
        key = f"reload:{mark}:{self._clock.now():%Y%m%dT%H%M}"
        await self._write(lambda tx: tx.emit(post_ops(key, text)))

    async def _write(self, fn: Callable[[Tx], object]) -> None:
        await self._database.write(fn, now=self._clock.now(), urgent=True)


def _keep(tx: Tx, desk: Desk) -> None:
    keep_own_rules(tx, desk)
    sync_inboxes(tx, desk)


def _problems(exc: Exception) -> Sequence[str]:
    found = exc.problems if isinstance(exc, SettingsError) else [str(exc)]
    return [str(each) for each in found]
