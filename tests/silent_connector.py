"""A channel that brings nothing and takes nothing: a test's own says only what it does."""

from collections.abc import AsyncIterator

from typing_extensions import override

from connectors.contract import (
    Absent,
    Connector,
    Cursor,
    Found,
    Health,
    InboundMessage,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)


class SilentConnector(Connector):
    """Whatever a test does not expect to be asked raises NotImplementedError."""

    @override
    async def check(self) -> Health:
        return Health(ok=True, detail="")

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        nothing: tuple[Page, ...] = ()
        for page in nothing:
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        raise NotImplementedError

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        raise NotImplementedError

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        raise NotImplementedError

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        return Unknown()
