"""What became of one conversation: who answered when, what went wrong, and what the customer said.

Only chance and the shop's people are decided here; what the desk makes of it is its own affair.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sandbox.past.arrivals import Arrival
from sandbox.past.letters import Letters
from sandbox.past.moments import Staff, awake
from sandbox.past.talk import Talk
from sla_rules.vocabulary import Kind, Scope

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

ENDS_BEFORE: Final = timedelta(minutes=2)
"""Everything is dealt with so long before the story begins."""

_FURTHER: Final = (0.34, 0.25, 0.1)
"""How probably a customer writes again after the first, second and third answer."""

_FAULTS: Final = (46, 30, 12, 12)
"""How often it is a late claim, a late answer, the platform, and a class that changes on the way."""

_NEEDS: Final = timedelta(minutes=90)
"""A deadline nearer than this to the end of the past is not missed: nobody could answer after it."""


@dataclass(slots=True, kw_only=True)
class Course:
    """How a conversation goes on, act by act. `until` is the end of the past."""

    rng: random.Random
    staff: Staff
    letters: Letters
    arrival: Arrival
    talk: Talk
    until: datetime
    survey: str | None
    portal: bool  # answers are given in the platform's own console
    was_late: bool = field(default=False)

    def run(self) -> None:
        """From the first word to the last."""
        talk, letters = self.talk, self.letters
        talk.hear(letters.first(), self.arrival.at + self.arrival.seen_after)
        self._automatic()
        thanks = self.arrival.about == "thanks"
        if self.rng.random() < (0.85 if thanks else 0.025):
            self._wave()
        else:
            self._answer(busy=self.arrival.busy)
        for chance in _FURTHER:
            if self._room(2 * _HOUR) and self.rng.random() < chance:
                self._further(_HOUR * self.rng.lognormvariate(1.0, 0.9))
        self._end()
        if talk.ticket.resolved_at and self.rng.random() < 0.05 and self._room(2 * _DAY):  # noqa: PLR2004
            self._further(_DAY * self.rng.uniform(0.5, 5))
            self._end()
        self._settle()
        self._survey()

    # Acts.

    def _automatic(self) -> None:
        """A receipt, or the customer's absence notice: nobody takes either for an answer."""
        drawn = self.rng.random()
        if self.arrival.inbox == "shop" and drawn < 0.3:  # noqa: PLR2004 - a share
            self.talk.note_automatic(self.letters.receipt(self.talk.now), self.talk.now)
        elif drawn < 0.03:  # noqa: PLR2004 - a share
            self.talk.note_automatic(self.letters.absence(self.talk.now), self.talk.now)

    def _further(self, after: timedelta) -> None:
        """The customer writes once more."""
        at = awake(self.talk.now + after, self.rng)
        if at > self.until - _HOUR:
            return
        thanks = self.rng.random() < 0.4  # noqa: PLR2004 - a share
        message = self.letters.further(at, thanks=thanks)
        self.talk.hear(message, at + timedelta(seconds=self.rng.randrange(4, 60)))
        if thanks and self.rng.random() < 0.85:  # noqa: PLR2004 - a share
            self._wave()
        else:
            self._answer(busy=False)

    def _wave(self) -> None:
        at = self._in_time(self.staff.there(self.talk.now + self._reaction()))
        self.talk.wave(self.talk.ticket.assignee or self.staff.who(at), at)

    def _answer(self, *, busy: bool) -> None:
        """Somebody answers, in time or not."""
        due = self.talk.due(Scope.MARKETPLACE, Scope.INTERNAL)
        if self.talk.ticket.kind is Kind.NOTICE:
            return
        if self.portal or self.rng.random() < 0.04:  # noqa: PLR2004 - a share
            self._answer_in_the_console(due)
            return
        fault = self._fault(due, busy=busy)
        if fault is None or due is None:
            self._answer_soon(due, busy=busy)
        else:
            self.was_late = True
            fault(due)

    def _answer_soon(self, due: datetime | None, *, busy: bool) -> None:
        """As soon as somebody is there, which may be too late all the same."""
        began = self.talk.now
        slow = self.rng.lognormvariate(1.1, 0.5) if busy else 1.0
        ready = self.staff.there(began + self._reaction() * slow)
        tomorrow = busy and self.rng.random() < 0.6  # noqa: PLR2004 - a share
        if tomorrow:
            ready = self.staff.there(began + self.rng.uniform(9, 16) * _HOUR)
        elif due is not None and ready > due > began and self.rng.random() < 0.6:  # noqa: PLR2004
            # The owner sees the warning.
            ready = began + (due - began) * self.rng.uniform(0.55, 0.85)
        ready = self._in_time(ready)
        who = self._own(ready)
        if self.rng.random() < 0.05:  # noqa: PLR2004 - a share
            who = self._pass_on(who)
        self._send(who, self.talk.now + self._writing())

    def _answer_in_the_console(self, due: datetime | None) -> None:
        at = self.staff.there(self.talk.now + self._reaction())
        if due is not None and self.rng.random() < 0.9:  # noqa: PLR2004 - a share
            at = min(at, self.talk.now + (due - self.talk.now) * 0.8)
        at = self._in_time(at)
        self.talk.hear_answer(self.letters.console(at), at + timedelta(seconds=40))

    def _end(self) -> None:
        """Most are resolved, some hours after the last word."""
        if self.talk.is_ticking or self.rng.random() < 0.8:  # noqa: PLR2004 - a share
            at = self.staff.there(self.talk.now + _HOUR * self.rng.lognormvariate(1.3, 1.0))
            if at < self.until - ENDS_BEFORE:
                self._resolve(at)

    def _settle(self) -> None:
        """Nothing is left for the story to deal with."""
        if self.talk.is_ticking:
            self._resolve(self._in_time(self.talk.now + _MINUTE))

    def _resolve(self, at: datetime) -> None:
        self.talk.resolve(self.talk.ticket.assignee or self.staff.who(at), at)

    def _survey(self) -> None:
        if self.survey is None or self.rng.random() < 0.35:  # noqa: PLR2004 - not everybody is asked
            return
        rates = self.rng.random() < 0.32  # noqa: PLR2004 - nor do all of them rate
        score = self._score() if rates else None
        comment = self.letters.comment(glad=bool(score and score > 3)) if rates else ""  # noqa: PLR2004
        at = self._in_time(self.talk.now + _HOUR * self.rng.uniform(0.2, 30))
        self.talk.rate(self.survey, score, comment, at)

    def _score(self) -> int:
        sad = self.was_late or self.arrival.about == "angry"
        weights = (22, 18, 22, 22, 16) if sad else (3, 4, 9, 34, 50)
        score = self.rng.choices(range(1, 6), weights)[0]
        return score if self.survey == "csat" else score * 2

    # What goes wrong.

    def _fault(self, due: datetime | None, *, busy: bool) -> Callable[[datetime], None] | None:
        if due is None or due > self.until - _NEEDS or due <= self.talk.now + _HOUR:
            return None
        short = due - self.talk.now < 8 * _HOUR
        chance = 0.2 if busy else 0.05 if short else 0.028
        if self.rng.random() > chance:
            return None
        faults = (self._late_claim, self._late_answer, self._platform, self._graver)
        return self.rng.choices(faults, _FAULTS)[0]

    def _late_claim(self, due: datetime) -> None:
        """Nobody took it until it was nearly, or quite, too late."""
        claimed = self.staff.there(due - (due - self.talk.now) * self.rng.uniform(-0.3, 0.12))
        self._late(due, self._own(self._in_time(claimed)))

    def _late_answer(self, due: datetime) -> None:
        """It was somebody's from the start, and forgotten."""
        early = self.talk.now + (due - self.talk.now) * self.rng.uniform(0.05, 0.5)
        self._late(due, self._own(min(self.staff.there(self.talk.now + 5 * _MINUTE), early)))

    def _platform(self, due: datetime) -> None:
        """An answer in time was refused, and seen to be so too late."""
        began = self.talk.now
        at = began + (due - began) * self.rng.uniform(0.3, 0.8)
        who = self._own(at - 9 * _MINUTE if at - began > 10 * _MINUTE else at)
        why = self.rng.choice(("the platform is under maintenance", "the session had expired"))
        self.talk.send_in_vain(who, self.letters.answer(), at, why=why)
        self._late(due, who)

    def _graver(self, due: datetime) -> None:
        """The customer adds what makes it graver: less time is left than anybody thought."""
        at = self.talk.now + (due - self.talk.now) * self.rng.uniform(0.2, 0.45)
        self.talk.hear(self.letters.graver(at), at + timedelta(seconds=self.rng.randrange(4, 60)))
        self._answer_soon(due, busy=False)

    def _late(self, due: datetime, who: str) -> None:
        """The answer of somebody who is late; a manager may say that they are on it."""
        at = self.staff.there(max(due, self.talk.now) + _HOUR * self.rng.lognormvariate(-0.3, 0.8))
        at = self._in_time(at)
        heard = due + _MINUTE * self.rng.uniform(2, 20)
        if self.talk.now < heard < at and self.rng.random() < 0.3:  # noqa: PLR2004 - a share
            self.talk.acknowledge(self.staff.manager, heard)
        self._send(who, at)

    # Who, and how long.

    def _own(self, at: datetime) -> str:
        owner = self.talk.ticket.assignee
        if owner is not None:
            return owner
        who = self.staff.who(at)
        self.talk.claim(who, at)
        return who

    def _pass_on(self, who: str) -> str:
        other = self.staff.other(who)
        at = self._in_time(self.talk.now + _MINUTE * self.rng.uniform(3, 25))
        self.talk.hand_over(other, self.letters.note(), at)
        return other

    def _send(self, who: str, at: datetime) -> None:
        slow = self._room(_HOUR) and self.rng.random() < 0.01  # noqa: PLR2004 - a share
        takes = timedelta(minutes=9) if slow else timedelta(seconds=self.rng.randrange(11, 30))
        self.talk.send(who, self.letters.answer(), self._in_time(at), takes=takes)

    def _reaction(self) -> timedelta:
        return _MINUTE * min(self.rng.lognormvariate(2.7, 0.9), 400)

    def _writing(self) -> timedelta:
        return _MINUTE * min(self.rng.lognormvariate(1.8, 0.6), 45)

    def _room(self, span: timedelta) -> bool:
        return self.talk.now + span < self.until

    def _in_time(self, at: datetime) -> datetime:
        """`at`, or shortly before the end of the past."""
        return min(at, self.until - ENDS_BEFORE - _MINUTE * self.rng.uniform(0, 20))
