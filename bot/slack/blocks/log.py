"""One compact line per ticket event, with the words that were sent or noted below it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.domain.card import EventView, TicketView
from bot.domain.desk import Desk
from bot.domain.ticket import CUSTOMER, DESK, PLATFORM
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.clock_words import WAITS, cause_words
from bot.slack.blocks.moves import moves_line
from bot.slack.blocks.parts import Part, as_text, elements
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import platform, sentence, stopped
from bot.slack.text import one_line, spoken
from connectors.contract import Verdict
from sla_rules.vocabulary import Audience

_ACTORS = {
    "": "Threadline",
    DESK: "Threadline",
    CUSTOMER: "the customer",
    PLATFORM: "the marketplace",
}


_FAILED = frozenset({"reply_failed", "reply_bounced", "reply_unsure"})

_VERDICTS: Mapping[str, str] = {
    Verdict.AUTO_REPLY: "automatic reply",
    Verdict.ACKNOWLEDGEMENT: "our own receipt, come back",
    Verdict.DELIVERY_NOTICE: "delivery notice",
    Verdict.BOUNCE: "bounce",
    Verdict.BULK: "newsletter",
    Verdict.OWN_LOOP: "our own mail, come back",
}


def render_log(ticket: TicketView, event: EventView, desk: Desk) -> Rendered:
    """The line of `event` in the ticket's thread. It mentions nobody but after a failed answer."""
    line = _parts(ticket, event, desk)
    said = as_text(line, desk)
    quoted = str(event.data.get("text") or "")
    called = _called(ticket, event, desk)
    head = [element for one in called for element in (kit.person(one), kit.words(" "))]
    parts = [kit.line(*head, *elements(line, desk))]
    if quoted:
        parts.append(kit.quote(quoted))
    blocks = [kit.rich(*parts), *_buttons(ticket, event)]
    mentions = " ".join(kit.called(one) for one in called)
    text = f"{mentions} #{ticket.number}: {stopped(spoken(said, 400))} {spoken(quoted, 200)}"
    return Rendered(text=text.strip(), blocks=blocks)


def _called(ticket: TicketView, event: EventView, desk: Desk) -> Sequence[str]:
    """Who has to act: the clock runs again, and every ping of it may have fired already."""
    if event.type not in _FAILED:
        return ()
    inbox = desk.inboxes.get(ticket.inbox)
    agent = ticket.assignee or str(event.data.get("agent") or "") or None
    _, targets = desk.roster.audience(
        Audience.ASSIGNEE, assignee=agent, group=inbox.group if inbox else ()
    )
    return targets


def log_line(ticket: TicketView, event: EventView, desk: Desk) -> str:
    """The words of the line alone, for a history."""
    return as_text(_parts(ticket, event, desk), desk)


