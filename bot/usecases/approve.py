"""A second person lets a held answer out or sends it back; or it is needed no more. Decided once."""

from dataclasses import dataclass

from bot.db.approval_rows import approval_of, overtaken, pointless, settle_approval
from bot.db.draft_rows import keep_draft
from bot.db.ticket_rows import lock_tickets
from bot.db.unit import Tx
from bot.domain.approvals import Approval, ApprovalState
from bot.domain.desk import Desk
from bot.domain.inbound import clean
from bot.domain.roster import Verb
from bot.domain.ticket import DESK, EventType, Ticket
from bot.errors import Conflict, DeskError, NotAllowed
from bot.language import marked, tr
from bot.usecases.access import require, require_sight, work_on
from bot.usecases.hold_reply import tell
from bot.usecases.reply import (
    AlreadyQueued,
    NewerMessage,
    Queued,
    QueueReply,
    queue_approved,
)

REASON_LIMIT = 500
AT_ONCE = 50

_DECIDED = {
    ApprovalState.APPROVED: marked("{who} let this answer out already."),
    ApprovalState.RETURNED: marked("{who} sent this answer back already."),
    ApprovalState.WITHDRAWN: marked("{who} took this answer back."),
    ApprovalState.OVERTAKEN: marked("This answer is not needed any more: the ticket was settled."),
    ApprovalState.EXPIRED: marked("Nobody decided in time: its author has it back as a draft."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """`actor` lets it out. `seen` is a newer customer message that they know of."""

    approval_id: int
    actor: str
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBack:
    """`actor` does not, and says why. Its author takes it back the same way, without a reason."""

    approval_id: int
    actor: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """Its author has it as a draft again. `own` where they took it back themselves."""

    number: int
    own: bool


def held_answer(tx: Tx, desk: Desk, command: Approve) -> Approval:
    """What `actor` is about to let out. Decides nothing; raises as `approve` does."""
    return _to_decide(tx, desk, command)[1]


def approve(tx: Tx, desk: Desk, command: Approve) -> Queued | NewerMessage | AlreadyQueued:
    """Queue it as its author's answer, after every check that the author's own press had.

    Raises NotAllowed for whoever is no lead, wrote it, or may not see the ticket; Conflict where
    it was decided before; DeskError where its author may not answer there any more.
    """
    ticket, approval = _to_decide(tx, desk, command)
    if overtaken(tx.conn, approval.id):
        raise Conflict(tr(_DECIDED[ApprovalState.OVERTAKEN]))
    answer = _as_submitted(approval, known=command.seen or 0)
    outcome = queue_approved(tx, desk, ticket, answer, by=command.actor)
    if isinstance(outcome, Queued):
        _settle(
            tx,
            desk,
            approval,
            ApprovalState.APPROVED,
            by=command.actor,
            message_id=outcome.message_id,
        )
        tell(
            tx,
            desk,
            ticket,
            EventType.APPROVED,
            actor=command.actor,
            approval_id=approval.id,
            called=[approval.author],
            agent=approval.author,
        )
    return outcome


def _as_submitted(approval: Approval, *, known: int) -> QueueReply:
    held = approval.answer
    return QueueReply(
        ticket_id=approval.ticket_id,
        actor=approval.author,
        text=held.text,
        key=approval.client_key,
        seen_message_id=max(held.seen, known),
        files=held.files,
        public=held.public,
        overruled=held.overruled,
        reason=held.reason,
        macros=held.macros,
        machine=held.machine,
        survey=held.survey,
    )


def send_back(tx: Tx, desk: Desk, command: SendBack) -> SentBack:
    """Raises NotAllowed, NotInSight, Conflict as `approve`, and DeskError without a reason."""
    approval = _the_approval(tx, desk, command.actor, command.approval_id)
    own = approval.author == command.actor
    if own:
        ticket = work_on(tx, desk, command.actor, approval.ticket_id)
    else:
        ticket = work_on(tx, desk, command.actor, approval.ticket_id, Verb.APPROVE)
    reason = " ".join(clean(command.reason).split())[:REASON_LIMIT]
    if not own and not reason:
        raise DeskError(tr("Say why it goes back: its author reads it."))
    state = ApprovalState.WITHDRAWN if own else ApprovalState.RETURNED
    _settle(tx, desk, approval, state, by=command.actor)
    _give_back(tx, approval)
    if own:
        _close(tx, desk, ticket, approval, state)
    else:
        tell(
            tx,
            desk,
            ticket,
            EventType.APPROVAL_RETURNED,
            actor=command.actor,
            approval_id=approval.id,
            called=[approval.author],
            agent=approval.author,
            reason=reason,
        )
    return SentBack(number=ticket.number, own=own)


def settle_approvals(tx: Tx, desk: Desk) -> bool:
    """Close those that nobody has to decide any more; whether there are more."""
    due = pointless(tx.conn, tx.now, AT_ONCE)
    tickets = lock_tickets(tx.conn, sorted({each.ticket_id for each in due})) if due else {}
    for approval in due:
        state = (
            ApprovalState.OVERTAKEN if overtaken(tx.conn, approval.id) else ApprovalState.EXPIRED
        )
        if settle_approval(tx, approval.id, state, DESK):
            _give_back(tx, approval)
            _close(tx, desk, tickets[approval.ticket_id], approval, state)
    return len(due) == AT_ONCE


def _to_decide(tx: Tx, desk: Desk, command: Approve) -> tuple[Ticket, Approval]:
    require(desk, command.actor, Verb.APPROVE)
    approval = _the_approval(tx, desk, command.actor, command.approval_id)
    ticket = work_on(tx, desk, command.actor, approval.ticket_id, Verb.APPROVE)
    # Read again under the ticket's lock: somebody else may have decided while we waited for it.
    approval = _the_approval(tx, desk, command.actor, command.approval_id)
    if approval.author == command.actor:
        raise NotAllowed(tr("You wrote this answer: somebody else lets it out."))
    if approval.state is not ApprovalState.ASKED:
        raise _decided(desk, approval)
    if not desk.roster.may_in(approval.author, Verb.WORK, ticket.inbox):
        raise DeskError(
            tr(
                "{name} may not answer here any more. Send it back and answer #{number} yourself.",
                name=desk.roster.name(approval.author),
                number=ticket.number,
            )
        )
    return ticket, approval


def _the_approval(tx: Tx, desk: Desk, actor: str, approval_id: int) -> Approval:
    require(desk, actor, Verb.WORK)
    approval = approval_of(tx.conn, approval_id)
    if approval is None:
        raise DeskError(tr("There is no such answer to decide about."))
    if approval.author != actor:
        require(desk, actor, Verb.APPROVE)
    require_sight(tx.conn, desk, actor, approval.ticket_id, Verb.WORK)
    return approval


def _settle(
    tx: Tx,
    desk: Desk,
    approval: Approval,
    state: ApprovalState,
    *,
    by: str,
    message_id: int | None = None,
) -> None:
    if not settle_approval(tx, approval.id, state, by, message_id=message_id):
        raise _decided(desk, approval_of(tx.conn, approval.id) or approval)


def _decided(desk: Desk, approval: Approval) -> Conflict:
    said = _DECIDED.get(approval.state, _DECIDED[ApprovalState.OVERTAKEN])
    return Conflict(tr(said, who=desk.roster.name(approval.decided_by or "")))


def _give_back(tx: Tx, approval: Approval) -> None:
    keep_draft(
        tx,
        approval.ticket_id,
        approval.author,
        approval.answer.text,
        over=False,
        machine=approval.answer.machine,
        macros=approval.answer.macros,
    )


def _close(tx: Tx, desk: Desk, ticket: Ticket, approval: Approval, state: ApprovalState) -> None:
    tell(
        tx,
        desk,
        ticket,
        EventType.APPROVAL_CLOSED,
        actor=approval.author if state is ApprovalState.WITHDRAWN else DESK,
        approval_id=approval.id,
        called=[approval.author] if state is ApprovalState.EXPIRED else (),
        agent=approval.author,
        why=str(state),
    )
