"""Agents and managers, acting through the desk's own use cases at moments that the seed chooses."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.db.types import AnyRow
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.errors import DeskError
from bot.usecases.acknowledge import Acknowledge, acknowledge
from bot.usecases.assign import Assign, assign
from bot.usecases.claim import AlreadyYours, Claim, Claimed, claim
from bot.usecases.confirm_reply import settle_unsure
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.note import AddNote, add_note
from bot.usecases.release import Release, release
from bot.usecases.reply import (
    AlreadyQueued,
    Queued,
    QueueReply,
    UndoReply,
    queue_reply,
    undo_reply,
)
from bot.usecases.resolve import Reopen, Resolve, reopen, resolve
from bot.usecases.snooze import Snooze, snooze
from bot.usecases.transfer import Transfer, transfer
from bot.usecases.wait import GoOn, WaitFor, go_on, wait_for
from sla_rules.vocabulary import Waiting
from tests.simulation.acts import Act, Promise, Seen, Told, Verdict
from tests.simulation.faults import FaultKind
from tests.simulation.ports import Around, Office

FALLS_THROUGH: Final = (DBAPIError, TimeoutError, OSError)
"""What a person sees as "that did not work, try again"."""


class People:
    """Everybody of the roster who may work tickets.

    `promises` are the answers somebody was told go out, by message; `told` what every act came to.
    `arrived` says whether an answer that nobody is sure of is in the marketplace, as people see it.
    """

    def __init__(
        self,
        around: Around,
        *,
        arrived: Callable[[str, str], bool] = lambda _inbox, _words: False,
        every: float = 90.0,
    ) -> None:
        self.around = around
        self.promises: dict[int, Promise] = {}
        self.told: list[Told] = []
        self._arrived = arrived
        self._every = every
        self._dice = around.chance.dice("people")
        self._gone = False
        self._wants: Act | None = None
        self._memory: dict[int, Seen] = {}
        self._forms = 0

    def leave(self) -> None:
        """The day is over."""
        self._gone = True

    async def live(self, office: Office) -> None:
        """Act until cancelled."""
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / self._every) + 1.0)
            if self._gone:
                continue
            try:
                await self._step(office)
            except FALLS_THROUGH as exc:
                self.around.tell("people", f"see an error: {type(exc).__name__}")

    async def _step(self, office: Office) -> None:
        if self._wants is None:
            self._wants = await self._decide(office)
        act = self._wants
        if act is None:
            return
        act.tries += 1
        if act.tries > 3:
            self._wants = None
            return
        await self._do(office, act)
        self._wants = None

    async def _do(self, office: Office, act: Act) -> None:
        """Press the button: once, twice, or together with a colleague."""
        presses = [act]
        if self.around.chance.happens(FaultKind.DOUBLE_CLICK):
            presses = [act, self._second(office, act)]
        ends = await asyncio.gather(
            *(self._press(office, each) for each in presses), return_exceptions=True
        )
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    def _second(self, office: Office, act: Act) -> Act:
        """The same click again, or a colleague's on the same claim."""
        if act.name != "claim":
            return act
        other = self._dice.choice(workers(office.desk()))
        return _claim(other, act.seen, None)

    async def _press(self, office: Office, act: Act) -> None:
        desk, now = office.desk(), office.clock.now()
        if act.undoes is not None and act.undoes in self.promises:
            self.promises[act.undoes].undo_wanted = True
        try:
            end = await office.db.write(lambda tx: act.work(tx, desk), now=now, urgent=True)
        except DeskError as refusal:
            self._tell(act, type(refusal).__name__, now)
            return
        self._tell(act, type(end).__name__, now)
        self._keep(act, end)

    def _tell(self, act: Act, outcome: str, now: datetime) -> None:
        seen = act.seen
        self.told.append(
            Told(
                actor=act.actor,
                act=act.name,
                ticket_id=seen.id,
                number=seen.number,
                outcome=outcome,
                at=now,
            )
        )
        self.around.tell(act.actor, f"{act.name} #{seen.number}: {outcome} {act.words}".rstrip())

    def _keep(self, act: Act, end: Any) -> None:
        """What they were told, as they remember it: by their own watches."""
        if isinstance(end, Queued | AlreadyQueued):
            self.promises.setdefault(
                end.message_id,
                Promise(
                    message_id=end.message_id,
                    ticket_id=act.seen.id,
                    number=act.seen.number,
                    actor=act.actor,
                    words=act.words,
                    at=self.around.now(),
                ),
            )

    # What they want.

    async def _decide(self, office: Office) -> Act | None:
        tickets = await office.db.read(_shown)
        if not tickets:
            return None
        doubtful = await office.db.read(_unsure)
        actor = self._dice.choice(workers(office.desk()))
        if doubtful and self._dice.random() < 0.3:
            return self._looks(actor, self._dice.choice(doubtful), tickets)
        ticket = self._seen(tickets)
        names, weights = zip(*_WISHES.items(), strict=True)
        wish = self._dice.choices(names, weights)[0]
        if wish in _PLAIN:
            return _plain(wish, actor, ticket)
        return _MAKES[wish](self, office, actor, ticket)

    def _seen(self, tickets: Sequence[Seen]) -> Seen:
        """One that waits, as it is; or as somebody saw it before."""
        waiting = [each for each in tickets if each.state == "open"] or tickets
        pool = waiting if self._dice.random() < 0.85 else tickets
        ticket = self._dice.choice(pool)
        if ticket.id in self._memory and self.around.chance.happens(FaultKind.STALE_CLICK):
            return self._memory[ticket.id]
        self._memory[ticket.id] = ticket
        return ticket

    def _looks(self, actor: str, doubt: AnyRow, tickets: Sequence[Seen]) -> Act | None:
        """Somebody looks into the marketplace and says what became of an answer."""
        ticket = next((each for each in tickets if each.id == doubt.ticket_id), None)
        promise = self.promises.get(doubt.id)
        if ticket is None or promise is None:
            return None
        arrived = self._arrived(ticket.inbox, promise.words)
        return Act(
            name="settle",
            actor=actor,
            seen=ticket,
            work=lambda tx, desk: settle_unsure(tx, desk, doubt.id, actor, arrived),
            words="it arrived" if arrived else "it did not arrive",
        )

    def _reply(self, _office: Office, actor: str, seen: Seen) -> Act:
        self._forms += 1
        words = f"Answer {self._forms} to #{seen.number}"
        command = QueueReply(
            ticket_id=seen.id,
            actor=actor,
            text=words,
            key=f"form-{self._forms}",
            seen_message_id=seen.newest,
            force=self._dice.random() < 0.5,
        )
        return Act(
            name="reply",
            actor=actor,
            seen=seen,
            work=lambda tx, desk: queue_reply(tx, desk, command),
            words=words,
        )

    def _undo(self, office: Office, actor: str, seen: Seen) -> Act:
        """Take back the newest answer, in time or too late."""
        own = [each for each in self.promises.values() if not each.undo_wanted]
        if not own:
            return self._reply(office, actor, seen)
        promise = own[-1]
        at = Seen(
            id=promise.ticket_id,
            number=promise.number,
            inbox=seen.inbox,
            state="",
            assignee=None,
            newest=None,
        )
        command = UndoReply(message_id=promise.message_id, actor=promise.actor)
        return Act(
            name="undo",
            actor=promise.actor,
            seen=at,
            work=lambda tx, desk: undo_reply(tx, desk, command),
            undoes=promise.message_id,
        )

    def _later(self, office: Office) -> datetime:
        return office.clock.now() + timedelta(minutes=self._dice.choice((15, 60, 180)))

    def _colleague(self, office: Office) -> str:
        return self._dice.choice(workers(office.desk()))

    def _claims(self, _office: Office, actor: str, seen: Seen) -> Act:
        relieved = seen.assignee if self._dice.random() < 0.3 else None
        return _claim(actor, seen, relieved)

    def _snooze(self, office: Office, actor: str, seen: Seen) -> Act:
        command = Snooze(ticket_id=seen.id, actor=actor, until=self._later(office))
        return _act("snooze", actor, seen, lambda tx, desk: snooze(tx, desk, command))

    def _assign(self, office: Office, actor: str, seen: Seen) -> Act:
        command = Assign(ticket_id=seen.id, actor=actor, assignee=self._colleague(office))
        return _act("assign", actor, seen, lambda tx, desk: assign(tx, desk, command))

    def _transfer(self, office: Office, actor: str, seen: Seen) -> Act:
        command = Transfer(
            ticket_id=seen.id, actor=actor, assignee=self._colleague(office), note="Yours."
        )
        return _act("transfer", actor, seen, lambda tx, desk: transfer(tx, desk, command))

    def _note(self, _office: Office, actor: str, seen: Seen) -> Act:
        command = AddNote(ticket_id=seen.id, actor=actor, text=f"Note on #{seen.number}")
        return _act("note", actor, seen, lambda tx, desk: add_note(tx, desk, command))

    def _wait(self, office: Office, actor: str, seen: Seen) -> Act:
        command = WaitFor(
            ticket_id=seen.id,
            actor=actor,
            on=self._dice.choice(tuple(Waiting)),
            until=self._later(office),
        )
        return _act("wait", actor, seen, lambda tx, desk: wait_for(tx, desk, command))


