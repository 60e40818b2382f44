"""Which language a request is answered in, without asking the database each time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

import structlog
from slack_bolt.async_app import AsyncBoltContext
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.db.preference_rows import chosen_languages
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.language import Language, speak

PATIENCE: Final = 1.0
"""Real seconds for which a request waits to learn its asker's language; the desk's own will do."""

KNOWN_FOR: Final = 60.0
"""Real seconds after which what people chose is read again: in another process they may have."""

log = structlog.get_logger(__name__)


class SpokenLanguages:
    """What people chose to be spoken to in, as this process knows it.

    One request in `KNOWN_FOR` reads it for all, while others go by what is known; only the first
    ones of a process wait for it. What somebody changes here holds at once.
    """

    def __init__(self, db: Database, desk: Callable[[], Desk], clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._chosen: Mapping[str, Language] = {}
        self._changed: dict[str, Language | None] = {}
        self._good_until: datetime | None = None
        self._first = asyncio.Lock()

    async def of(self, slack_id: str | None) -> Language:
        """What to speak to somebody; the desk's own to nobody in particular."""
        if self._good_until is None:
            async with self._first:
                if self._good_until is None:
                    await self._read()
        elif self._clock.now() >= self._good_until:
            await self._read()
        desk = self._desk()
        if slack_id is None:
            return desk.language
        return self._chosen.get(slack_id) or desk.language_for(slack_id)

    def change(self, slack_id: str, language: Language | None) -> None:
        """Somebody chose here, or with None took back what they chose."""
        self._changed[slack_id] = language
        self._chosen = _with({**self._chosen}, {slack_id: language})

    async def _read(self) -> None:
        good_until = self._clock.now() + self._clock.real(KNOWN_FOR)
        if self._good_until is not None:
            self._good_until = good_until  # those who come meanwhile do not read it too
        self._changed = {}
        try:
            async with asyncio.timeout(
                PATIENCE
            ):  # Slack waits three seconds for its acknowledgement
                found = await self._db.read(chosen_languages)
        except (SQLAlchemyError, OSError) as exc:
            log.warning("language.choices_unread", error=type(exc).__name__)
        else:
            self._chosen = _with(found, self._changed)
        self._good_until = good_until


def _with(
    chosen: dict[str, Language], changed: Mapping[str, Language | None]
) -> Mapping[str, Language]:
    merged = {**chosen, **changed}
    return {slack_id: language for slack_id, language in merged.items() if language is not None}


def speaking_to_whoever_asks(languages: SpokenLanguages) -> Callable[..., Awaitable[None]]:
    """Bolt's middleware: a request, and all that is done for it, speaks the asker's language."""

    async def set_language(
        context: AsyncBoltContext, next_: Callable[[], Awaitable[object]]
    ) -> None:
        # Bolt goes on after this returns, in the same task: a block that ends here ends too early.
        speak(await languages.of(context.user_id))
        await next_()

    return set_language
