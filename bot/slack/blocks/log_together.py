"""Lines of what colleagues do with and for each other: hand over, escalate, link, merge, undo."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.domain.card import EventView, TicketView
from bot.domain.desk import Desk
from bot.slack.blocks.log_words import fact, named, who
from bot.slack.blocks.parts import Part

Line = Callable[[TicketView, EventView, Desk], str | Sequence[Part]]

_DONE: Mapping[str, str] = {
    "claimed": "claim",
    "taken_over": "taking over",
    "released": "release",
    "assigned": "assignment",
    "transferred": "transfer",
    "resolved": "resolution",
    "no_answer_needed": "no answer needed",
    "reclassified": "change of class",
    "snoozed": "snooze",
    "waiting": "wait",
}


def _transferred(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    return f"{who(event, desk)} hands it over to {named(event.data.get('to_agent'), desk)}"


def _escalated(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    return f"🚨 {who(event, desk)} escalated it: {fact(event, 'reason')}"


def _taken_back(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    what = _DONE.get(fact(event, "of"), "last step")
    return f"{who(event, desk)} took it back: {what}"


def _claim_ends_soon(_ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    name = named(event.data.get("agent"), desk)
    at = event.data.get("ends_at")
    end: Part = datetime.fromisoformat(at) if isinstance(at, str) else "soon"
    return [
        f"{name}'s claim ends ",
        end,
        ", because nothing was done since. An answer, a note, a wait or a snooze keeps it.",
    ]


def _claim_expired(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    name = named(event.data.get("from_agent"), desk)
    return f"{name}'s claim has ended: nothing was done since. It is unclaimed again."


def _other(event: EventView) -> str:
    return f"#{fact(event, 'other')}"


TOGETHER: Mapping[str, Line] = {
    "transferred": _transferred,
    "escalated": _escalated,
    "deescalated": lambda _t, e, d: f"{who(e, d)} takes care of it: not escalated any more",
    "linked": lambda _t, e, d: f"{who(e, d)} linked it with {_other(e)}",
    "unlinked": lambda _t, e, d: f"{who(e, d)} took away its link with {_other(e)}",
    "merged": lambda _t, e, d: (
        f"{who(e, d)} merged it into {_other(e)}: the conversation goes on there"
    ),
    "merged_in": lambda _t, e, d: (
        f"{who(e, d)} merged {_other(e)} into it: what the customer writes there arrives here"
    ),
    "unmerged": lambda _t, e, d: f"{who(e, d)} separated it from {_other(e)} again",
    "unmerged_from": lambda _t, e, d: f"{who(e, d)} separated {_other(e)} from it again",
    "split_off": lambda _t, e, d: (
        f"{who(e, d)} split off the newest message: it is {_other(e)} now"
    ),
    "split_from": lambda _t, e, d: f"{who(e, d)} split it off {_other(e)}",
    "undone": _taken_back,
    "claim_ends_soon": _claim_ends_soon,
    "claim_expired": _claim_expired,
}
