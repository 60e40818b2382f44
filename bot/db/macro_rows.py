"""The macros that people keep in Slack, as rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from bot.configuration.macros import SHARED, Macro, name_key
from bot.db import tables
from bot.db.types import AnyRow
from bot.db.unit import Tx

REF: Final = "db:"

MOST: Final = 2000
"""Macros read at once; nobody finds anything among more."""

_M = tables.macro.c


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroText:
    """What a person writes of a macro; `approval` is None where that stays as it is."""

    name: str
    text: str
    language: str = ""
    owner: str = SHARED
    channels: Sequence[str] = ()
    inboxes: Sequence[str] = ()
    topics: Sequence[str] = ()
    approval: bool | None = None

    def values(self) -> dict[str, Any]:
        """As columns."""
        said = {} if self.approval is None else {"approval": self.approval}
        return {
            "owner": self.owner,
            "name": self.name,
            "name_key": name_key(self.name),
            "language": self.language,
            "body": self.text,
            "channels": list(self.channels),
            "inboxes": list(self.inboxes),
            "topics": list(self.topics),
            **said,
        }


def kept_macros(conn: Connection, actor: str) -> list[Macro]:
    """Everybody's and the actor's own, by name; not the archived ones."""
    rows = conn.execute(
        select(tables.macro)
        .where(_M.archived_at.is_(None), or_(_M.owner == SHARED, _M.owner == actor))
        .order_by(_M.name_key, _M.id)
        .limit(MOST)
    )
    return [_macro(row) for row in rows]


def kept_macro(conn: Connection, macro_id: int) -> Macro | None:
    """One that is not archived."""
    row = conn.execute(
        select(tables.macro).where(_M.id == macro_id, _M.archived_at.is_(None))
    ).one_or_none()
    return None if row is None else _macro(row)


def judged_macros(conn: Connection, refs: Collection[str]) -> list[Macro]:
    """Those of the `refs`, archived or not, and all that want a second person and are not archived."""
    ids = [found for found in map(id_of, refs) if found is not None]
    if not ids:
        return []
    rows = conn.execute(
        select(tables.macro).where(
            or_(_M.id.in_(ids), and_(_M.approval.is_(True), _M.archived_at.is_(None)))
        )
    )
    return [_macro(row) for row in rows]


def id_of(ref: str) -> int | None:
    """The row a `ref` names; None for a macro in a file."""
    number = ref.removeprefix(REF)
    return int(number) if ref.startswith(REF) and number.isdecimal() else None


def of_that_name(conn: Connection, text: MacroText) -> int | None:
    """The row that has this name already, for the same people and language."""
    found: int | None = conn.scalar(
        select(_M.id).where(
            _M.archived_at.is_(None),
            _M.owner == text.owner,
            _M.language == text.language,
            _M.name_key == name_key(text.name),
        )
    )
    return found


def add_macro(tx: Tx, text: MacroText, actor: str) -> int:
    """Keep a new one; its id."""
    macro_id = tx.new_id()
    told = {"id": macro_id, "version": 1, "changed_by": actor, "changed_at": tx.now}
    tx.conn.execute(insert(tables.macro).values(**text.values(), **told))
    return macro_id


def change_macro(tx: Tx, macro_id: int, version: int, actor: str, values: dict[str, Any]) -> bool:
    """Compare-and-set; False where somebody else changed or archived it since."""
    unchanged: ColumnElement[bool] = _M.version == version
    changed = tx.conn.execute(
        update(tables.macro)
        .where(_M.id == macro_id, unchanged, _M.archived_at.is_(None))
        .values(version=version + 1, changed_by=actor, changed_at=tx.now, **values)
    )
    return changed.rowcount == 1


def _macro(row: AnyRow) -> Macro:
    return Macro(
        ref=f"{REF}{row.id}",
        name=row.name,
        text=row.body,
        language=row.language,
        owner=row.owner,
        channels=tuple(row.channels or ()),
        inboxes=tuple(row.inboxes or ()),
        topics=tuple(row.topics or ()),
        version=row.version,
        approval=row.approval,
    )
