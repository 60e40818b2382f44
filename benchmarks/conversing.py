"""Conversations that reach an inbox already read, for benchmarks that are not about mail."""

from datetime import datetime
from itertools import count

from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.inbound import ReadItem
from bot.usecases.ingest import ingest
from bot.usecases.raw_items import store_page, stored_items
from connectors.contract import Cursor, InboundMessage, Page, RawItem, ThreadKey, Verdict
from sla_rules.vocabulary import Stage

_numbers = count()


async def arrive(
    db: Database, desk: Desk, inbox: str, many: int, *, at: datetime, by: str = ""
) -> None:
    """So many customers write, as a poller would keep and read it; `by` tells processes apart."""
    keys = [f"{by}{next(_numbers)}" for _ in range(many)]
    items = [RawItem(source_id=key, received_at=at, payload=key.encode() * 40) for key in keys]
    page = Page(items=items, cursor=Cursor(state={"at": keys[-1]}))
    await db.write(lambda tx: store_page(tx, inbox, page), now=at)
    kept = await db.read(lambda conn: stored_items(conn, inbox, many))
    read = [
        ReadItem(raw_id=each.raw_id, received_at=at, message=_message(each.item.source_id, at))
        for each in kept
    ]
    await db.write(lambda tx: ingest(tx, desk, inbox, read), now=at)


def _message(key: str, at: datetime) -> InboundMessage:
    return InboundMessage(
        external_id=f"<{key}@buyer.example>",
        verdict=Verdict.CUSTOMER,
        reason="a person wrote",
        sent_at=at,
        subject=f"Question {key}",
        text=f"Where is my parcel? ({key})",
        full_text=f"Where is my parcel? ({key})",
        sender_handle=f"{key}@buyer.example",
        sender_name="Mara Rinaldi",
        thread_keys=[ThreadKey(value=key)],
        stage=Stage.POST_SALE,
        reply_context={"to": f"{key}@buyer.example"},
    )
