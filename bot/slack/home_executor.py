"""A Home that is drawn again because something of its owner's changed.

Drawing it twice shows the same, so nothing is looked up after a lost answer: it is drawn once more.
"""

import hashlib
import json

from sqlalchemy import Connection

from bot.db.home_rows import home_of
from bot.db.open_homes import keep_drawn, open_home
from bot.db.preference_rows import language_to
from bot.db.standing_rows import as_people_stand
from bot.db.types import AnyRow
from bot.domain.effects import EffectKind
from bot.domain.home import HomeChoice
from bot.domain.roster import Verb
from bot.language import speaking
from bot.outbox.executor import Finding, NotSent, OutboxRow, Outcome, Sent, Superseded
from bot.slack.blocks.home_view import home_view
from bot.slack.blocks.rendered import Block
from bot.slack.one_kind import OneKind


class HomeExecutor(OneKind):
    """Publishes Homes."""

    kind = EffectKind.PUBLISH_HOME

    async def send(self, row: OutboxRow) -> Outcome:
        """Draw it as things are now, unless that is what it shows. Raises a SendError."""
        user, now = str(row.payload["slack_id"]), self._clock.now()
        home = await self._db.read(lambda conn: open_home(conn, user, now), urgent=False)
        desk = await self._db.read(lambda conn: as_people_stand(conn, self._desk()), urgent=False)
        if home is None or not desk.roster.may(user, Verb.VIEW):
            return Superseded(reason="nobody looks at it")
        if home.drawn_at > row.created_at:
            return Superseded(reason="it was drawn since")
        language = await self._db.read(lambda conn: language_to(conn, desk, user), urgent=False)
        with speaking(language):
            view = await self._db.read(lambda conn: self._drawn(conn, user, home), urgent=False)
        digest = _digest(view)
        if digest == home.digest:
            return Superseded(reason="nothing on it changed")
        await self._calls.publish(user, view)
        return Sent(then=lambda tx: keep_drawn(tx.conn, user, now, digest))

    async def look_up(self, row: OutboxRow) -> Finding:  # noqa: ARG002 - a Home leaves no trace
        """It may be drawn again."""
        return NotSent()

    def _drawn(self, conn: Connection, user: str, home: AnyRow) -> Block:
        desk, now = self._desk(), self._clock.now()
        choice = HomeChoice.load(home.choice)
        return home_view(home_of(conn, desk, user, choice, now), desk, now)


def _digest(view: Block) -> str:
    return hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