_Makes = Callable[[People, Office, str, Seen], Act]

_MAKES: Final[Mapping[str, _Makes]] = {
    "claim": People._claims,
    "reply": People._reply,
    "undo": People._undo,
    "snooze": People._snooze,
    "assign": People._assign,
    "transfer": People._transfer,
    "note": People._note,
    "wait": People._wait,
}
_PLAIN: Final[Mapping[str, tuple[Callable[..., Any], Callable[..., Any]]]] = {
    "no_answer": (NoAnswerNeeded, no_answer_needed),
    "resolve": (Resolve, resolve),
    "reopen": (Reopen, reopen),
    "release": (Release, release),
    "acknowledge": (Acknowledge, acknowledge),
    "go_on": (GoOn, go_on),
}
"""Buttons that ask nothing more."""

_WISHES: Final[Mapping[str, int]] = {
    "claim": 18,
    "reply": 26,
    "undo": 5,
    "no_answer": 3,
    "resolve": 4,
    "reopen": 3,
    "snooze": 4,
    "assign": 4,
    "transfer": 3,
    "note": 7,
    "release": 3,
    "acknowledge": 5,
    "wait": 3,
    "go_on": 2,
}


def workers(desk: Desk) -> list[str]:
    """Who may work tickets, in a fixed order."""
    return sorted(one for one in desk.roster.agents if desk.roster.may(one, Verb.WORK))


