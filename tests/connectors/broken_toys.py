"""Toybox's connector, broken in one way each. The suite has to notice every one of them."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from typing_extensions import override

from connectors.capabilities import (
    ContextRequest,
    OrderContext,
    WebhookOutcome,
    WebhookRequest,
)
from connectors.contract import (
    Absent,
    Attachment,
    Cursor,
    File,
    Found,
    Health,
    InboundMessage,
    Json,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
    Verdict,
)
from connectors.errors import (
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ReplyWindowClosed,
    Unavailable,
    WebhookRefused,
)
from sandbox.toy.connector import ToyConnector


class ShowsItsKey(ToyConnector):
    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        try:
            return await super().reply(command)
        except ConnectorError as error:
            key = self._config.api_key.get_secret_value()
            raise Unavailable(f"refused for {key}") from error


class ShowsTheCustomersWords(ToyConnector):
    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        try:
            return await super().reply(command)
        except ConnectorError as error:
            raise OutcomeUnknown(f"lost: {command.text}") from error


class AlwaysWell(ToyConnector):
    @override
    async def check(self) -> Health:
        return Health(ok=True, detail="fine")


class ReadsEverything(ToyConnector):
    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        old = {"since": (self._context.now() - timedelta(days=900)).isoformat()}
        async for page in super().fetch(cursor or Cursor(state=old)):
            yield page


class NewIdsEachTime(ToyConnector):
    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        async for page in super().fetch(cursor):
            items = [replace(item, source_id=secrets.token_hex(8)) for item in page.items]
            yield replace(page, items=items)


class _Later(ToyConnector):
    """Goes on `step` after what it has seen, without reading anything again."""

    step = timedelta()

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        ahead = self._since(cursor) + timedelta(minutes=5) + (self.step if cursor else timedelta())
        async for page in super().fetch(Cursor(state={"since": ahead.isoformat()})):
            newest = max(self.normalise(item).sent_at for item in page.items)
            yield replace(page, cursor=Cursor(state={"since": newest.isoformat()}))


class ForgetsTheLate(_Later):
    pass


class ForgetsTheSameInstant(_Later):
    step = timedelta(microseconds=1)


class PromisesTooMuch(ToyConnector):
    """Its cursor says from the first page on that the whole sweep is stored."""

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        done = {"since": (self._context.now() + timedelta(minutes=6)).isoformat()}
        async for page in super().fetch(cursor):
            yield replace(page, cursor=Cursor(state=done))


class KeepsObjects(ToyConnector):
    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        async for page in super().fetch(None):
            state: Any = {"since": self._context.now()}
            yield replace(page, cursor=Cursor(state=state))


class MarksAsRead(ToyConnector):
    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        async for page in super().fetch(cursor):
            await self._client.done("7001")
            yield page


class TrustsThePlatform(ToyConnector):
    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        assert json.loads(item.payload)["buyer"]["name"]
        return super().normalise(item)


class AllowsNothingNew(ToyConnector):
    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        message = super().normalise(item)
        known = len(json.loads(item.payload)) <= 7
        return message if known else replace(message, degraded="a field is new")


class DeafToThrottling(ToyConnector):
    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        try:
            async for page in super().fetch(cursor):
                yield page
        except RateLimited as error:
            raise Unavailable(str(error)) from error


class Asks(ToyConnector):
    """One call more for each message of a poll."""

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        async for page in super().fetch(cursor):
            for _ in page.items:
                await self._client.me()
            yield page


class Naive(ToyConnector):
    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        message = super().normalise(item)
        return replace(message, respond_by=message.sent_at.replace(tzinfo=None))


class EverybodyIsACustomer(ToyConnector):
    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return replace(super().normalise(item), verdict=Verdict.CUSTOMER)


class MachinesArePeople(ToyConnector):
    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        message = super().normalise(item)
        if message.verdict is Verdict.AUTO_REPLY:
            return replace(message, verdict=Verdict.ANSWERED_ELSEWHERE)
        return message


class CutsText(ToyConnector):
    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        return await super().reply(replace(command, text=command.text[:500]))


class SendsTwice(ToyConnector):
    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        try:
            return await super().reply(command)
        except OutcomeUnknown:
            return await super().reply(command)


class TakesSilenceForFailure(ToyConnector):
    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        try:
            return await super().reply(command)
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error


class NeverTooLate(ToyConnector):
    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        try:
            return await super().reply(command)
        except ReplyWindowClosed as error:
            raise Rejected("no") from error


class BelievesEveryCall(ToyConnector):
    @override
    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        try:
            return await super().parse_webhook(request)
        except WebhookRefused:
            return WebhookOutcome(poll=True)


class NamesWebhooksOtherwise(ToyConnector):
    @override
    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        found = await super().parse_webhook(request)
        items = [replace(item, source_id=f"hook:{item.source_id}") for item in found.items]
        return replace(found, items=items)


class CountsWithFloats(ToyConnector):
    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        message = super().normalise(item)
        return replace(message, external_id=str(int(float(message.external_id))))


class Misreads(ToyConnector):
    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return replace(super().normalise(item), order_id=None)


class LatinOnly(ToyConnector):
    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        message = super().normalise(item)
        return replace(message, text=message.text.encode("latin-1", "ignore").decode("latin-1"))


class LinksAnywhere(ToyConnector):
    @override
    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        thread = str(context.get("thread"))
        return thread if thread.startswith("https:") else super().deep_link(context)


class OneLargePage(ToyConnector):
    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        pages = [page async for page in super().fetch(cursor)]
        items = [item for page in pages for item in page.items]
        if pages:
            yield Page(items=items, cursor=pages[-1].cursor)


class SaysNothing(ToyConnector):
    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return replace(super().normalise(item), reason="")


class ClosesOnce(ToyConnector):
    closed = False

    @override
    async def close(self) -> None:
        assert not self.closed
        self.closed = True
        await super().close()


class Signs(ToyConnector):
    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        return await super().reply(replace(command, text=command.text.title()))


class Optimist(ToyConnector):
    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        try:
            return await super().reply(command)
        except ConnectorError:
            return ReplyReceipt(external_id="1", accepted_at=self._context.now())


class AnyEqualTextWillDo(ToyConnector):
    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        return await super().probe(replace(command, decided_at=None))


class SendsNothing(ToyConnector):
    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        return super().preview(replace(command, text=command.text.strip() or "…"))


class ForgetsToTell(ToyConnector):
    @override
    async def mark_no_reply(self, context: Mapping[str, Json]) -> None:
        return


class KnowsEverybody(ToyConnector):
    @override
    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        return await super().fetch_context(replace(request, order_id="TB-7001"))


class AsksNobody(ToyConnector):
    @override
    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        return OrderContext()


class TakesAnyFile(ToyConnector):
    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        return super().preview(replace(command, attachments=()))


class InventsFiles(ToyConnector):
    async def fetch_attachment(self, _item: RawItem, attachment: Attachment) -> File:
        return File(name=attachment.name, media_type=attachment.media_type, content=b"?")


class Loose(BaseModel):
    api_key: str = ""
    webhook_secret: str = ""
    base_url: str = ""
    since_days: int = 7
