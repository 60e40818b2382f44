"""Takes out of Slack what we posted for a conversation whose words are gone.

Whatever is done twice here does no harm: a post that is not there any more is as good as deleted.
So nothing is looked up after a lost answer.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.domain.erasure_effects import erase_card, erase_file, erase_post
from bot.domain.reasons import said_reason
from bot.language import speaking, tr, tr_many
from bot.outbox.executor import (
    Finding,
    NotSent,
    OutboxRow,
    Outcome,
    Refused,
    Sent,
    Superseded,
    Then,
)
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Rendered
from bot.slack.calls import SlackCalls
from bot.slack.errors import MessageGone
from bot.slack.scene import in_turn, tell_ops

_NOT_POSTED: Final = ("tombstone", "channel_join", "channel_leave")
_GONE: Final = Superseded(reason="it is gone already", called=True)


class Erasing:
    """Edits cards and deletes posts and files."""

    def __init__(
        self, client: AsyncWebClient, db: Database, desk: Callable[[], Desk], clock: Clock
    ) -> None:
        self._calls = SlackCalls(client)
        self._db = db
        self._desk = desk
        self._clock = clock
        self._own: frozenset[str] = frozenset()
        self._senders: Mapping[str, Callable[[OutboxRow], Awaitable[Outcome]]] = {
            EffectKind.ERASE_THREAD: self._thread,
            EffectKind.ERASE_CARD: self._card,
            EffectKind.ERASE_POST: self._post,
            EffectKind.ERASE_FILE: self._file,
        }

    @property
    def kinds(self) -> Sequence[str]:
        """What this executor sends."""
        return tuple(self._senders)

    async def send(self, row: OutboxRow) -> Outcome:
        """Do it once. Raises a SendError."""
        try:
            return await self._senders[row.kind](row)
        except MessageGone:
            return _GONE
        except Refused as exc:
            raise Refused(exc.reason, then=self._stays(row, exc.reason)) from exc

    async def look_up(self, row: OutboxRow) -> Finding:  # noqa: ARG002 - it may be done twice
        """It may be done again."""
        return NotSent()

    async def _thread(self, row: OutboxRow) -> Outcome:
        ticket_id, channel = int(row.payload["ticket_id"]), str(row.payload["channel"])
        root, cursor, foreign = str(row.payload["ts"]), None, 0
        found: list[Mapping[str, Any]] = []
        while True:
            page, cursor = await self._calls.thread(channel, root, cursor)
            found += page
            if cursor is None:
                break
        own = await self._who_we_are()
        thens: list[Then] = [lambda tx: tx.emit(erase_card(ticket_id, channel=channel, ts=root))]
        for message in found:
            if message.get("subtype") in _NOT_POSTED or str(message["ts"]) == root:
                continue
            if own.isdisjoint({str(message.get("bot_id")), str(message.get("user"))}):
                foreign += 1
                continue
            thens += [_delete(ticket_id, channel, message)]
        if foreign:
            thens.append(self._told_of_people(row, foreign))
        return Sent(result={"posts": len(found), "left": foreign}, then=in_turn(*thens))

    async def _card(self, row: OutboxRow) -> Outcome:
        channel, ts = str(row.payload["channel"]), str(row.payload["ts"])
        with speaking(self._desk().language_in(channel)):
            drawn = self._removed()
        try:
            await self._calls.update(channel, ts, drawn)
        except MessageGone:
            # Too old to be edited in this workspace. What cannot be deleted either is reported.
            await self._calls.delete(channel, ts)
        return Sent()

    def _removed(self) -> Rendered:
        day = f"{self._clock.now():%Y-%m-%d}"
        text = tr("Removed on {day} under this channel's data rules.", day=day)
        return Rendered(text=text, blocks=[kit.rich(kit.line(kit.words(text)))])

    async def _post(self, row: OutboxRow) -> Outcome:
        await self._calls.delete(str(row.payload["channel"]), str(row.payload["ts"]))
        return Sent()

    async def _file(self, row: OutboxRow) -> Outcome:
        await self._calls.delete_file(str(row.payload["file"]))
        return Sent()

    async def _who_we_are(self) -> frozenset[str]:
        self._own = self._own or await self._calls.own_ids()
        return self._own

    def _told_of_people(self, row: OutboxRow, count: int) -> Then:
        """Each where somebody wished it; else one line a day."""
        where = f"{row.payload['channel']}/p{str(row.payload['ts']).replace('.', '')}"
        day = f"{self._clock.now():%Y-%m-%d}"
        with speaking(self._desk().language):
            text = tr_many(
                "A post of a colleague stays in a thread whose words were removed ({where}): "
                "only they, or an admin of the workspace, can delete it.",
                "{count} posts of colleagues stay in a thread whose words were removed ({where}): "
                "only they, or an admin of the workspace, can delete them.",
                count,
                where=where,
            )
        key = where if row.payload.get("asked") else day
        return tell_ops(f"left:{key}", text)

    def _stays(self, row: OutboxRow, reason: str) -> Then:
        what = str(row.payload.get("ts") or row.payload.get("file"))
        place = str(row.payload.get("channel") or "")
        with speaking(self._desk().language):
            text = tr(
                "A post whose words were to be removed stays in Slack ({where}): {reason}. "
                "Delete it by hand.",
                where=f"{place} {what}".strip(),
                reason=said_reason(reason),
            )
        return tell_ops(f"stays:{place}:{what}", text)


def _delete(ticket_id: int, channel: str, message: Mapping[str, Any]) -> Then:
    """Delete one of our posts, and the files it shows."""
    files = [str(each["id"]) for each in message.get("files") or () if each.get("id")]

    def emit(tx: Tx) -> None:
        for file in files:
            tx.emit(erase_file(ticket_id, file))
        tx.emit(erase_post(channel, str(message["ts"]), ticket_id=ticket_id))

    return emit