def owns_after(outcome: str) -> bool:
    """Whether somebody who was told this of a claim owns the ticket."""
    return outcome in {Claimed.__name__, AlreadyYours.__name__}


def _act(name: str, actor: str, seen: Seen, work: Verdict) -> Act:
    return Act(name=name, actor=actor, seen=seen, work=work)


def _plain(name: str, actor: str, seen: Seen) -> Act:
    command, decide = _PLAIN[name]
    wanted = command(ticket_id=seen.id, actor=actor)
    return _act(name, actor, seen, lambda tx, desk: decide(tx, desk, wanted))


def _claim(actor: str, seen: Seen, relieved: str | None) -> Act:
    command = Claim(ticket_id=seen.id, actor=actor, take_over_from=relieved)
    return _act("claim", actor, seen, lambda tx, desk: claim(tx, desk, command))


_SHOWN = text(
    "SELECT t.id, t.number, i.name AS inbox, t.state, t.assignee, (SELECT max(m.id) FROM message m"
    " WHERE m.ticket_id = t.id AND m.direction = 'in') AS newest"
    " FROM ticket t JOIN inbox i ON i.id = t.inbox_id WHERE t.slack_ts IS NOT NULL ORDER BY t.number"
)
_DOUBTFUL = text(
    "SELECT id, ticket_id FROM message WHERE direction = 'out' AND state = 'unsure' ORDER BY id"
)


def _shown(conn: Connection) -> list[Seen]:
    """Tickets whose cards are in Slack: nobody can press what is not there."""
    return [Seen(**row) for row in conn.execute(_SHOWN).mappings()]


def _unsure(conn: Connection) -> Sequence[AnyRow]:
    return conn.execute(_DOUBTFUL).all()
