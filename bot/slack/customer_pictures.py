"""Pictures that customers sent, shown in the thread below the message they came with.

Fetching and uploading show nothing to anybody and may be repeated. Sharing is the one step that
counts: the ids of the copies are kept right before it, and after a lost answer the thread is read
for them before anything is shared again.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from bot.db import queries
from bot.db.file_rows import CustomerFiles, customer_files, remember_shown, shown_files
from bot.domain.card import TicketView
from bot.domain.effects import EffectKind
from bot.domain.pictures import MOST_BYTES, MOST_PICTURES, SHOWN_TYPES, may_be_picture
from bot.domain.reasons import said_reason
from bot.domain.veil import body_rule
from bot.language import speaking, tr, tr_many
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
from bot.slack.blocks.wording import moment
from bot.slack.one_kind import OneKindOfFiles
from bot.slack.scene import tell_ops
from connectors.capabilities import FetchesAttachments
from connectors.contract import Attachment, File
from connectors.errors import ConnectorError, Rejected
from connectors.formats import ENDINGS, plain_name, type_named, type_seen

MOST_TRIES = 4
"""A picture that failed so often is left where it is; the message says where that is."""

MOST_SHARES = 2


class CustomerPictures(OneKindOfFiles):
    """Shows what customers sent."""

    kind = EffectKind.SHOW_FILES

    async def send(self, row: OutboxRow) -> Outcome:
        """Fetch, upload and share once. Raises a SendError."""
        message_id = int(row.payload["message_id"])
        ticket, found = await self._db.read(lambda conn: _subject(conn, row))
        if found is not None and body_rule(self._desk(), found.inbox) != "full":
            return Superseded(reason="not all of what customers send is posted here")
        if ticket is None or found is None or ticket.slack_channel is None or not ticket.slack_ts:
            return Superseded(reason="there is nothing to show, or nowhere")
        files = await self._fetched(row, found)
        if not files:
            return Superseded(reason="none of its files is a picture that can be shown")
        try:
            shared = [(await self._calls.upload(file), file.name) for file in files]
            await self._remember(message_id, [file_id for file_id, _ in shared])
            with speaking(self._desk().language_in(ticket.slack_channel)):
                words = self._words(ticket, found, len(files))
            await self._calls.share(ticket.slack_channel, ticket.slack_ts, shared, words)
        except Refused as exc:
            raise Refused(exc.reason, then=self._told(exc)) from exc
        except TryLater as exc:
            if row.failed + 1 >= MOST_TRIES:
                return Superseded(reason=f"given up: {exc}", called=True)
            raise
        return Sent(result={"files": [file_id for file_id, _ in shared]})

    def _words(self, ticket: TicketView, found: CustomerFiles, count: int) -> str:
        return tr_many(
            "#{number}: a picture of the customer's message of {when}",
            "#{number}: pictures of the customer's message of {when}",
            count,
            number=ticket.number,
            when=moment(found.item.received_at, self._desk()),
        )

    async def look_up(self, row: OutboxRow) -> Finding:
        """Read the thread for the copies that were about to be shared."""
        message_id = int(row.payload["message_id"])
        ids = await self._db.read(lambda conn: shown_files(conn, message_id))
        if not ids:
            return NotSent()
        ticket, _ = await self._db.read(lambda conn: _subject(conn, row))
        if ticket is None or ticket.slack_channel is None or not ticket.slack_ts:
            return Superseded(reason="its thread is gone")
        try:
            shown = await self._calls.are_shown(ticket.slack_channel, ticket.slack_ts, ids)
        except Refused as exc:
            return Superseded(reason=f"cannot be looked up ({exc.reason}); twice would be noise")
        except Ambiguous as exc:
            raise TryLater(str(exc)) from exc
        if shown:
            return Sent(result={"files": ids})
        if row.doubts >= MOST_SHARES:
            return Superseded(reason="shared twice, and not to be seen in the thread")
        return NotSent(certain=False)

    async def _remember(self, message_id: int, ids: Sequence[str]) -> None:
        await self._db.write(lambda tx: remember_shown(tx, message_id, ids), now=self._clock.now())

    async def _fetched(self, row: OutboxRow, found: CustomerFiles) -> list[File]:
        connector = self._connectors.get(found.inbox)
        if connector is None or not isinstance(connector, FetchesAttachments):
            return []
        files: list[File] = []
        for attachment in found.attachments:
            if len(files) == MOST_PICTURES:
                break
            if may_be_picture(attachment.name, attachment.media_type, attachment.size):
                files += await self._picture(row, connector, found, attachment)
        return files

    async def _picture(
        self,
        row: OutboxRow,
        connector: FetchesAttachments,
        found: CustomerFiles,
        attachment: Attachment,
    ) -> list[File]:
        """The picture, or nothing where there is none to be had."""
        try:
            file = await connector.fetch_attachment(found.item, attachment)
        except Rejected:
            return []
        except ConnectorError as exc:
            if row.failed + 1 >= MOST_TRIES:
                return []
            raise TryLater(str(exc)) from exc
        seen = type_seen(file.content)
        if seen not in SHOWN_TYPES or len(file.content) > MOST_BYTES:
            return []
        return [File(name=_titled(attachment.name, seen), media_type=seen, content=file.content)]

    def _told(self, exc: Refused) -> Callable[..., object]:
        day = f"{self._clock.now():%Y-%m-%d}"
        with speaking(self._desk().language):
            text = tr(
                "Customers' pictures are not shown in their threads: {reason}.",
                reason=said_reason(exc.reason),
            )
        return tell_ops(f"pictures:{exc.reason[:60]}:{day}", text)


def _subject(conn: Connection, row: OutboxRow) -> tuple[TicketView | None, CustomerFiles | None]:
    return (
        queries.ticket_by_id(conn, int(row.payload["ticket_id"])),
        customer_files(conn, int(row.payload["message_id"])),
    )


def _titled(name: str, media_type: str) -> str:
    """The file's name, with the ending of what it is: Slack draws by it."""
    plain = plain_name(name)
    return plain if type_named(plain) == media_type else f"{plain}.{ENDINGS[media_type][0]}"
