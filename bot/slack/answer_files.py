"""The files of an answer, fetched from Slack after it was queued and before it can go out.

They come in the answer's own lane, so that it leaves after them or not at all: an answer whose
file cannot be had, or is not what its name says, fails before the customer gets any of it.
"""

from collections.abc import Callable

from bot.db import queries
from bot.db.file_rows import AwaitedFile, awaited_files, is_queued, keep_content
from bot.domain.effects import EffectKind
from bot.domain.reasons import FILE_NOT_FETCHED, OF_FILE
from bot.outbox.executor import (
    Ambiguous,
    Finding,
    NotSent,
    OutboxRow,
    Outcome,
    Refused,
    Sent,
    Superseded,
    TryLater,
)
from bot.slack.one_kind import OneKindOfFiles
from bot.slack.text import one_line
from bot.usecases.confirm_reply import reply_failed
from connectors.errors import Rejected
from connectors.limits import check_bytes

MOST_TRIES = 6
"""After so many (one to two minutes) the answer fails, and its writer hears of it."""


class AnswerFiles(OneKindOfFiles):
    """Fetches what answers take along."""

    kind = EffectKind.FETCH_FILES

    async def look_up(self, row: OutboxRow) -> Finding:  # noqa: ARG002
        """Nothing leaves by fetching: it may simply be done again."""
        return NotSent()

    async def send(self, row: OutboxRow) -> Outcome:
        """Fetch what is missing, then check it all. Raises a SendError."""
        message_id = int(row.payload["message_id"])
        waiting, missing = await self._db.read(
            lambda conn: (is_queued(conn, message_id), awaited_files(conn, message_id))
        )
        if not waiting:
            return Superseded(reason="its answer was taken back, or settled before")
        for file in missing:
            content = await self._fetched(row, file)
            now = self._clock.now()
            await self._db.write(_keeping(file.id, content), now=now)
        await self._check(message_id)
        return Sent()

    async def _fetched(self, row: OutboxRow, file: AwaitedFile) -> bytes:
        try:
            return await self._calls.fetch(file.slack_id, most_bytes=file.size)
        except Refused as exc:
            reason = OF_FILE.format(file=_named(file), reason=exc.reason)
            raise self._failed(row, reason) from exc
        except (Ambiguous, TryLater) as exc:
            if row.failed + 1 >= MOST_TRIES:
                reason = FILE_NOT_FETCHED.format(file=_named(file))
                raise self._failed(row, reason) from exc
            raise TryLater(str(exc)) from exc

    async def _check(self, message_id: int) -> None:
        found = await self._db.read(lambda conn: queries.reply_command(conn, message_id))
        if found is None:
            return
        inbox, command = found
        connector = self._connectors.get(inbox)
        try:
            for file in command.attachments:
                check_bytes(file)
            if connector is not None:
                connector.preview(command)
        except Rejected as exc:
            raise self._fails(message_id, exc.reason) from exc

    def _failed(self, row: OutboxRow, reason: str) -> Refused:
        return self._fails(int(row.payload["message_id"]), reason)

    def _fails(self, message_id: int, reason: str) -> Refused:
        desk = self._desk()
        return Refused(reason, then=lambda tx: reply_failed(tx, desk, message_id, reason))


def _keeping(file_id: int, content: bytes) -> Callable[..., None]:
    return lambda tx: keep_content(tx, file_id, content)


def _named(file: AwaitedFile) -> str:
    return one_line(file.name, 80) or "a file"
