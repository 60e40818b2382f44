"""Sealed values of an inbox that outlive the process, such as a refresh token that was exchanged."""

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.inserts import insert_ignore, upsert
from bot.db.unit import Tx

_I = tables.inbox.c
_K = tables.inbox_keep.c


def kept(conn: Connection, inbox: str, name: str) -> bytes | None:
    """The sealed value, or None where there is none."""
    return conn.scalar(
        select(_K.sealed)
        .join_from(tables.inbox_keep, tables.inbox)
        .where(_I.name == inbox, _K.name == name)
    )


def keep(tx: Tx, inbox: str, connector: str, name: str, sealed: bytes) -> None:
    """Store a sealed value in place of the old one, also before the inbox was ever read."""
    row = {"id": tx.new_id(), "name": inbox, "connector": connector}
    tx.conn.execute(insert_ignore(tx.conn, tables.inbox), [row])
    inbox_id = tx.conn.scalar(select(_I.id).where(_I.name == inbox))
    statement = upsert(tx.conn.dialect.name, tables.inbox_keep).values(
        id=tx.new_id(), inbox_id=inbox_id, name=name, sealed=sealed, changed_at=tx.now
    )
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["inbox_id", "name"], set_={"sealed": sealed, "changed_at": tx.now}
        )
    )
