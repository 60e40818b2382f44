"""A desk whose files come from the sandbox's Slack and go there, and a channel that takes and has some."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from typing_extensions import override

from bot.db import tables
from bot.db.unit import Database
from bot.marketplace.executor import MarketExecutor
from bot.outbox.dispatcher import Dispatcher
from bot.slack.answer_files import AnswerFiles
from bot.slack.customer_pictures import CustomerPictures
from bot.slack.limits import SlackLimits
from connectors.contract import Attachment, File, RawItem, ReplyCommand, ReplyPreview, ReplyReceipt
from connectors.errors import ConnectorError
from connectors.limits import check_files
from connectors.manifest import AttachmentLimits, ReplyLimits
from sandbox.slack.person import Person
from tests.builders import AMAZON
from tests.silent_connector import SilentConnector
from tests.slack.executor_world import Story, story

PNG = b"\x89PNG\r\n\x1a\n picture"
PDF = b"%PDF-1.7 label"
TAKEN = ReplyLimits(
    attachments=AttachmentLimits(types=("image/*", "application/pdf"), count=3, bytes_each=1000)
)


class Shelf(SilentConnector):
    """A channel that has the files in `shelf` and takes some; `arrived` is what customers got."""

    def __init__(self) -> None:
        self.shelf: dict[str, bytes | ConnectorError] = {}
        self.asked: list[str] = []
        self.arrived: list[ReplyCommand] = []

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        check_files(command.attachments, TAKEN)
        return ReplyPreview(sender="shop", recipient="buyer", subject="", body=command.text)

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        self.arrived.append(command)
        accepted_at = command.decided_at
        assert accepted_at is not None
        return ReplyReceipt(external_id=f"sent-{command.reply_id}", accepted_at=accepted_at)

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        assert item.payload.startswith(b"raw mail")
        self.asked.append(attachment.ref)
        found = self.shelf[attachment.ref]
        if isinstance(found, ConnectorError):
            raise found
        return File(name=attachment.name, media_type=attachment.media_type, content=found)


@dataclass(kw_only=True)
class Files:
    """What a test holds: the story, and the channel behind its inbox."""

    s: Story
    channel: Shelf = field(default_factory=Shelf)

    def new_life(self) -> None:
        """A process of its own: Slack, files and the marketplace, as the application joins them."""
        s, connectors = self.s, {AMAZON: self.channel}
        s.new_life()
        executors: list[Any] = [
            s.executor,
            AnswerFiles(s.client, connectors, s.db, lambda: s.desk, s.clock, call_seconds=0.5),
            CustomerPictures(s.client, connectors, s.db, lambda: s.desk, s.clock, call_seconds=0.5),
            MarketExecutor(connectors, s.db, lambda: s.desk, s.clock),
        ]
        by_kind: dict[str, Any] = {kind: one for one in executors for kind in one.kinds}
        s.sender = Dispatcher(s.db, by_kind, s.clock, SlackLimits())

    def person(self) -> Person:
        return self.s.slack.person("anna")

    async def uploaded(self, name: str, content: bytes) -> Attachment:
        """A file that an agent put into the window: as the window announces it."""
        file_id = await self.person().upload(name, content)
        kind = "application/pdf" if name.endswith("pdf") else "image/png"
        return Attachment(name=name, media_type=kind, size=len(content), ref=file_id)

    async def replies(self) -> Sequence[Any]:
        """The answers, oldest first."""
        query = select(tables.message).where(tables.message.c.direction == "out")
        return await self.s.db.read(
            lambda conn: conn.execute(query.order_by(tables.message.c.id)).all()
        )


@asynccontextmanager
async def files_world(db: Database) -> AsyncIterator[Files]:
    async with story(db) as s:
        route = replace(s.desk.inboxes[AMAZON], fetches_attachments=True)
        s.desk = replace(s.desk, inboxes={**s.desk.inboxes, AMAZON: route})
        world = Files(s=s)
        world.new_life()
        yield world
