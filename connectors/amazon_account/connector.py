"""The Amazon account connector: daily reports in, nothing out."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from typing_extensions import override

from connectors.amazon_account.config import Config
from connectors.amazon_account.normalise import explain
from connectors.amazon_account.reading import Reading
from connectors.amazon_account.state import State
from connectors.capabilities import ContextRequest, OrderContext
from connectors.contract import (
    Absent,
    Connector,
    Cursor,
    Health,
    InboundMessage,
    InboxContext,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
)
from connectors.errors import ConnectorError, Rejected
from connectors.selling_partner.feedback import REPORT_TYPE
from connectors.selling_partner.lookup import OrderLookup
from sla_rules.worded import marked

IN_PORTAL: Final = marked("Amazon takes an answer to feedback in Seller Central only")


class AccountConnector(Connector):
    """One seller account in one region."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._lookup = OrderLookup(config, context)

    @override
    async def check(self) -> Health:
        try:
            await self._lookup.api.may_read_reports(REPORT_TYPE)
        except ConnectorError as error:
            return Health(ok=False, detail=f"Amazon's selling API: {error}")
        return Health(ok=True, detail="Amazon's selling API lets the app read reports")

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        reading = Reading(
            api=self._lookup.api,
            config=self._config,
            context=self._context,
            state=State.of(cursor),
        )
        found: Any = reading.pages()
        async with aclosing(found) as pages:
            async for page in pages:
                yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        raise Rejected(IN_PORTAL)

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        raise Rejected(IN_PORTAL)

    @override
    async def probe(self, command: ReplyCommand) -> Absent:
        return Absent()

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order that the feedback is about."""
        return await self._lookup.context_for(request)

    @override
    async def close(self) -> None:
        await self._lookup.close()


def build(config: Config, context: InboxContext) -> AccountConnector:
    """A connector for one seller account."""
    return AccountConnector(config, context)
