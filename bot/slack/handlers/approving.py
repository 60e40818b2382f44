"""A second person lets an answer out, or sends it back with a reason."""

from collections.abc import Mapping
from typing import Any

from bot.db.approval_rows import approval_of
from bot.domain.approvals import Approval
from bot.errors import DeskError
from bot.language import tr
from bot.slack.blocks import answers, views
from bot.slack.blocks.approval import REASON_FIELD, newer_words, send_back_view
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.handlers.composing import Answer, Composed, compose
from bot.slack.handlers.press import Press
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.slack.text import one_line
from bot.slack.verbs.fields import text_in
from bot.usecases.approve import Approve, SendBack, SentBack, approve, held_answer, send_back
from bot.usecases.reply import AlreadyQueued, NewerMessage, Queued


async def let_out(wiring: Wiring, press: Press) -> Rendered:
    """Checked against the channel's rules once more, then queued with Undo."""
    number, _, seen = press.value.partition("|")
    command = Approve(approval_id=int(number), actor=press.actor, seen=int(seen) if seen else None)
    held = await wiring.decide(held_answer, command)
    composed = await _checked(wiring, held)
    ticket = composed.ticket
    match await wiring.decide(approve, command):
        case Queued(message_id=message_id, goes_out_at=at):
            private = held.answer.public is False
            return answers.going_out(
                ticket, composed.preview, message_id, at, wiring.desk(), private=private
            )
        case NewerMessage(message=message):
            return newer_words(ticket, held.id, message)
        case AlreadyQueued(state=state):
            return answers.say(answers.sent_before(state))


async def _checked(wiring: Wiring, held: Approval) -> Composed:
    """The answer as the customer would get it now, in its author's name. Raises DeskError."""
    ticket = await ticket_with_id(wiring, held.author, held.ticket_id)
    kept = held.answer
    composed = await compose(
        wiring,
        held.author,
        ticket,
        Answer(text=kept.text, files=kept.files, public=kept.public, rating=kept.survey),
    )
    if not set(composed.overruled) <= set(kept.overruled):
        raise DeskError(
            tr(
                "The channel's policy warns of this answer now: {warnings} Send it back.",
                warnings=" ".join(composed.warnings),
            )
        )
    return composed


async def open_send_back(wiring: Wiring, press: Press) -> Rendered | None:
    """Ask why; its author needs no reason to take it back."""
    approval_id = int(press.value)
    held = await wiring.look(press.actor, lambda conn: approval_of(conn, approval_id))
    if held is not None and held.author != press.actor:
        # Nobody is asked for words about a ticket that is none of theirs.
        await ticket_with_id(wiring, press.actor, held.ticket_id)
        name = one_line(wiring.desk().roster.name(held.author), 60)
        view = send_back_view(approval_id, name)
        await wiring.client.views_open(trigger_id=press.trigger_id, view=view)
        return None
    command = SendBack(approval_id=approval_id, actor=press.actor)
    return answers.say(_said(await wiring.decide(send_back, command)))


async def submit_send_back(wiring: Wiring, actor: str, view: Mapping[str, Any]) -> Block:
    """Send it back with the reason that was typed."""
    command = SendBack(
        approval_id=int(view["private_metadata"]), actor=actor, reason=text_in(view, REASON_FIELD)
    )
    done = await wiring.decide(send_back, command)
    return views.message_view(tr("Send it back"), _said(done))


def _said(done: SentBack) -> str:
    if done.own:
        return tr("#{number}: your answer is a draft again.", number=done.number)
    return tr(
        "#{number}: the answer went back to its author, with your reason.", number=done.number
    )
