"""Tie new events to the chain, and prove the whole of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from bot.db.history_rows import (
    append_links,
    chain_length,
    link_at,
    newest_linked,
    take_the_end,
    the_chain,
    unlinked,
    unlinked_before,
)
from bot.db.ids import id_span
from bot.db.unit import Tx
from bot.domain.chain import Break, ChainKey, Checker, Fault, Link, head_of, link_to
from bot.domain.effects import post_ops
from sla_rules.worded import worded

BATCH: Final = 500
"""Events tied in one transaction, which stays far below fifty milliseconds."""

LATE: Final = timedelta(hours=1)
"""How much older than the newest sealed event one may be that is sealed after it.

Ids rise with time, but a transaction on another machine may commit after a later one: within
seconds, on clocks that may be minutes apart. What is older was written past the desk.
"""

MOST_SHOWN: Final = 100
"""Breaks that are named one by one; a chain that was rewritten has as many as it has links."""


def seal_history(tx: Tx, key: ChainKey) -> int:
    """Tie the oldest unsealed events to the chain; how many, at most `BATCH`.

    Any number of processes may try at once: one of them appends.
    """
    length = chain_length(tx.conn)
    events = unlinked(tx.conn, from_id=_still_taken(tx.conn), limit=BATCH)
    if not events or not take_the_end(tx.conn, length, len(events)):
        return 0
    last = link_at(tx.conn, length)
    links: list[Link] = []
    for event in events:
        last = link_to(last, event, key)
        links.append(last)
    append_links(tx.conn, links, tx.now)
    return len(links)


def _still_taken(conn: Connection) -> int:
    """The id from which on unsealed events are sealed; all of them before the first link."""
    return max(0, newest_linked(conn) - id_span(LATE))


def head_now(conn: Connection) -> str | None:
    """Where the chain ends; None before the first link."""
    last = link_at(conn, chain_length(conn))
    return None if last is None else head_of(last)


def tell_head(tx: Tx, head: str) -> None:
    """Post an end of the chain to the ops channel, once a week, however many processes do."""
    year, week, _ = tx.now.isocalendar()
    text = worded(
        "The history is sealed up to {head}. Kept here, it shows later whether anything was"
        " changed: threadline audit verify --head {head}",
        head=head,
    )
    tx.emit(post_ops(f"history:{year}-{week}", text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a walk along the whole chain found. `head` is its end, to be noted down elsewhere."""

    links: int
    erased: int
    head: str | None
    breaks: Sequence[Break]
    further: int = 0  # breaks beyond those named

    @property
    def ok(self) -> bool:
        """Whether everything fits."""
        return not self.breaks


def prove_history(
    conn: Connection,
    keys: Mapping[str, ChainKey],
    *,
    noted: tuple[int, str] | None = None,
) -> Proof:
    """Walk the chain from its first link.

    `noted` is an end that somebody kept, as `read_head` reads it: a chain that was cut off behind
    it, or made anew, does not have it.
    """
    checker = Checker(keys)
    found: list[Break] = []
    links = erased = further = 0
    seen_noted = noted is None
    for link, event in the_chain(conn):
        links += 1
        erased += link.erased
        seen_noted = seen_noted or head_of(link) == _spelt(noted)
        broken = checker.check(link, event)
        if broken is None:
            continue
        if len(found) < MOST_SHOWN:
            found.append(broken)
        else:
            further += 1
    if noted is not None and not seen_noted:
        found.append(Break(fault=Fault.CUT_OFF, seq=noted[0], event_id=None))
    found += _past_the_desk(conn)
    return Proof(
        links=links,
        erased=erased,
        head=head_of(checker.last) if checker.last else None,
        breaks=found,
        further=further,
    )


def _past_the_desk(conn: Connection) -> Sequence[Break]:
    return [
        Break(fault=Fault.UNSEALED, seq=None, event_id=event_id)
        for event_id in unlinked_before(conn, _still_taken(conn), limit=MOST_SHOWN)
    ]


def _spelt(noted: tuple[int, str] | None) -> str | None:
    return None if noted is None else f"{noted[0]}:{noted[1]}"
