"""The tables of `threadline export`: which columns there are, and what each of them holds.

This is a promise to whoever builds on the files, written out in `docs/export.md`: within one
`SCHEMA_VERSION` columns keep name, type, unit and meaning, and new ones are added at the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SCHEMA_VERSION: Final = 1
"""Raised when a column goes, or holds something else under the same name."""


class Kind(StrEnum):
    """What a column holds. Instants are in UTC."""

    INTEGER = "integer"
    TEXT = "text"
    BOOLEAN = "boolean"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `unit` is empty where there is none; every value may be missing."""

    name: str
    kind: Kind
    unit: str = ""


def _columns(kind: Kind, names: str, unit: str = "") -> tuple[Column, ...]:
    return tuple(Column(name=name, kind=kind, unit=unit) for name in names.split())


def _text(names: str) -> tuple[Column, ...]:
    return _columns(Kind.TEXT, names)


def _whole(names: str, unit: str = "") -> tuple[Column, ...]:
    return _columns(Kind.INTEGER, names, unit)


def _instants(names: str) -> tuple[Column, ...]:
    return _columns(Kind.INSTANT, names)


TICKETS: Final = (
    *_whole("ticket_id number"),
    *_text("inbox connector marketplace kind stage risk topic language"),
    *_columns(Kind.BOOLEAN, "vip"),
    *_text("tags state owner"),
    *_whole("customer_id"),
    *_whole("order_value_cents", "hundredths of currency"),
    *_text("currency policy"),
    *_instants("opened_at updated_at waiting_since resolved_at merged_at"),
    *_instants("first_claimed_at first_answer_at"),
    *_text("first_answer_by"),
    *_instants("resolution_due_at"),
    *_whole("resolution_worked_seconds handling_seconds", "seconds"),
    *_whole("customer_turns answer_turns hand_overs reopened pings needless_pings"),
    *_whole("mood_first mood_last", "-2 angry to 2 glad"),
    *_whole("stars", "1 to 5"),
    *_instants("bought_again_at"),
    *_whole("bought_again_cents", "hundredths of currency"),
)

MESSAGES: Final = (
    *_whole("message_id ticket_id"),
    *_text("inbox direction author agent verdict state"),
    *_instants("sent_at seen_at respond_by reply_until"),
    *_columns(Kind.BOOLEAN, "public"),
    *_whole("length", "characters"),
)

BODIES: Final = _text("subject body")
"""What messages have more of with `--with-bodies`."""

DEADLINES: Final = (
    *_whole("deadline_id ticket_id"),
    *_text("inbox metric scope"),
    *_whole("instance"),
    *_instants("started_at due_at"),
    *_whole("target_seconds", "seconds of calendar"),
    *_text("state"),
    *_instants("stopped_at breached_at paused_at"),
    *_text("policy policy_version calendar calendar_version"),
)

EVENTS: Final = (
    *_whole("event_id ticket_id"),
    *_text("inbox type actor"),
    *_instants("at"),
    *_whole("message_id"),
    *_text("to_agent from_agent step"),
)

WAITS: Final = (
    *_whole("ticket_id instance"),
    *_text("inbox"),
    *_instants("began_at seen_at claimed_at ended_at"),
    *_text("end answered_by"),
    *_whole("worked_seconds", "seconds of shop hours"),
    *_instants("limit_due_at"),
    *_text("limit_cause"),
    *_instants("target_due_at"),
    *_text("target_cause"),
)

TABLES: Final[Mapping[str, Sequence[Column]]] = {
    "tickets": TICKETS,
    "messages": MESSAGES,
    "deadlines": DEADLINES,
    "events": EVENTS,
    "waits": WAITS,
}


def columns_of(table: str, *, with_bodies: bool = False) -> Sequence[Column]:
    """The columns of one table, in their order."""
    more = BODIES if with_bodies and table == "messages" else ()
    return (*TABLES[table], *more)
