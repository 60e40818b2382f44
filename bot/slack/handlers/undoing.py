"""The Undo below a private answer: offered for what can be taken back, and pressed."""

from dataclasses import replace

from sqlalchemy import Connection

from bot.domain.card import EventView
from bot.language import marked, tr, tr_as
from bot.slack.blocks import answers, kit
from bot.slack.blocks.actions import ActionId, joined, parted
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.handlers.press import Press
from bot.slack.handlers.wiring import Wiring
from bot.slack.text import one_line
from bot.usecases.meanwhile import newest_act
from bot.usecases.undo import UndoEvent, can_undo, undo_event

_SAID = {
    "claimed": marked("Taken back: your claim."),
    "taken_over": marked("Taken back: your taking over."),
    "released": marked("Taken back: your release."),
    "assigned": marked("Taken back: your assignment."),
    "transferred": marked("Taken back: your hand-over."),
    "resolved": marked("Taken back: your resolution."),
    "no_answer_needed": marked("Taken back: “no answer needed”."),
    "reclassified": marked("Taken back: your change of class."),
    "snoozed": marked("Taken back: your snooze."),
    "waiting": marked("Taken back: your wait."),
}


async def offered(
    wiring: Wiring, actor: str, ticket_id: int, rendered: Rendered, *, after: int = 0
) -> Rendered:
    """The answer with an Undo, where what was done last can be taken back by `actor`.

    Nothing is offered below an answer that did nothing: `after` is the newest event before it.
    """
    event = await wiring.db.read(lambda conn: _undoable(conn, ticket_id))
    window = wiring.desk().undo_window
    if event is None or event.id <= after or event.actor != actor:
        return rendered
    if wiring.now() - event.at > window or not window:
        return rendered
    value = joined(ticket_id, event.id)
    return _with_button(rendered, kit.button(ActionId.UNDO_EVENT, tr_as("button", "Undo"), value))


def _undoable(conn: Connection, ticket_id: int) -> EventView | None:
    event = newest_act(conn, ticket_id)
    return event if event is not None and can_undo(event.type) else None


def _with_button(rendered: Rendered, button: Block) -> Rendered:
    *others, last = rendered.blocks
    if last["type"] == "actions":
        return replace(rendered, blocks=[*others, kit.actions(*last["elements"], button)])
    return replace(rendered, blocks=[*rendered.blocks, kit.actions(button)])


async def undo(wiring: Wiring, press: Press) -> Rendered:
    """Take back what the button names. Raises DeskError that says why it cannot be."""
    ticket_id, event_id = parted(press.value, 2)
    command = UndoEvent(ticket_id=int(ticket_id), event_id=int(event_id), actor=press.actor)
    done = await wiring.decide(undo_event, command)
    return answers.say(f"{tr(_SAID[done.of])} {_owner(wiring, done.number, done.assignee)}")


def _owner(wiring: Wiring, number: int, assignee: str | None) -> str:
    if assignee is None:
        return tr("#{number} is unclaimed.", number=number)
    name = one_line(wiring.desk().roster.name(assignee), 60)
    return tr("#{number} is with {who}.", number=number, who=name)
