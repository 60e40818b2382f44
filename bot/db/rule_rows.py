"""Kept versions of policies and calendars: written at the start, read when one is not at hand."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Text, cast, delete, exists, or_, select, update

from bot.db import tables
from bot.db.ids import new_id
from bot.db.inserts import upsert
from bot.db.types import literally
from bot.domain.ticket import TicketState

_R = tables.rule_version.c
_T = tables.ticket.c
_D = tables.deadline.c


class RuleKind(StrEnum):
    """What a kept version is of."""

    POLICY = "policy"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRule:
    """One version with its content, as `sla_rules.archive` writes it."""

    kind: RuleKind
    name: str
    version: str
    content: Mapping[str, Any]


def keep_rules(conn: Connection, rules: Sequence[KeptRule], now: datetime) -> None:
    """Keep versions that are not kept yet, and note that all of them are in use. One statement."""
    if not rules:
        return
    statement = upsert(conn.dialect.name, tables.rule_version)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=("kind", "name", "version"), set_={"seen_at": statement.excluded.seen_at}
        ),
        [
            {
                "id": new_id(now),
                "kind": rule.kind,
                "name": rule.name,
                "version": rule.version,
                "content": dict(rule.content),
                "seen_at": now,
            }
            # In one order everywhere, so that two processes that start at once only wait.
            for rule in sorted(rules, key=lambda each: (each.kind, each.name, each.version))
        ],
    )


def seen_since(conn: Connection, since: datetime) -> frozenset[tuple[str, str, str]]:
    """Kind, name and version of what some process had in its file since then."""
    rows = conn.execute(select(_R.kind, _R.name, _R.version).where(_R.seen_at >= since))
    return frozenset((row.kind, row.name, row.version) for row in rows)


def kept_rules(conn: Connection, versions: Collection[str]) -> Sequence[KeptRule]:
    """Those of the versions that are kept. One statement."""
    rows = conn.execute(
        select(_R.kind, _R.name, _R.version, _R.content).where(_R.version.in_(sorted(versions)))
    )
    return [
        KeptRule(
            kind=RuleKind(row.kind), name=row.name, version=row.version, content=row.content or {}
        )
        for row in rows
    ]


def versions_in_use(conn: Connection) -> Sequence[tuple[str, Mapping[str, str]]]:
    """What open tickets go by: every policy version there is among them, with its calendars."""
    rows = conn.execute(
        select(_T.policy_version, cast(_T.calendar_versions, Text).label("calendars"))
        .where(literally(_T.state, TicketState.OPEN), _T.policy_version.is_not(None))
        .distinct()
    )
    return [(row.policy_version, _calendars(row.calendars)) for row in rows]


def _calendars(text: str | None) -> Mapping[str, str]:
    found = json.loads(text) if text else None
    return found if isinstance(found, dict) else {}


def forget_unused(conn: Connection, before: datetime, now: datetime, limit: int) -> int:
    """Drop versions that no process had in its file since `before` and no ticket goes by.

    One that a ticket still names is looked at again as long after `now`. Returns how many were
    looked at.
    """
    old = list(
        conn.execute(
            select(_R.id, _R.kind, _R.version)
            .where(_R.seen_at < before)
            .order_by(_R.id)
            .limit(limit)
        )
    )
    named = {row.id for row in old if _is_named(conn, row.kind, row.version)}
    unused = [row.id for row in old if row.id not in named]
    if named:
        conn.execute(update(tables.rule_version).where(_R.id.in_(named)).values(seen_at=now))
    if unused:
        conn.execute(delete(tables.rule_version).where(_R.id.in_(unused)))
    return len(old)


def _is_named(conn: Connection, kind: str, version: str) -> bool:
    if kind == RuleKind.POLICY:
        by_ticket = _T.policy_version == version
        by_clock = _D.policy_version == version
    else:
        by_ticket = cast(_T.calendar_versions, Text).contains(version, autoescape=True)
        by_clock = _D.calendar_version == version
    named = or_(exists().where(by_ticket).correlate(None), exists().where(by_clock).correlate(None))
    return bool(conn.scalar(select(named)))
