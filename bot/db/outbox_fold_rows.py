"""What is left of effects long done: a key that says so, and of edits nothing.

The outbox grows with everything that was ever said. Read is only what became old since the last
time: ids are in the order of time, and a mark says how far everything is folded.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Final

from sqlalchemy import delete, select, update

from bot.db import tables
from bot.db.state_rows import FOLDED, get_state, swap_state
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.domain.effects import EffectKind

_B = tables.outbox.c
_DONE: Final = frozenset({"sent", "superseded"})
_SETTLED: Final = _DONE | {"dead"}

EDITS: Final = frozenset({str(EffectKind.UPDATE_CARD), str(EffectKind.PUBLISH_HOME)})
"""Deleted: their keys name one version of one card or one change of a Home, which comes no second
time, and to draw it again would do no harm. Every other key is a promise that something was
said, and stays."""


def fold_settled(tx: Tx, before: datetime, limit: int) -> tuple[int, int]:
    """Fold effects created and settled before `before`, oldest first: how many were looked at, and folded.

    One that is still open then is looked at again each time. Of several processes one does it.
    """
    state = get_state(tx.conn, FOLDED)
    upto, left = (0, []) if state is None else (state.value["upto"], state.value["left"])
    rows = _next(tx, upto, left, before, limit)
    old = {row.id for row in rows if _is_over(row, before)}
    new = [row.id for row in rows if row.id > upto]
    mark = {"upto": new[-1] if new else upto, "left": [r.id for r in rows if r.id not in old]}
    if state is not None and state.value == mark:
        return 0, 0
    if not swap_state(tx.conn, FOLDED, mark, tx.now, seen=None if state is None else state.at):
        return 0, 0
    edits = {row.id for row in rows if row.kind in EDITS and row.state in _DONE}
    _fold(tx, gone=old & edits, emptied=old - edits)
    return len(new), len(old)


def _next(tx: Tx, upto: int, left: Sequence[int], before: datetime, limit: int) -> Sequence[AnyRow]:
    fields = select(_B.id, _B.kind, _B.state, _B.created_at, _B.settled_at)
    waiting = tx.conn.execute(fields.where(_B.id.in_(left)).order_by(_B.id)).all() if left else []
    following = tx.conn.execute(fields.where(_B.id > upto).order_by(_B.id).limit(limit))
    return [*waiting, *takewhile(lambda row: row.created_at < before, following)]


def _is_over(row: AnyRow, before: datetime) -> bool:
    return row.state in _SETTLED and (row.settled_at is None or row.settled_at < before)


def _fold(tx: Tx, *, gone: Collection[int], emptied: Collection[int]) -> None:
    if gone:
        tx.conn.execute(delete(tables.outbox).where(_B.id.in_(sorted(gone))))
    if emptied:
        tx.conn.execute(update(tables.outbox).where(_B.id.in_(sorted(emptied))).values(payload={}))
