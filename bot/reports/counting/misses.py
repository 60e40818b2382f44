"""Missed clocks: why they were missed, and the ones that explain most of the lateness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from sqlalchemy import Connection

from bot.db.figure_columns import Named, named
from bot.domain.figures import MissCause
from bot.reports.counting.columns import FAR, Ints, Words
from bot.reports.counting.window import SCOPES, Window
from bot.reports.report import Miss
from sla_rules.vocabulary import Scope

MOST: Final = 10
"""Misses that a report lists."""

_CAUSES: Final = tuple(MissCause)
_QUARTER: Final = 4


def causes(window: Window) -> Mapping[Scope, Mapping[MissCause, int]]:
    """How many clocks of the window were missed for which cause; without the causes of none."""
    found: dict[Scope, Mapping[MissCause, int]] = {}
    for scope in SCOPES:
        missed = window.clocks(scope).missed
        counts = np.bincount(causes_of(window, scope)[missed], minlength=len(_CAUSES))
        found[scope] = {
            cause: int(count) for cause, count in zip(_CAUSES, counts, strict=True) if count
        }
    return found


def causes_of(window: Window, scope: Scope) -> Ints:
    """The place in `MissCause` of the cause of every wait; it says something of missed ones only.

    A deadline can pass with nothing else happening to the ticket, so that nobody has measured the
    miss yet. Then the cause is told as it will be: by when the desk learned of the message, and
    by whether somebody owned the ticket, while a quarter of the time was left.
    """
    waits = window.columns.waits
    due, words = (
        (waits.limit_due, waits.limit_cause)
        if scope is Scope.MARKETPLACE
        else (waits.target_due, waits.target_cause)
    )
    late_from = due - (due - waits.began) // _QUARTER
    guessed = np.where(
        waits.seen > late_from,
        _CAUSES.index(MissCause.LATE_INGESTION),
        np.where(
            window.claimed > late_from,
            _CAUSES.index(MissCause.LATE_CLAIM),
            _CAUSES.index(MissCause.LATE_ANSWER),
        ),
    )
    known = _known(words)
    return np.where(known >= 0, known, guessed)


def _known(words: Words) -> Ints:
    if not words.names:
        return words.codes
    places = [_CAUSES.index(MissCause(name)) if name in _CAUSES else -1 for name in words.names]
    return np.array(places, dtype=np.int64)[words.codes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Late:
    wait: int
    scope: Scope
    late: int


def worst(conn: Connection, window: Window) -> Sequence[Miss]:
    """The clocks that explain most of the lateness of the window, at most `MOST`.

    The marketplace's come first, then the shop's own, each by how late they were. A wait that
    lasted at the end of the window was as late as it was by then.
    """
    found = [late for scope in SCOPES for late in _worst_of(window, scope)][:MOST]
    waits = window.columns.waits
    ids = [int(window.columns.tickets.ids[waits.place[each.wait]]) for each in found]
    told = named(conn, ids) if ids else {}
    return [_miss(window, each, told[id_]) for each, id_ in zip(found, ids, strict=True)]


def _worst_of(window: Window, scope: Scope) -> Sequence[_Late]:
    clocks = window.clocks(scope)
    missed = np.flatnonzero(clocks.missed)
    late = (np.minimum(window.ended, window.until) - clocks.due)[missed]
    waits = window.columns.waits
    order = np.lexsort((waits.instance[missed], waits.place[missed], -late))[:MOST]
    return [_Late(wait=int(missed[at]), scope=scope, late=int(late[at])) for at in order]


def _miss(window: Window, each: _Late, ticket: Named) -> Miss:
    waits, tickets = window.columns.waits, window.columns.tickets
    due = waits.limit_due if each.scope is Scope.MARKETPLACE else waits.target_due
    ended = int(window.ended[each.wait])
    ended_at = None if ended == FAR else _instant(ended)
    inbox = window.columns.inboxes.get(int(tickets.inbox[waits.place[each.wait]]))
    return Miss(
        ticket_id=ticket.id,
        number=ticket.number,
        permalink=ticket.permalink,
        inbox=inbox.name if inbox else "",
        scope=each.scope,
        due_at=_instant(int(due[each.wait])),
        answered_at=ended_at if window.is_answer[each.wait] else None,
        ended_at=ended_at,
        late_seconds=each.late,
        cause=_CAUSES[int(causes_of(window, each.scope)[each.wait])],
        owner=ticket.owner,
    )


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
