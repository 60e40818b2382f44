"""The user groups that follow shifts: whom each was last to have, and what Slack refused."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.unit import Tx

_G = tables.shift_group.c


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGroup:
    """`people` it was last to have, at `changed_at`; `refused` is what kept Slack from that."""

    people: frozenset[str]
    changed_at: datetime
    refused: str | None


def known_groups(conn: Connection) -> Mapping[str, KnownGroup]:
    """Every group that ever followed a shift, by handle."""
    return {
        row.handle: KnownGroup(
            people=frozenset(row.people or ()), changed_at=row.changed_at, refused=row.refused
        )
        for row in conn.execute(select(tables.shift_group))
    }


def keep_group(tx: Tx, handle: str, people: Collection[str]) -> None:
    """Write down whom the group is to have from now on."""
    statement = upsert(tx.conn.dialect.name, tables.shift_group).values(
        handle=handle, people=sorted(people), changed_at=tx.now
    )
    given = statement.excluded
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["handle"],
            set_={"people": given.people, "changed_at": given.changed_at},
        )
    )


def keep_refusal(tx: Tx, handle: str, code: str | None) -> None:
    """Write down what Slack refused, or that it did not."""
    tx.conn.execute(
        update(tables.shift_group)
        .where(_G.handle == handle)
        .values(refused=code[:64] if code else None)
    )
