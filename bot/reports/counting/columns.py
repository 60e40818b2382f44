"""Tickets and waits as columns of numbers: what reports count, a place in every column a row.

Everything here is for one report and changes no more. Whoever starts the process does not import
this module: numpy is loaded with the first report.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from bot.db import figure_columns
from bot.db.figure_columns import BETWEEN, NONE, Packed, Rating, Stretch
from bot.reports.counting.zones import LocalTime
from bot.reports.question import Dimension, Question

__all__ = ["FAR", "NONE", "Columns", "Inbox", "Ints", "Marks", "TicketColumns", "WaitColumns"]

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

FAR: Final = 1 << 60
"""An instant that has not come."""

AGAIN_WITHIN: Final = 7 * 24 * 3600
"""Seconds after an answer in which a customer who writes anew was not helped by it."""

_WORD_OF: Final[Mapping[Dimension, str]] = {
    Dimension.MARKETPLACE: "marketplace",
    Dimension.AGENT: "owner",
    Dimension.LANGUAGE: "language",
    Dimension.STAGE: "stage",
    Dimension.RISK: "risk",
    Dimension.INTENT: "intent",
    Dimension.KIND: "kind",
    Dimension.COMPLEXITY: "intent",
}
"""The column of text that a cut needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A column of few different words: `codes` are places in `names`."""

    codes: Ints
    names: Sequence[str]

    def code(self, word: str) -> int:
        """The code of a word; -1 where no row has it."""
        return self.names.index(word) if word in self.names else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """An inbox there is or was."""

    id: int
    name: str
    connector: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketColumns:
    """Tickets in the order of their ids, see `bot.domain.figures.TicketFigure`.

    Instants are seconds since 1970 (`opened` … `bought`), `FAR` where there is none. Of the other
    numbers `NONE` says that nobody knows. A `customer` is a number given for this report. `word` is the column of text that the question's cut
    needs, empty where it needs none.
    """

    ids: Ints
    inbox: Ints
    customer: Ints
    opened: Ints
    merged: Ints
    first_answer: Ints
    resolved: Ints
    resolution_worked: Ints
    customer_turns: Ints
    answer_turns: Ints
    hand_overs: Ints
    reopened: Ints
    handling: Ints
    pings: Ints
    needless_pings: Ints
    mood_first: Ints
    mood_last: Ints
    stars: Ints
    bought: Ints
    bought_cents: Ints
    vip: Ints
    currency: Words
    word: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitColumns:
    """Waits, see `bot.domain.figures.WaitFigure`. `place` is the place of a wait's ticket.

    Instants are seconds since 1970 (`began` … `target_due`), `FAR` where there is none.
    """

    place: Ints
    instance: Ints
    began: Ints
    seen: Ints
    claimed: Ints
    ended: Ints
    worked: Ints
    limit_due: Ints
    target_due: Ints
    end: Words
    answered_by: Words
    limit_cause: Words
    target_cause: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingColumns:
    """Answers to surveys. `place` is the place of its ticket; `is_nps`: 0 … 10, else 1 … 5."""

    place: Ints
    answered: Ints
    score: Ints
    is_nps: Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Everything that one question needs, in seconds since 1970.

    The period is from `since` on and before `until`, which is no later than the report itself; the
    one before is from `before` on. `contacts` are customers and when they were last answered or
    had a ticket resolved, shortly before all that.
    """

    before: int
    since: int
    until: int
    local: LocalTime
    inboxes: Mapping[int, Inbox]
    tickets: TicketColumns
    waits: WaitColumns
    ratings: RatingColumns
    contacts: tuple[Ints, Ints]


def load(conn: Connection, question: Question, now: datetime) -> Columns:
    """Read what the question needs: its period up to `now`, and the period before."""
    period = question.period
    since = _at(period.since)
    before, until = _at(period.before.since), max(since, min(_at(period.until), _at(now)))
    known = [Inbox(id=id_, name=name, connector=by) for id_, name, by in _inboxes(conn)]
    wanted = None
    if question.inboxes is not None:
        wanted = [each.id for each in known if each.name in question.inboxes]
    stretch = Stretch(since=before, until=until, inboxes=wanted)
    waits = _Read(figure_columns.waits(conn, stretch))
    ratings = figure_columns.ratings(conn, stretch)
    tickets, customers = _tickets(conn, question, stretch, waits, ratings)
    just_before = Stretch(since=before - AGAIN_WITHIN, until=before, inboxes=wanted)
    contacts = _Read(figure_columns.contacts(conn, just_before))
    customer, there = _places(contacts.numbers("customer_id"), customers)
    return Columns(
        before=before,
        since=since,
        until=until,
        local=LocalTime(period.zone),
        inboxes={each.id: each for each in known},
        tickets=tickets,
        waits=_wait_columns(waits, tickets.ids),
        ratings=_rating_columns(ratings, tickets.ids),
        contacts=(customer[there], contacts.numbers("at")[there]),
    )


def _inboxes(conn: Connection) -> Sequence[tuple[int, str, str]]:
    return figure_columns.inboxes(conn)


