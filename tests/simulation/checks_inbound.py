"""Invariants of what comes in: nothing lost, one ticket per conversation, poison stops nothing."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from bot.db import tables
from bot.db.types import AnyRow
from bot.domain.inbound import placeholder_id
from bot.jobs.reading import MOST_ATTEMPTS
from tests.simulation.look import A_LOOK, Look
from tests.simulation.mail_world import MailWorld
from tests.simulation.ports import Violated
from tests.simulation.shop_world import By, Handed, Said, ShopWorld

SILENT: Final = A_LOOK + timedelta(minutes=6)
"""An inbox that was refused rests up to three minutes, one that failed up to five."""


def i1_no_inbound_lost(look: Look) -> None:
    """I1: what the marketplace has shown for long enough is stored, and is in a conversation."""
    for name, shop in look.shops.items():
        inbox = look.inboxes[name]
        for said in _long_visible(shop, look.now):
            raw = look.raw.get((inbox, said.source_id))
            if raw is None:
                shown = look.now - said.visible_at
                raise Violated(
                    "I1", f"{name} has shown {_what(said)} for {shown}; it is not stored"
                )
            if said.by is By.BUYER and not said.poison:
                known = (inbox, said.id) in look.by_external or _stands_in(look, inbox, raw)
                look.require(known, "I1", f"{name}: {_what(said)} is {raw.state}, in no ticket")


def _stands_in(look: Look, inbox: int, raw: AnyRow) -> bool:
    """A process that died twice while it read an item cannot know that the item is innocent.

    Then a ticket has to stand for it, and a person reads it in the marketplace.
    """
    blamed = raw.state == "quarantined" and raw.attempts >= MOST_ATTEMPTS
    return blamed and (inbox, placeholder_id(raw.id)) in look.by_external


def i1_no_inbound_doubled(look: Look) -> None:
    """I1: however often the marketplace shows a message, the desk has it once."""
    for name, shop in look.shops.items():
        inbox = look.inboxes[name]
        written = {said.sent_at for said in shop.said if said.by is By.BUYER and not said.poison}
        found = Counter(
            row.sent_at
            for row in look.messages.values()
            if row.inbox_id == inbox and row.direction == "in"
        )
        for at in sorted(written):
            count = found[at]
            look.require(
                count <= 1, "I1", f"{name}: what was written at {at} is there {count} times"
            )


def i1_answers_seen(look: Look) -> None:
    """I1: an answer typed in the marketplace, in a conversation the desk knew, is in its ticket."""
    for name, shop in look.shops.items():
        inbox = look.inboxes[name]
        for said in _long_visible(shop, look.now):
            raw = look.raw.get((inbox, said.source_id))
            if said.by is not By.SELLER or said.ours or raw is None:
                continue
            knew = any(
                _raw_id(look, inbox, each) < raw.id and (inbox, each.id) in look.by_external
                for each in shop.said
                if each.thread == said.thread and each.by is By.BUYER
            )
            look.require(
                not knew or (inbox, said.id) in look.by_external,
                "I1",
                f"{name}: {_what(said)} is {raw.state}, and in no ticket",
            )


def _raw_id(look: Look, inbox: int, said: Said) -> float:
    raw = look.raw.get((inbox, said.source_id))
    return raw.id if raw is not None else float("inf")


def i2_one_ticket(look: Look) -> None:
    """I2: one conversation, one ticket."""
    for name, shop in look.shops.items():
        inbox = look.inboxes[name]
        found: dict[str, set[int]] = defaultdict(set)
        for said in shop.said:
            message = look.by_external.get((inbox, said.id))
            if said.by is By.BUYER and message is not None:
                found[said.thread].add(message.ticket_id)
        for thread, tickets in sorted(found.items()):
            numbers = ", ".join(look.number(each) for each in sorted(tickets))
            look.require(len(tickets) == 1, "I2", f"conversation {thread} is in {numbers}")


def i4_cursor(look: Look) -> None:
    """I4: a cursor promises that everything up to it is stored: what was handed out, and before."""
    inbox = tables.inbox.c
    for row in look.conn.execute(select(inbox.id, inbox.name, inbox.cursor)):
        shop = look.shops.get(row.name)
        if isinstance(shop, MailWorld):
            _numbers_promised(look, shop, row.id, row.cursor)
            continue
        since = (row.cursor or {}).get("since")
        known = look.memory.cursors.get(row.name)
        if shop is None or since is None or known == since:
            continue
        if known is not None or not _is_where_a_look_began(shop, since):
            _promised(look, shop, row.id, since)
        look.memory.cursors[row.name] = since


def _numbers_promised(look: Look, box: MailWorld, inbox_id: int, cursor: Any) -> None:
    """A mailbox's cursor promises numbers: what it need not look at again is stored."""
    state = repr(cursor)
    if not cursor or look.memory.cursors.get(box.inbox) == state:
        return
    for said in box.promised(cursor):
        look.require(
            _is_stored(look, inbox_id, said.source_id),
            "I4",
            f"{box.inbox}: the cursor is past {_what(said)}, which is not stored",
        )
    look.memory.cursors[box.inbox] = state