def _parts(ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    say = _LINES.get(event.type)
    if say is None:
        return [f"{event.type.replace('_', ' ')} by {_who(event, desk)}"]
    said = say(ticket, event, desk)
    return [said] if isinstance(said, str) else said


def _who(event: EventView, desk: Desk) -> str:
    return _name(event.actor, desk)


def _name(actor: object, desk: Desk) -> str:
    known = _ACTORS.get(str(actor or ""))
    return known or one_line(desk.roster.name(str(actor)), 60)


def _said(event: EventView, *keys: str) -> str:
    found = next((event.data[key] for key in keys if event.data.get(key)), "")
    return one_line(str(found), 300)


def _because(event: EventView) -> str:
    reason = _said(event, "reason", "error", "detail")
    return f": {reason.rstrip('.')}." if reason else "."


def _until(event: EventView) -> Part:
    value = event.data.get("until")
    return datetime.fromisoformat(value) if isinstance(value, str) else "later"


_WAITED_FOR: Mapping[str, str] = {str(on): words for on, words in WAITS.items()}


def _waiting(_ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    on = _WAITED_FOR.get(_said(event, "on"), "somebody else")
    until: list[Part] = [" until ", _until(event)] if event.data.get("until") else []
    return [f"{_who(event, desk)}: waiting for {on}", *until]


def _reclassified(ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    moved = moves_line(ticket, event.data)
    what, cause = _said(event, "what"), _said(event, "cause")
    parts: list[Part] = [f"{sentence(_who(event, desk))}: {what}"]
    parts += [". ", *moved] if moved else []
    parts += [f". {sentence(cause_words(cause, what))}"] if cause else []
    return parts


def _recomputed(ticket: TicketView, event: EventView, _desk: Desk) -> Sequence[Part]:
    moved = moves_line(ticket, event.data)
    return ["New rules. ", *moved] if moved else ["New rules; no deadline moved"]


def _answered_elsewhere(ticket: TicketView, event: EventView, desk: Desk) -> str:
    where = f"nswered in {platform(ticket.connector)} itself"
    if event.data.get("attested"):
        return f"{_who(event, desk)} says: a{where}. The clock has stopped on their word."
    return f"A{where}. The clock has stopped."


def _reply_unsure(ticket: TicketView, event: EventView, desk: Desk) -> str:
    return (
        f"It is not certain that {_name(event.data.get('agent') or event.actor, desk)}'s answer arrived"
        f"{_because(event)} Threadline will not send it again by itself: look in "
        f"{platform(ticket.connector)}, then say which."
    )


def _pressed_send(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    why = _said(event, "why")
    because = f", although the channel's policy warns of it: {why}" if why else ""
    return f"{_who(event, desk)} pressed Send{because}"


def _resolved(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    return f"{_who(event, desk)} resolved it{_because(event) if event.data.get('reason') else ''}"


def _verdict(_ticket: TicketView, event: EventView, _desk: Desk) -> str:
    kind = _VERDICTS.get(_said(event, "verdict"), "automatic mail")
    return f"Received: {kind}{_because(event)} It stops no clock."


def _claim_closed(ticket: TicketView, event: EventView, _desk: Desk) -> str:
    return f"{platform(ticket.connector)} closed the claim{_because(event)}"


_LINES: Mapping[str, Callable[[TicketView, EventView, Desk], str | Sequence[Part]]] = {
    "opened": lambda _t, _e, _d: "Ticket opened",
    "customer_wrote": lambda _t, _e, _d: "The customer wrote",
    "claimed": lambda _t, e, d: f"{_who(e, d)} claimed it",
    "taken_over": lambda _t, e, d: (
        f"{_who(e, d)} took over from {_name(e.data.get('from_agent'), d)}"
    ),
    "released": lambda _t, e, d: f"{_who(e, d)} released it",
    "assigned": lambda _t, e, d: f"{_who(e, d)} assigned it to {_name(e.data.get('to_agent'), d)}",
    "reply_queued": _pressed_send,
    "reply_undone": lambda _t, e, d: f"{_who(e, d)} took the answer back before it went out",
    "reply_sent": lambda _t, e, d: (
        f"{_name(e.data.get('agent') or e.actor, d)} answered the customer"
    ),
    "reply_failed": lambda _t, e, d: (
        f"{_name(e.data.get('agent') or e.actor, d)}'s answer was not sent{_because(e)} "
        "The clock runs on."
    ),
    "reply_bounced": lambda _t, e, _d: (
        f"The answer came back undelivered{_because(e)} The clock runs again."
    ),
    "reply_unsure": _reply_unsure,
    "answered_elsewhere": _answered_elsewhere,
    "no_answer_needed": lambda _t, e, d: f"{_who(e, d)} marked it: no answer needed",
    "resolved": _resolved,
    "reopened": lambda _t, e, d: f"Reopened by {_who(e, d)}",
    "note": lambda _t, e, d: f"Note from {_who(e, d)}, stays internal",
    "snoozed": lambda _t, e, d: [
        f"{_who(e, d)} snoozed the warnings until ",
        _until(e),
        ". Deadlines run on.",
    ],
    "waiting": _waiting,
    "went_on": lambda _t, e, d: f"{_who(e, d)} ended the wait: every clock runs",
    "reclassified": _reclassified,
    "recomputed": _recomputed,
    "acknowledged": lambda _t, e, d: f"{_who(e, d)} is on it",
    "verdict": _verdict,
    "claim_closed": _claim_closed,
    "ping": lambda _t, e, _d: f"Ping sent: {_said(e, 'step') or 'warning'}",
    "breach": lambda _t, e, _d: f"Missed: {_said(e, 'scope') or 'a'} deadline",
}


def _buttons(ticket: TicketView, event: EventView) -> list[Block]:
    message = str(event.data.get("message_id") or "")
    if event.type == "reply_unsure" and message:
        return [
            kit.actions(
                kit.button(ActionId.ARRIVED, "It arrived", message, style="primary"),
                kit.button(ActionId.NOT_ARRIVED, "It did not arrive", message),
            )
        ]
    if event.type in {"reply_failed", "reply_bounced"}:
        return [kit.actions(kit.button(ActionId.REPLY, "Reply", str(ticket.id), style="primary"))]
    return []
