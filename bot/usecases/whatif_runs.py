"""Keeps the last what-if, so that Slack can show what the command line found."""

from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.unit import Tx
from bot.domain.ticket import DESK
from bot.domain.whatif_summary import WhatIfSummary

RUN: Final = "whatif"
"""Type of the event; it belongs to no ticket."""

_SUMMARY: Final = TypeAdapter(WhatIfSummary)
_E = tables.ticket_event.c


def record_run(tx: Tx, summary: WhatIfSummary) -> int:
    """Append the run to the desk's history; returns the event's id."""
    return tx.record(None, RUN, actor=DESK, summary=_SUMMARY.dump_python(summary, mode="json"))


def last_run(conn: Connection) -> WhatIfSummary | None:
    """The newest run; None without one, or when it was kept by a version that said it otherwise."""
    data = conn.scalar(
        select(_E.data)
        .where(_E.ticket_id.is_(None), _E.type == RUN)
        .order_by(_E.id.desc())
        .limit(1)
    )
    if data is None:
        return None
    try:
        return _SUMMARY.validate_python(data["summary"], strict=False)
    except (ValidationError, KeyError):
        return None
