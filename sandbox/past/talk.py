"""One conversation of the past: its rows in memory, made act by act as the desk would have."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.history import (
    AWAITS_ANSWER,
    OUTGOING,
)
from bot.domain.inbound import names_of
from bot.domain.ticket import (
    CUSTOMER,
    DESK,
    PLATFORM,
    EventType,
    MessageState,
    TicketState,
    graver_topic,
    kind_after,
)
from bot.domain.triage import graver_risk, triage
from bot.usecases.inbound_lines import EXCERPT
from connectors.contract import InboundMessage, Verdict
from sandbox.past.clockwork import Clockwork
from sandbox.past.rows import AUTHORS, message_row
from sla_rules.vocabulary import (
    Author,
)


class Talk(Clockwork):
    """What may happen to it. Each act is later than the one before."""

    # What comes in.

    def hear(self, message: InboundMessage, at: datetime) -> int:
        """The desk reads what a customer or the platform wrote; returns the message's id."""
        at = self._go(at)
        before = self.ticket
        first = not self.messages
        if not first:
            self._join(message)
        message_id = self._keep(message, at, out=False)
        actor = CUSTOMER if message.verdict is Verdict.CUSTOMER else PLATFORM
        if first:
            self._record(EventType.OPENED, actor, message_id=message_id, follows=None)
        else:
            if before.state is TicketState.RESOLVED:
                self._record(EventType.REOPENED, CUSTOMER)
            self._record(EventType.CUSTOMER_WROTE, actor, message_id=message_id)
        self._replan(before)
        return message_id

    def note_automatic(self, message: InboundMessage, at: datetime) -> None:
        """An absence notice or a receipt: a line of the history, which satisfies nobody."""
        self._go(at)
        self._record(
            EventType.VERDICT,
            PLATFORM,
            verdict=message.verdict,
            reason=message.reason,
            sender=message.sender_name,
            subject=message.subject,
            check=False,
            sent_at=message.sent_at.isoformat(),
        )
        if message.verdict is Verdict.ACKNOWLEDGEMENT:
            self._replan()

    def hear_answer(self, message: InboundMessage, at: datetime) -> None:
        """The copy of an answer that somebody gave in the platform's own console."""
        at = self._go(at)
        message_id = self._keep(message, at, out=True)
        text = message.text[:EXCERPT]
        self._record(EventType.ANSWERED_ELSEWHERE, PLATFORM, message_id=message_id, text=text)
        self._replan()

    # What people do.

    def claim(self, who: str, at: datetime) -> None:
        """Somebody takes it."""
        if self.ticket.assignee != who:
            at = self._go(at)
            self.ticket = replace(self._touched(), assignee=who, claimed_at=at)
            self._record(EventType.CLAIMED, who)

    def hand_over(self, to: str, note: str, at: datetime) -> None:
        """Its owner gives it to somebody else."""
        at = self._go(at)
        by, since = self.ticket.assignee, self.ticket.claimed_at
        self.ticket = replace(self._touched(), assignee=to, claimed_at=at)
        self._record(
            EventType.TRANSFERRED,
            by or to,
            called=[to],
            to_agent=to,
            from_agent=by,
            since=since.isoformat() if since else None,
            text=note,
        )

    def acknowledge(self, who: str, at: datetime) -> None:
        """Somebody says that they are on a miss."""
        at = self._go(at)
        self.ticket = replace(self._touched(), acknowledged_at=at)
        self.acknowledged_by = who
        self._record(EventType.ACKNOWLEDGED, who)

    def send(self, who: str, text: str, at: datetime, *, takes: timedelta) -> int:
        """Somebody presses Send; the platform confirms after `takes`, undo window included."""
        message_id = self._queue(who, text, at)
        at = self._go(self.now + takes)
        external = f"past-sent:{message_id}"
        self.messages[message_id] |= {
            "state": MessageState.SENT,
            "sent_at": at,
            "external_id": external,
        }
        self.names.setdefault(external, at)
        self._settle(EventType.REPLY_SENT, who, message_id)
        return message_id

    def send_in_vain(self, who: str, text: str, at: datetime, *, why: str) -> None:
        """Somebody presses Send, and the platform refuses it a minute later."""
        message_id = self._queue(who, text, at)
        self._go(self.now + timedelta(minutes=1))
        state = {"state": MessageState.FAILED, "error": why, "sent_at": self.now}
        self.messages[message_id] |= state
        self._settle(EventType.REPLY_FAILED, who, message_id, reason=why)

    def wave(self, who: str, at: datetime) -> None:
        """Somebody says that it needs no answer."""
        self._go(at)
        newest = max(key for key, row in self.messages.items() if row["direction"] == "in")
        self._record(EventType.NO_ANSWER_NEEDED, who, message_id=newest)
        self._replan()

    def resolve(self, who: str, at: datetime) -> None:
        """The matter is settled."""
        self._go(at)
        self._record(EventType.RESOLVED, who)
        self._replan()

    def rate(self, kind: str, score: int | None, comment: str, at: datetime) -> None:
        """The customer was asked with the newest answer, and rated, or did not."""
        answers = [row for row in self.messages.values() if row["state"] == MessageState.SENT]
        if not answers or self.feedback:
            return
        asked = max(answers, key=lambda row: row["sent_at"])
        rated_at = None if score is None else max(at, asked["sent_at"] + timedelta(minutes=1))
        self.feedback.append(
            {
                "id": self.ids.make(asked["sent_at"]),
                "ticket_id": self.ticket.id,
                "message_id": asked["id"],
                "kind": kind,
                "asked_at": asked["sent_at"],
                "expires_at": asked["sent_at"] + timedelta(days=30),
                "score": score,
                "comment": comment or None,
                "answered_at": rated_at,
            }
        )

    # How.

    def _queue(self, who: str, text: str, at: datetime) -> int:
        at = self._go(at)
        message_id = self.ids.make(at)
        name = self.desk.roster.name(who)
        asked = next(row for row in reversed(self.messages.values()) if row["direction"] == "in")
        self.messages[message_id] = message_row(
            message_id=message_id,
            ticket=self.ticket,
            external_id=f"reply:{message_id}",
            at=at,
            text=text,
            sender_name=name,
            direction="out",
            author=Author.AGENT,
            agent=who,
            verdict=OUTGOING,
            state=MessageState.SENDING,
            client_key=f"past:{message_id}",
            public=asked["public"],
        )
        if self.ticket.assignee is None:
            self.ticket = replace(self._touched(), assignee=who, claimed_at=at)
            self._record(EventType.CLAIMED, who)
        self._record(EventType.REPLY_QUEUED, who, message_id=message_id)
        self._sending_since = at
        return message_id

    def _settle(self, type_: EventType, who: str, message_id: int, **data: str) -> None:
        self._sending_since = None
        actor = who if type_ is EventType.REPLY_SENT else DESK
        told_of = {"agent": who, "assignee": self.ticket.assignee}
        self._record(type_, actor, message_id=message_id, **told_of, **data)
        self._replan()

    def _keep(self, message: InboundMessage, at: datetime, *, out: bool) -> int:
        message_id = self.ids.make(at)
        self.messages[message_id] = message_row(
            message_id=message_id,
            ticket=self.ticket,
            external_id=message.external_id,
            at=message.sent_at,
            seen_at=at,
            text=message.text,
            sender_name=message.sender_name,
            direction="out" if out else "in",
            author=AUTHORS.get(message.verdict, Author.PLATFORM),
            verdict=message.verdict,
            reason=message.reason,
            state=MessageState.SENT if out else MessageState.RECEIVED,
            public=message.public,
        )
        for name in names_of(message):
            self.names[name] = at
        return message_id

    def _join(self, message: InboundMessage) -> None:
        judged, asks = triage(message), message.verdict in AWAITS_ANSWER
        was = self.ticket
        if asks:
            self.ticket = replace(
                was,
                kind=kind_after(was.kind, judged.kind),
                risk=graver_risk(was.risk, judged.risk),
                topic=graver_topic(was.topic, judged.topic),
                language=was.language or judged.language,
            )
