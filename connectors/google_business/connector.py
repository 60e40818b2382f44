"""The Google Business Profile connector."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from typing_extensions import override

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
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.fields import Fields
from connectors.google_business.answering import (
    Answer,
    answer_under,
    body_of,
    is_the_known_one,
    read_answer,
    replaces,
    review_of,
    short_name,
)
from connectors.google_business.client import GoogleClient
from connectors.google_business.config import Config
from connectors.google_business.items import answer_key
from connectors.google_business.normalise import explain
from connectors.google_business.places import Places
from connectors.google_business.position import Position
from connectors.google_business.reading import Reader
from connectors.reviews import looked_for, same_words
from sla_rules.worded import marked

GONE: Final = marked("Google does not show this review any more")
ANSWERED: Final = marked(
    "an answer stands under this review already, and yours would take its place"
)

LOOKS: Final = 3
PAUSE: Final = 8.0
"""Seconds between two looks at an answer that Google is still checking: mostly it is quick."""


class GoogleBusinessConnector(Connector):
    """Joins the client and the explanation, for one account."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = GoogleClient(config, context)
        self._places = Places(self._client, config, context.now)
        window = timedelta(days=config.revisit_days)
        self._reader = Reader(self._client, self._places, context.now, window)

    @override
    async def check(self) -> Health:
        try:
            places = await self._places.asked_anew()
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        if not places:
            return Health(ok=False, detail="signed in; there is no such location")
        dark = [one.title for one in places if not one.verified]
        detail = f"signed in; reads {len(places) - len(dark)} of {len(places)} locations"
        if dark:
            detail = f"{detail}; not verified: {', '.join(dark)}"
        return Health(ok=len(dark) < len(places), detail=detail)

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
        body, context = body_of(command), command.context
        recipient = f"everybody, below the review by {context.get('name') or 'a customer'}"
        if replaces(context) and self._config.replace_reply:
            recipient += ", in place of the answer that stands there"
        return ReplyPreview(
            sender=str(context.get("location") or "the business"),
            recipient=recipient,
            subject="",
            body=body,
            parts=(body,),
            public=True,
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        body, review = body_of(command), review_of(command.context)
        row = await self._client.review(review)
        if row is None:
            raise Rejected(GONE)
        self._check_free(answer_under(row), command, body)
        taken = read_answer(Fields(await self._client.answer(review, body)))
        if taken is not None and taken.refused:
            raise Rejected(taken.why)
        if taken is None or taken.pending:
            raise OutcomeUnknown("Google has the answer and checks it before it is published")
        return self._receipt(review, body)

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        body, review = body_of(command), review_of(command.context)
        for look in range(LOOKS):
            if look:
                await self._context.sleep(PAUSE)
            row = await self._client.review(review)
            if row is None:
                return Unknown()
            answer = answer_under(row)
            if answer is None or not answer.pending:
                return self._found(answer, command, self._receipt(review, body))
        return Unknown()

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The location's reviews; without its id, all reviews in Google's own console."""
        review, place = context.get("review"), context.get("place")
        if not isinstance(review, str) or not review:
            return None
        if isinstance(place, str) and place:
            return f"https://search.google.com/local/reviews?placeid={quote(place, safe='')}"
        return "https://business.google.com/reviews"

    @override
    async def close(self) -> None:
        await self._client.close()

    def _check_free(self, answer: Answer | None, command: ReplyCommand, body: str) -> None:
        """Raises Rejected where an answer stands that nobody meant to replace."""
        if answer is None:
            return
        if answer.refused:
            # The same words would be refused again, and again.
            if same_words(answer.standing.text, body):
                raise Rejected(answer.why)
            return
        allowed = self._config.replace_reply and is_the_known_one(answer, command.context)
        if not allowed:
            raise Rejected(ANSWERED)

    def _found(
        self, answer: Answer | None, command: ReplyCommand, receipt: ReplyReceipt
    ) -> Found | Absent | Unknown:
        standing = answer.standing if answer is not None and not answer.refused else None
        return looked_for(standing, body_of(command), command.decided_at, receipt)

    def _receipt(self, review: str, body: str) -> ReplyReceipt:
        key = answer_key(short_name(review), body)
        return ReplyReceipt(external_id=key, accepted_at=self._context.now())


def build(config: Config, context: InboxContext) -> GoogleBusinessConnector:
    """A connector for one account."""
    return GoogleBusinessConnector(config, context)
