"""The Judge.me connector."""

from collections.abc import AsyncIterator
from datetime import timedelta

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
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)
from connectors.errors import ConnectorError, Rejected
from connectors.judge_me.answering import Answer, answer_of
from connectors.judge_me.client import JudgeMeClient
from connectors.judge_me.config import Config
from connectors.judge_me.hooks import named_in, outcome_of, prove
from connectors.judge_me.normalise import explain
from connectors.judge_me.reading import Reader
from connectors.review_list import Position
from connectors.reviews import mark_of

ANSWERED = "the desk has put an answer below this review already; change it at Judge.me"


class JudgeMeConnector(Connector):
    """Joins the client and the explanation, for one shop."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = JudgeMeClient(config, context)
        self._called = CalledAbout(context.keep)
        window = timedelta(days=config.revisit_days)
        self._reader = Reader(self._client, self._called, context.now, window)

    @override
    async def check(self) -> Health:
        try:
            name = await self._client.shop_name()
            await self._client.reviews(1)
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        return Health(ok=True, detail=f"signed in for {name or self._config.shop_domain}")

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
        answer = answer_of(command)
        to = f"everybody, below the review by {answer.writer}"
        return ReplyPreview(
            sender="the shop",
            recipient=to if answer.public else f"{answer.writer}, by e-mail through Judge.me",
            subject=answer.subject,
            body=answer.text,
            parts=(answer.text,),
            public=answer.public,
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        answer = answer_of(command)
        named = await (self._in_public(answer) if answer.public else self._by_mail(answer))
        way = "reply" if answer.public else "private_reply"
        known = named or mark_of(answer.text, command.reply_id)
        return ReplyReceipt(
            external_id=f"{way}:{answer.review}:{known}", accepted_at=self._context.now()
        )

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        """Judge.me shows no answers to whoever reads through its interface."""
        return Unknown()

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """A signed call: a poll, and a review to look at."""
        secrets = (self._config.webhook_secret, self._config.api_token)
        prove(request, tuple(one for one in secrets if one is not None))
        await self._called.add([named_in(request.body)])
        return outcome_of(request)

    @override
    async def close(self) -> None:
        await self._client.close()

    async def _in_public(self, answer: Answer) -> str:
        """One answer stands below a review. Judge.me does not show it, so the desk remembers."""
        key = f"answered:{answer.review}"
        if await self._context.keep.get(key) is not None:
            raise Rejected(ANSWERED)
        mailed = self._config.mail_public_answers
        named = await self._client.answer_in_public(answer.review, answer.text, mailed=mailed)
        await self._context.keep.put(key, self._context.now().isoformat())
        return named

    async def _by_mail(self, answer: Answer) -> str:
        return await self._client.answer_by_mail(answer.review, answer.subject, answer.text)


def build(config: Config, context: InboxContext) -> JudgeMeConnector:
    """A connector for one shop."""
    return JudgeMeConnector(config, context)
