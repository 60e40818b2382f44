"""Understood items become messages, tickets and clocks: a page at a time, one transaction.

The number of statements does not grow with the number of items. An item that was taken before
has no second effect, so a page may be read as often as a crash makes it necessary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.db.clock_rows import load_clocks
from bot.db.inbound_rows import (
    Claimed,
    claim_raw,
    known_messages,
    known_threads,
    set_aside,
)
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.effects import post_ops
from bot.domain.inbound import ReadItem, lookups_of, placeholder_id, understood, variant_id
from bot.domain.ticket import DESK
from bot.usecases.class_changes import plan_classes
from bot.usecases.inbound_copies import release_copies
from bot.usecases.inbound_page import InboundPage
from bot.usecases.inbound_retries import settle_second_tries
from bot.usecases.inbound_routing import route_page, watch_routed
from bot.usecases.inbound_verdicts import close_imports, take
from bot.usecases.inbound_writing import customers_in, histories_in, write_page
from bot.usecases.raw_items import StoredItem, begin_reading, store_page, stored_items
from connectors.contract import InboundMessage
from connectors.errors import Malformed
from sla_rules.worded import worded

__all__ = [
    "IngestReport",
    "Malformed",
    "ReadItem",
    "StoredItem",
    "begin_reading",
    "ingest",
    "store_page",
    "stored_items",
]

Understood = tuple[ReadItem, InboundMessage]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What a page did. `taken` counts items that had not been taken before.

    `newest` is the marketplace time of the newest of them.
    """

    taken: int = 0
    opened: int = 0
    messages: int = 0
    ignored: int = 0
    quarantined: int = 0
    newest: datetime | None = None


def ingest(tx: Tx, desk: Desk, inbox: str, read: Sequence[ReadItem]) -> IngestReport:
    """Take a page of items that were read, in their order."""
    items = [_understood(each, tx.now) for each in read]
    claimed = claim_raw(tx.conn, inbox, {each.raw_id: str(item.verdict) for each, item in items})
    if claimed is None:
        return IngestReport()
    items = [(each, item) for each, item in items if each.raw_id in claimed.waiting]
    page = _load(tx, desk, inbox, claimed, items)
    for each, item in items:
        _take(page, each, item)
    close_imports(page)
    routed = route_page(page)
    write_page(page)
    set_aside(tx.conn, page.aside)
    watch_routed(page, routed)
    settle_second_tries(page, [each for each, _ in items])
    release_copies(page)
    _plan(page)
    states = [state for _, state, _ in page.aside]
    return IngestReport(
        taken=len(items),
        opened=len(page.opened),
        messages=len(page.messages),
        ignored=states.count("ignored"),
        quarantined=states.count("quarantined"),
        newest=max((item.sent_at for _, item in items), default=None),
    )


def _understood(read: ReadItem, now: datetime) -> Understood:
    try:
        return read, understood(read, now)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as exc:
        # A connector that breaks its contract in one item must not hold up the others.
        error = Malformed("message", f"breaks the contract ({type(exc).__name__})")
        broken = replace(read, message=None, error=error)
        return broken, understood(broken, now)


def _load(
    tx: Tx, desk: Desk, inbox: str, claimed: Claimed, items: Sequence[Understood]
) -> InboundPage:
    inbox_id = claimed.inbox_id
    messages = [item for _, item in items]
    named = {name for item in messages for name in (item.external_id, variant_id(item))}
    named |= {name for item in messages for name in item.refers_to}
    named |= {placeholder_id(raw_id) for raw_id in claimed.again}
    threads, tickets = known_threads(
        tx.conn, inbox_id, {key.value for item in messages for key in lookups_of(item)}
    )
    route = desk.inboxes.get(inbox)
    return InboundPage(
        tx=tx,
        desk=desk,
        inbox=inbox,
        connector=route.connector if route else "",
        inbox_id=inbox_id,
        again=claimed.again,
        holds=claimed.holds,
        known=known_messages(tx.conn, inbox_id, named),
        threads=threads,
        tickets=tickets,
        customers=customers_in(tx, inbox_id, messages),
    )


def _take(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    if read.error is not None or read.message is None:
        page.aside.append((read.raw_id, "quarantined", message.degraded or ""))
        if read.raw_id in page.again:
            return
    before = page.known.get(message.external_id)
    if before is not None and before.body != message.text:
        # Some mailers give one id to different mails: the words decide.
        message = replace(message, external_id=variant_id(message))
        before = page.known.get(message.external_id)
    if before is not None:
        page.aside.append((read.raw_id, "ignored", f"a copy of message {before.id}"))
        return
    _tell_finding(page, message)
    take(page, read, message)


def _tell_finding(page: InboundPage, message: InboundMessage) -> None:
    """Have whoever runs the desk told what an item shows; the same words once."""
    if message.finding:
        key = f"finding:{page.inbox}:{message.finding}"
        page.tx.emit(
            post_ops(
                key,
                worded("Inbox {inbox}: {finding}.", inbox=page.inbox, finding=message.finding),
            )
        )


def _plan(page: InboundPage) -> None:
    """Plan what the page touched.

    A message may bring its ticket under another policy: `plan_classes` says so in the thread.
    """
    plan_classes(
        page.tx,
        page.desk,
        [page.tickets[each] for each in sorted(page.touched)],
        before=page.before,
        actor=DESK,
        histories=histories_in(page),
        clocks=load_clocks(page.tx.conn, page.touched - page.opened.keys()),
    )
