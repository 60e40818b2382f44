"""Tickets and waits as they stood when a stretch of time was over: nothing later is known.

So the figures of a period that is over stay as they are, whatever happens later. Turns, hand-overs,
reopenings, pings, moods and owners carry no instants: they are as last measured. A resolution that
did not hold, since the ticket was reopened, is none.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from bot.domain.figures import End
from bot.reports.counting.columns import AGAIN_WITHIN, FAR, Columns, Ints, Marks
from sla_rules.vocabulary import Scope

SCOPES: Final = (Scope.MARKETPLACE, Scope.INTERNAL)
"""Whose clocks are counted: the marketplace's limit and the shop's own target."""

_INSTANT_BITS: Final = 35
"""Seconds since 1970 are below 2 ** 35 until the year 3058."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """One clock for each wait. `decided`: it was met or missed in the window; `missed`: it was.

    It is decided when the wait ends or at the deadline, whichever is sooner. A wait that was waved,
    or settled without an answer, by its deadline was neither kept nor missed: it is not decided.
    """

    due: Ints
    decided: Marks
    missed: Marks


class Window:
    """From `since` on and before `until`, in seconds since 1970, seen from its end."""

    def __init__(self, columns: Columns, since: int, until: int) -> None:
        self.columns = columns
        self.since, self.until = since, until
        tickets, waits = columns.tickets, columns.waits
        self.opened = tickets.opened
        self.merged = self._known(tickets.merged)
        self.resolved = self._known(tickets.resolved)
        self.first_answer = self._known(tickets.first_answer)
        self.bought = self._known(tickets.bought)
        self.began = self._known(waits.began)
        self.ended = self._known(waits.ended)
        self.claimed = self._known(waits.claimed)
        # In this order: a merge ends what lasts, without an answer.
        self.through_desk = self._is_end(End.ANSWERED)
        self.is_answer = self._is_end(End.ANSWERED, End.ELSEWHERE)
        self.is_waved = self._is_end(End.WAVED)
        self.is_settled = self._is_end(End.SETTLED)
        lasts = (self.began != FAR) & (self.ended == FAR)
        self.ended = np.where(lasts, self.merged[waits.place], self.ended)
        self._clocks: dict[Scope, Clocks] = {}

    def has(self, instants: Ints) -> Marks:
        """Which instants are in the window."""
        return (instants >= self.since) & (instants < self.until)

    @cached_property
    def received(self) -> Marks:
        """Tickets opened in the window."""
        return self.has(self.opened)

    @cached_property
    def resolved_now(self) -> Marks:
        """Tickets resolved in the window."""
        return self.has(self.resolved)

    @cached_property
    def ended_now(self) -> Marks:
        """Waits that ended in the window, however."""
        return self.has(self.ended)

    @cached_property
    def answered_now(self) -> Marks:
        """Waits that an answer ended in the window, through the desk or elsewhere."""
        return self.ended_now & self.is_answer

    @cached_property
    def handled(self) -> Marks:
        """Tickets resolved in the window, or with a wait that was answered or waved in it."""
        found = self.resolved_now.copy()
        worked_on = self.ended_now & (self.is_answer | self.is_waved)
        found[self.columns.waits.place[worked_on]] = True
        return found

    @cached_property
    def waiting(self) -> Marks:
        """Waits that lasted at the end of the window."""
        lasts: Marks = (self.began < self.until) & (self.ended == FAR)
        return lasts

    @cached_property
    def came_back(self) -> Marks:
        """Tickets opened within `AGAIN_WITHIN` after another of the same customer was answered.

        Or resolved; and only of customers who are known.
        """
        tickets, waits = self.columns.tickets, self.columns.waits
        resolved = self.resolved != FAR
        earlier, earlier_at = self.columns.contacts
        customers = [earlier, tickets.customer[waits.place[self.is_answer]]]
        ats = [earlier_at, self.ended[self.is_answer]]
        whose = np.concatenate([*customers, tickets.customer[resolved]])
        when = np.concatenate([*ats, self.resolved[resolved]])
        # Customers are small numbers: one of them and an instant fit into one number. An unknown
        # one is below 0, and so is whatever is made of them.
        ordered = np.sort((whose << _INSTANT_BITS) | when)
        asked = (tickets.customer << _INSTANT_BITS) | self.opened
        last = np.searchsorted(ordered, asked, side="left") - 1
        soon: Marks = asked - np.append(ordered, 0)[last] <= AGAIN_WITHIN
        return soon & (last >= 0) & (tickets.customer >= 0)

    def with_wait(self, marks: Marks) -> Marks:
        """Tickets with at least one of these waits."""
        found = np.zeros(len(self.opened), dtype=np.bool_)
        found[self.columns.waits.place[marks]] = True
        return found

    def clocks(self, scope: Scope) -> Clocks:
        """The limits or the targets of all waits."""
        if scope not in self._clocks:
            self._clocks[scope] = self._judged(scope)
        return self._clocks[scope]

    def _judged(self, scope: Scope) -> Clocks:
        waits = self.columns.waits
        due = waits.limit_due if scope is Scope.MARKETPLACE else waits.target_due
        missed = self.ended > due
        counts = (due != FAR) & (self.began != FAR) & (missed | self.is_answer)
        decided = counts & self.has(np.minimum(due, self.ended))
        return Clocks(due=due, decided=decided, missed=decided & missed)

    def _known(self, instants: Ints) -> Ints:
        return np.where(instants < self.until, instants, FAR)

    def _is_end(self, *ends: End) -> Marks:
        """Waits that are over, and ended so."""
        words = self.columns.waits.end
        found = np.zeros(len(self.ended), dtype=np.bool_)
        for end in ends:
            found |= words.codes == words.code(end)
        found &= self.ended != FAR
        return found