def _is_where_a_look_began(shop: ShopWorld, since: str) -> bool:
    """Whether it came with a page before the last: the very first look begins at its horizon."""
    return any(each.since == since and not each.final for each in shop.handed)


def _promised(look: Look, shop: ShopWorld, inbox_id: int, since: str) -> None:
    """What has to be stored under a cursor: some fetch that ended with it, and all from before."""
    fetches = [each for each in shop.handed if each.since == since and each.final]
    if not fetches:
        raise Violated("I4", f"{shop.inbox}: no fetch ended at cursor {since}")
    # A fetch that was lost on its way to the database ends at the same cursor when it is repeated.
    missing = [
        [one for one in each.source_ids if not _is_stored(look, inbox_id, one)] for each in fetches
    ]
    least = min(missing, key=len)
    look.require(
        not least, "I4", f"{shop.inbox}: the cursor is at {since}, and {least} are not stored"
    )
    for said in shop.said:
        if _is_before(said, fetches[0], shop):
            look.require(
                _is_stored(look, inbox_id, said.source_id),
                "I4",
                f"{shop.inbox}: the cursor is at {since}, past {_what(said)}, which is not stored",
            )


def _is_before(said: Said, page: Handed, shop: ShopWorld) -> bool:
    """Whether a message lies behind what is ever read again."""
    edge = datetime.fromisoformat(page.since) - shop.plan.overlap
    begin = page.at - timedelta(hours=20)
    return begin <= said.sent_at < edge and said.visible_at <= page.at


def _is_stored(look: Look, inbox_id: int, source_id: str) -> bool:
    raw = tables.raw_inbound.c
    found = select(raw.id).where(raw.inbox_id == inbox_id, raw.source_id == source_id)
    return look.conn.scalar(found) is not None


def i17_poison(look: Look) -> None:
    """I17: what cannot be read is set aside and shown, and its inbox goes on."""
    for name, shop in look.shops.items():
        inbox = look.inboxes[name]
        for said in _long_visible(shop, look.now):
            if not said.poison:
                continue
            raw = look.raw.get((inbox, said.source_id))
            state = raw.state if raw is not None else "not stored"
            look.require(
                state == "quarantined",
                "I17",
                f"{name}: unreadable {said.id} is {state}, not set aside",
            )
    for raw in look.rows(tables.raw_inbound):
        late = raw.state == "stored" and look.now - raw.received_at > A_LOOK
        look.require(not late, "I17", f"raw item {raw.source_id} was never read to its end")
    for row in look.rows(tables.inbox):
        heard = row.last_ok_at
        alive = heard is not None and look.now - heard < SILENT
        told = f"last read well {heard}: {row.last_error}"
        look.require(
            row.name not in look.shops or alive, "I17", f"inbox {row.name} is dead, {told}"
        )


def _long_visible(shop: ShopWorld, now: datetime) -> list[Said]:
    return shop.visible(now - A_LOOK)


def _what(said: Said) -> str:
    return f"{said.number} ({said.by} in {said.thread}, written {said.sent_at:%H:%M:%S})"
