"""Rules of recovery for what comes in, each switched off: see `recovery_rules`."""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select, update

from bot.db import tables
from bot.jobs.poll import InboxPoller
from bot.usecases.inbound_lines import log_automatic
from bot.usecases.ingest import store_page
from connectors.contract import Verdict
from tests.simulation import known_scenes as scene
from tests.simulation.recovery_rules import Rule, gives, off


def _in_two_steps(_real: Any) -> Any:
    async def store(self: Any, page: Any) -> int:
        empty = replace(page, items=())
        await self._write(lambda tx: store_page(tx, self._inbox, empty))
        new: int = await self._write(lambda tx: store_page(tx, self._inbox, page))
        return new

    return store


def _stored_twice(real: Any) -> Any:
    def store_items(tx: Any, inbox_id: int, items: Any) -> int:
        raw = tables.raw_inbound.c
        wanted = [each.source_id for each in items]
        known = set(
            tx.conn.scalars(
                select(raw.source_id).where(raw.inbox_id == inbox_id, raw.source_id.in_(wanted))
            )
        )
        again = [
            replace(each, source_id=f"{each.source_id}#{tx.new_id()}")
            if each.source_id in known
            else each
            for each in items
        ]
        stored: int = real(tx, inbox_id, again)
        return stored

    return store_items


def _taken_twice(real: Any) -> Any:
    def take(page: Any, read: Any, message: Any) -> None:
        if message.verdict is Verdict.CUSTOMER and message.external_id in page.known:
            message = replace(message, external_id=f"{message.external_id}#{read.raw_id}")
        real(page, read, message)

    return take


def _stops_at_poison(real: Any) -> Any:
    async def read_items(*args: Any, **named: Any) -> Any:
        read = await real(*args, **named)
        for each in read:
            if each.error is not None:
                raise each.error
        return read

    return read_items


def _drops_poison(real: Any) -> Any:
    def take(page: Any, read: Any, message: Any) -> None:
        if read.error is None:
            real(page, read, message)

    return take


def _never_free(_real: Any) -> Any:
    def lease_inbox(tx: Any, name: str, owner: str, until: Any) -> bool:
        inbox = tables.inbox
        taken = tx.conn.execute(
            update(inbox)
            .where(
                inbox.c.name == name,
                inbox.c.lease_owner.is_(None) | (inbox.c.lease_owner == owner),
            )
            .values(lease_owner=owner, lease_until=until)
        )
        return bool(taken.rowcount == 1)

    return lease_inbox


def _only_what_is_new(_real: Any) -> Any:
    work_off = InboxPoller._work_off

    async def fetch(self: Any, cursor: Any, counts: Any) -> None:
        async for page in self._connector.fetch(cursor):
            new = await self._store(page)
            if new:
                await work_off(self, counts)

    return fetch


def _nobody_works_off(_real: Any) -> Any:
    async def nothing(*_args: Any) -> None:
        return None

    return nothing


def _set_aside(_real: Any) -> Any:
    def answered_elsewhere(page: Any, read: Any, _message: Any) -> None:
        page.aside.append((read.raw_id, "ignored", "nobody looks"))

    return answered_elsewhere


def _automatic_counts(real: Any) -> Any:
    def take(page: Any, read: Any, message: Any) -> None:
        if message.verdict is Verdict.AUTO_REPLY:
            message = replace(message, verdict=Verdict.ANSWERED_ELSEWHERE)
        real(page, read, message)

    return take


def _line_only(_real: Any) -> Any:
    return log_automatic


def _without_clocks(real: Any) -> Any:
    def bounced(page: Any, read: Any, message: Any) -> None:
        before = set(page.touched)
        real(page, read, message)
        page.touched &= before

    return bounced


_POLL: Final = "bot.jobs.poll"
_VERDICTS: Final = "bot.usecases.inbound_verdicts"

INWARD: Final = (
    Rule(
        name="the cursor moves in a transaction of its own, before the items are stored",
        off=(off(f"{_POLL}:InboxPoller._store", _in_two_steps),),
        because="the marketplace shows little again: a long overlap would hide it",
        breaks="I4",
        seen_in=scene.THE_SECOND,
    ),
    Rule(
        name="a page that is read twice makes two messages",
        off=(
            off("bot.usecases.raw_items:store_items", _stored_twice),
            off("bot.usecases.ingest:_take", _taken_twice),
        ),
        because="raw items are unique by their source's id, messages by the marketplace's",
        breaks="I1",
        seen_in=scene.CARD,
    ),
    Rule(
        name="an unreadable item ends the look at its inbox",
        off=(off(f"{_POLL}:read_items", _stops_at_poison),),
        breaks="I1",
        seen_in=scene.POISONED,
    ),
    Rule(
        name="an unreadable item is not set aside",
        off=(off("bot.usecases.ingest:_take", _drops_poison),),
        breaks="I17",
        seen_in=scene.POISONED,
    ),
    Rule(
        name="the lease of a reader that is gone never ends",
        off=(off(f"{_POLL}:lease_inbox", _never_free),),
        breaks="I1",
        seen_in=scene.GHOSTS,
    ),
    Rule(
        name="an inbox that failed is not looked into again",
        off=(off(f"{_POLL}:_rest_after", gives(1e7)),),
        breaks="I17",
        seen_in=scene.SHAKY,
    ),
    Rule(
        name="only what just came is read, not what a crash left behind",
        off=(
            off(f"{_POLL}:InboxPoller._fetch", _only_what_is_new),
            off(f"{_POLL}:InboxPoller._work_off", _nobody_works_off),
        ),
        because="every look begins with what is left, and ends each page with it",
        breaks="I1",
        seen_in=scene.STORED,
    ),
    Rule(
        name="a customer who writes again is taken for another",
        off=(off("bot.usecases.inbound_page:InboundPage.match", gives(None)),),
        breaks="I2",
        seen_in=scene.CHATTY,
    ),
    Rule(
        name="an answer typed in the marketplace is not seen",
        off=(off(f"{_VERDICTS}:answered_elsewhere", _set_aside),),
        breaks="I1",
        seen_in=scene.IN_CONSOLE,
    ),
    Rule(
        name="an automatic notice stops the clock",
        off=(off("bot.usecases.ingest:take", _automatic_counts),),
        breaks="I10",
        seen_in=scene.BACK,
    ),
    Rule(
        name="an answer that comes back is only mentioned",
        off=(off(f"{_VERDICTS}:bounced", _line_only),),
        breaks="I10",
        seen_in=scene.BACK,
    ),
    Rule(
        name="an answer that comes back starts no clock again",
        off=(off(f"{_VERDICTS}:bounced", _without_clocks),),
        breaks="I10",
        seen_in=scene.BACK,
    ),
)