def _at(at: datetime) -> int:
    return int(at.timestamp() // 1)


class _Read:
    """Packed columns of one or several statements, as numbers and words."""

    def __init__(self, parts: Iterable[Packed]) -> None:
        self._parts = list(parts)
        self._numbers: dict[str, Ints] = {}

    def numbers(self, name: str) -> Ints:
        if name not in self._numbers:
            text = ",".join(part[name] for part in self._parts if part[name])
            found = np.fromstring(text, dtype=np.int64, sep=",") if text else np.zeros(0, np.int64)
            self._numbers[name] = found
        return self._numbers[name]

    def words(self, name: str, rows: str = "ticket_id") -> Words:
        # A column of one empty word is an empty text, as one without rows is: ids tell.
        texts = [part[name] for part in self._parts if part[rows]]
        spelt = BETWEEN.join(texts).split(BETWEEN) if texts else []
        codes = {word: code for code, word in enumerate(dict.fromkeys(spelt))}
        found = np.fromiter(map(codes.__getitem__, spelt), np.int64, count=len(spelt))
        return Words(codes=found, names=list(codes))

    def also(self, parts: Iterable[Packed]) -> "_Read":
        return _Read([*self._parts, *parts])


def _tickets(
    conn: Connection,
    question: Question,
    stretch: Stretch,
    waits: _Read,
    ratings: Sequence[Rating],
) -> tuple[TicketColumns, Ints]:
    """The tickets, and the ids of their customers in the order of the numbers given to them."""
    word = _WORD_OF.get(question.by) if question.by else None
    words = {"currency", word} if word else {"currency"}
    found = _Read(figure_columns.tickets(conn, stretch, words))
    needed = np.concatenate([waits.numbers("ticket_id"), _ids(ratings)])
    _, there = _places(needed, np.sort(found.numbers("ticket_id")))
    missing = np.unique(needed[~there]).tolist()
    return _ticket_columns(
        found.also(figure_columns.tickets_by_id(conn, missing, stretch, words)), word
    )


def _ids(ratings: Sequence[Rating]) -> Ints:
    return np.array([each.ticket_id for each in ratings], dtype=np.int64)


class _Sorted:
    """The same columns in another order, or some of their rows."""

    def __init__(self, read: _Read, order: Ints | Marks) -> None:
        self._read = read
        self._order = order

    def numbers(self, name: str) -> Ints:
        return self._read.numbers(name)[self._order]

    def instants(self, name: str) -> Ints:
        found = self.numbers(name)
        return np.where(found == NONE, FAR, found)

    def words(self, name: str) -> Words:
        found = self._read.words(name)
        return Words(codes=found.codes[self._order], names=found.names)


def _ticket_columns(read: _Read, word: str | None) -> tuple[TicketColumns, Ints]:
    ids = read.numbers("ticket_id")
    rows = _Sorted(read, np.argsort(ids))
    numbers, instants, words = rows.numbers, rows.instants, rows.words
    customers, customer = np.unique(numbers("customer_id"), return_inverse=True)
    columns = TicketColumns(
        ids=numbers("ticket_id"),
        inbox=numbers("inbox_id"),
        customer=np.where(numbers("customer_id") == NONE, NONE, customer),
        opened=instants("opened_at"),
        merged=instants("merged_at"),
        first_answer=instants("first_answer_at"),
        resolved=instants("resolved_at"),
        resolution_worked=numbers("resolution_worked"),
        customer_turns=numbers("customer_turns"),
        answer_turns=numbers("answer_turns"),
        hand_overs=numbers("hand_overs"),
        reopened=numbers("reopened"),
        handling=numbers("handling_seconds"),
        pings=numbers("pings"),
        needless_pings=numbers("needless_pings"),
        mood_first=numbers("mood_first"),
        mood_last=numbers("mood_last"),
        stars=numbers("stars"),
        bought=instants("bought_again_at"),
        bought_cents=numbers("bought_again_cents"),
        vip=numbers("vip"),
        currency=words("currency"),
        word=words(word) if word else Words(codes=np.zeros(len(ids), np.int64), names=[""]),
    )
    return columns, customers


def _wait_columns(read: _Read, ids: Ints) -> WaitColumns:
    place, known = _places(read.numbers("ticket_id"), ids)
    rows = _Sorted(read, known)
    return WaitColumns(
        place=place[known],
        instance=rows.numbers("instance"),
        began=rows.instants("began_at"),
        seen=rows.instants("seen_at"),
        claimed=rows.instants("claimed_at"),
        ended=rows.instants("ended_at"),
        worked=rows.numbers("worked_seconds"),
        limit_due=rows.instants("limit_due_at"),
        target_due=rows.instants("target_due_at"),
        end=rows.words("end"),
        answered_by=rows.words("answered_by"),
        limit_cause=rows.words("limit_cause"),
        target_cause=rows.words("target_cause"),
    )


def _rating_columns(ratings: Sequence[Rating], ids: Ints) -> RatingColumns:
    place, known = _places(_ids(ratings), ids)
    answered = np.array([each.answered_at for each in ratings], dtype=np.int64)
    score = np.array([each.score for each in ratings], dtype=np.int64)
    is_nps = np.array([each.kind == "nps" for each in ratings], dtype=np.bool_)
    return RatingColumns(
        place=place[known], answered=answered[known], score=score[known], is_nps=is_nps[known]
    )


def _places(wanted: Ints, ids: Ints) -> tuple[Ints, Marks]:
    """Where each wanted id stands among `ids`, which are in order, and whether it is there."""
    place = np.searchsorted(ids, wanted)
    there = place < len(ids)
    there[there] = ids[place[there]] == wanted[there]
    return place, there
