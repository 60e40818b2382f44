"""The Trustpilot connector."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from urllib.parse import quote

from typing_extensions import override

from connectors.called_about import CalledAbout
from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import (
    Absent,
    Connector,
    Cursor,
    Found,
    Health,
    InboundMessage,
    InboxContext,
    Json,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected, Unavailable
from connectors.reviews import looked_for
from connectors.trustpilot.answering import (
    body_of,
    is_product,
    newest_comment,
    review_of,
    standing_under,
)
from connectors.trustpilot.called import named_in, outcome_of, prove
from connectors.trustpilot.client import TrustpilotClient
from connectors.trustpilot.config import Config
from connectors.trustpilot.items import answer_key
from connectors.trustpilot.normalise import explain
from connectors.trustpilot.position import Position
from connectors.trustpilot.reading import Reader

GONE = "Trustpilot does not show this review any more"
ANSWERED = "an answer stands under this review already, and Trustpilot shows one; change it there"


class TrustpilotConnector(Connector):
    """Joins the client and the explanation, for one business unit."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = TrustpilotClient(config, context)
        self._called = CalledAbout(context.keep)
        self._reader = Reader(
            self._client,
            self._called,
            context.now,
            window=timedelta(days=config.revisit_days),
            products=config.product_reviews,
        )

    @override
    async def check(self) -> Health:
        week = self._context.now() - timedelta(days=7)
        try:
            found = await self._client.reviews(week, 1, per_page=1)
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        some = "there are new reviews" if found else "no review"
        return Health(ok=True, detail=f"signed in; {some} in the last seven days")

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        start = self._context.now() - timedelta(days=self._config.since_days)
        async for page in self._reader.pages(Position.of(cursor, start)):
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item, self._config)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        review_of(command.context)
        body = body_of(command)
        name = command.context.get("name")
        writer = name if isinstance(name, str) and name else "a customer"
        return ReplyPreview(
            sender="the business",
            recipient=f"everybody, below the review by {writer}",
            subject="",
            body=body,
            parts=(body,),
            public=True,
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        body, review = body_of(command), review_of(command.context)
        if is_product(command.context):
            return await self._comment(review, body)
        row = await self._client.review(review)
        if row is None:
            raise Rejected(GONE)
        if standing_under(row) is not None:
            raise Rejected(ANSWERED)
        await self._client.answer(review, body)
        return self._receipt(answer_key(review, body))

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        body, review = body_of(command), review_of(command.context)
        if is_product(command.context):
            return await self._look_for_comment(review, body, command)
        row = await self._client.review(review)
        if row is None:
            return Unknown()
        receipt = self._receipt(answer_key(review, body))
        return looked_for(standing_under(row), body, command.decided_at, receipt)

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """A call to the address that only Trustpilot was told: a poll, and reviews to look at."""
        prove(request, self._config.webhook_secret)
        await self._called.add(named_in(request.body))
        return outcome_of(request)

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The review in Trustpilot Business."""
        review = context.get("review")
        if not isinstance(review, str) or not review or is_product(context):
            return None
        return f"https://businessapp.b2b.trustpilot.com/reviews/{quote(review, safe='')}"

    @override
    async def close(self) -> None:
        await self._client.close()

    async def _comment(self, review: str, body: str) -> ReplyReceipt:
        row = await self._client.product_review(review)
        if row is None:
            raise Rejected(GONE)
        conversation = row.get("conversationId")
        if not isinstance(conversation, str) or not conversation:
            conversation = await self._opened(review)
        comment = await self._client.comment(conversation, body)
        if not comment:
            raise OutcomeUnknown("Trustpilot took the comment and did not name it")
        return self._receipt(f"comment:{comment}")

    async def _opened(self, review: str) -> str:
        """A new conversation. Nobody reads anything in it yet, so a lost answer does no harm."""
        try:
            found = await self._client.open_conversation(review)
        except OutcomeUnknown as error:
            raise Unavailable(f"the conversation could not be opened: {error}") from error
        if not found:
            raise Unavailable("Trustpilot opened a conversation and did not name it")
        return found

    async def _look_for_comment(
        self, review: str, body: str, command: ReplyCommand
    ) -> Found | Absent | Unknown:
        row = await self._client.product_review(review)
        if row is None:
            return Unknown()
        conversation = row.get("conversationId")
        if not isinstance(conversation, str) or not conversation:
            return Absent()
        said = await self._client.conversation(conversation)
        name, standing = newest_comment(said or {}, body)
        return looked_for(standing, body, command.decided_at, self._receipt(f"comment:{name}"))

    def _receipt(self, key: str) -> ReplyReceipt:
        return ReplyReceipt(external_id=key, accepted_at=self._context.now())


def build(config: Config, context: InboxContext) -> TrustpilotConnector:
    """A connector for one business unit."""
    return TrustpilotConnector(config, context)
