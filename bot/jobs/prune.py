"""Forgetting what has served or must go: event ids, payloads of sent effects, calls, old rules, orders, drafts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, select

from bot.clock import Clock
from bot.db import tables
from bot.db.draft_rows import take_old_drafts
from bot.db.forecast_rows import forget_forecasts
from bot.db.llm_rows import forget_old_days
from bot.db.outbox_fold_rows import fold_settled
from bot.db.rule_rows import forget_unused
from bot.db.seen_rows import SIGNED
from bot.db.state_rows import RATE, forget_states
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.usecases.call_budget import forget_days
from bot.usecases.order_context import forget_orders
from bot.usecases.rule_versions import keep_own_rules
from bot.usecases.webhooks import forget_deliveries

EVENTS_KEPT = timedelta(hours=48)
"""Slack may deliver an event again for 24 hours after the first try ("Delayed Events")."""

SIGNATURES_KEPT = timedelta(minutes=15)
"""A signature of Slack's is good for five minutes, by a clock that may be five minutes off."""

PAYLOADS_KEPT = timedelta(days=30)
RATES_KEPT = timedelta(days=1)
"""A gate that nobody passed for a day has all its tokens again."""

RULES_KEPT = timedelta(days=30)
"""How long after the last process had them; rules that a ticket names stay as long as it does."""

BATCH = 500
"""Rows in one transaction: interactive work waits for no more than that."""

ORDERS = 50
"""Tickets whose orders are forgotten in one transaction; each has its card drawn anew."""


class Pruner:
    """Prunes in small transactions. Of effects that are done, keys stay that are promises."""

    def __init__(self, db: Database, desk: Callable[[], Desk], clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock

    async def prune(self) -> int:
        """Forget all that is old; how many rows that touched."""
        done = 0
        for step in (
            _forget_events,
            _forget_rates,
            _forget_calls,
            _forget_counts,
            _forget_drafts,
            _forget_forecasts,
        ):
            done += await self._all(step)
        done += await self._all(self._forget_orders, batch=ORDERS)
        return done + await self._fold_effects() + await self._rules()

    async def _fold_effects(self) -> int:
        folded, looked = 0, BATCH
        while looked == BATCH:
            looked, more = await self._db.write(
                lambda tx: fold_settled(tx, tx.now - PAYLOADS_KEPT, BATCH), now=self._clock.now()
            )
            folded += more
        return folded

    def _forget_orders(self, tx: Tx) -> int:
        return forget_orders(tx, self._desk(), limit=ORDERS)

    async def _rules(self) -> int:
        desk = self._desk()
        # What this process has in its file is in use, though no ticket may go by it yet.
        await self._db.write(lambda tx: keep_own_rules(tx, desk), now=self._clock.now())
        return await self._all(_forget_rules)

    async def _all(self, step: Callable[[Tx], int], *, batch: int = BATCH) -> int:
        touched = 0
        while True:
            now = self._clock.now()
            count = await self._db.write(step, now=now)
            touched += count
            if count < batch:
                return touched


def _forget_events(tx: Tx) -> int:
    seen = tables.slack_event.c
    signed = seen.event_id.startswith(SIGNED, autoescape=True)
    old = (seen.seen_at < tx.now - EVENTS_KEPT) | (
        signed & (seen.seen_at < tx.now - SIGNATURES_KEPT)
    )
    ids = _some(tx.conn, tables.slack_event, seen.event_id, old)
    if ids:
        tx.conn.execute(delete(tables.slack_event).where(seen.event_id.in_(ids)))
    return len(ids)


def _forget_drafts(tx: Tx) -> int:
    return take_old_drafts(tx, BATCH)


def _forget_forecasts(tx: Tx) -> int:
    return forget_forecasts(tx, BATCH)


def _forget_rates(tx: Tx) -> int:
    return forget_states(tx.conn, RATE, tx.now - RATES_KEPT, BATCH)


def _forget_calls(tx: Tx) -> int:
    return forget_deliveries(tx, limit=BATCH)


def _forget_counts(tx: Tx) -> int:
    return max(forget_days(tx, limit=BATCH), forget_old_days(tx, BATCH))


def _forget_rules(tx: Tx) -> int:
    return forget_unused(tx.conn, tx.now - RULES_KEPT, tx.now, limit=BATCH)


def _some(
    conn: Connection, table: Table, key: ColumnElement[Any], old: ColumnElement[bool]
) -> list[Any]:
    return list(conn.scalars(select(key).select_from(table).where(old).limit(BATCH)))
