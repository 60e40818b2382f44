"""A scripted source of messages."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from typing_extensions import override

from connectors.contract import Cursor, InboundMessage, Page, RawItem
from tests.builders import NOW, an_inbound
from tests.silent_connector import SilentConnector

PER_PAGE = 3


class Source(SilentConnector):
    """Holds texts in order; hands them out a page at a time, after the cursor.

    `trouble` is raised once `after_pages` pages were handed out. `reader` may replace how a text
    is understood.
    """

    def __init__(self, *texts: str) -> None:
        self.texts: list[str] = list(texts)
        self.trouble: Exception | None = None
        self.after_pages = 0
        self.fetches = 0
        self.reader: Callable[[str], InboundMessage] | None = None
        self.received_at: datetime = NOW

    def holds(self, texts: Sequence[str]) -> None:
        self.texts += texts

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        self.fetches += 1
        at = int(str(cursor.state["at"])) if cursor else 0
        pages = 0
        while True:
            if self.trouble is not None and pages >= self.after_pages:
                raise self.trouble
            if at >= len(self.texts):
                return
            texts = self.texts[at : at + PER_PAGE]
            items = [self._item(at + n, text) for n, text in enumerate(texts)]
            at += len(texts)
            pages += 1
            yield Page(items=items, cursor=Cursor(state={"at": at}))

    def _item(self, place: int, text: str) -> RawItem:
        return RawItem(
            source_id=f"item-{place}",
            received_at=self.received_at,
            payload=json.dumps(text).encode(),
        )

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        text: str = json.loads(item.payload)
        if self.reader is not None:
            return self.reader(text)
        return an_inbound(text=text, thread=f"case-{text}")
