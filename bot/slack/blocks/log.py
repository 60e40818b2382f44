"""One compact line per ticket event, with the words that were sent or noted below it."""

from collections.abc import Callable, Mapping, Sequence

from bot.domain.card import EventView, TicketView
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.clock_words import WAITS, cause_words
from bot.slack.blocks.ledger import RULING_WORDS
from bot.slack.blocks.log_together import TOGETHER
from bot.slack.blocks.log_words import because, fact, named, until, who
from bot.slack.blocks.moves import moves_line
from bot.slack.blocks.parts import Part, as_text, elements
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.routed import routed_line
from bot.slack.blocks.wording import platform, sentence, stopped
from bot.slack.text import spoken
from connectors.contract import Verdict
from sla_rules.vocabulary import Audience

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
    """The line of `event` in the ticket's thread. It mentions whoever has to act, if anybody."""
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
    """Who has to act: those the event names, or after a failed answer whoever owns the ticket.

    Its clock runs again then, and every ping of it may have fired already.
    """
    told = event.data.get("called")
    if isinstance(told, list):
        return [str(one) for one in told]
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
        return [f"{event.type.replace('_', ' ')} by {who(event, desk)}"]
    said = say(ticket, event, desk)
    return [said] if isinstance(said, str) else said


_RULED: Mapping[str, str] = {str(ruling): words for ruling, words in RULING_WORDS.items()}
_WAITED_FOR: Mapping[str, str] = {str(on): words for on, words in WAITS.items()}


def _waiting(_ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    on = _WAITED_FOR.get(fact(event, "on"), "somebody else")
    end: list[Part] = [" until ", until(event)] if event.data.get("until") else []
    return [f"{who(event, desk)}: waiting for {on}", *end]


def _reclassified(ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    moved = moves_line(ticket, event.data)
    what, cause = fact(event, "what"), fact(event, "cause")
    parts: list[Part] = [f"{sentence(who(event, desk))}: {what}"]
    parts += [". ", *moved] if moved else []
    parts += [f". {sentence(cause_words(cause, what))}"] if cause else []
    return parts


def _recomputed(ticket: TicketView, event: EventView, _desk: Desk) -> Sequence[Part]:
    moved = moves_line(ticket, event.data)
    return ["New rules. ", *moved] if moved else ["New rules; no deadline moved"]


def _answered_elsewhere(ticket: TicketView, event: EventView, desk: Desk) -> str:
    where = f"nswered in {platform(ticket.connector)} itself"
    if event.data.get("attested"):
        return f"{who(event, desk)} says: a{where}. The clock has stopped on their word."
    return f"A{where}. The clock has stopped."


def _reply_unsure(ticket: TicketView, event: EventView, desk: Desk) -> str:
    return (
        f"It is not certain that {named(event.data.get('agent') or event.actor, desk)}'s answer arrived"
        f"{because(event)} Threadline will not send it again by itself: look in "
        f"{platform(ticket.connector)}, then say which."
    )


def _pressed_send(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    why = fact(event, "why")
    because = f", although the channel's policy warns of it: {why}" if why else ""
    return f"{who(event, desk)} pressed Send{because}"


def _resolved(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    return f"{who(event, desk)} resolved it{because(event) if event.data.get('reason') else ''}"


def _verdict(_ticket: TicketView, event: EventView, _desk: Desk) -> str:
    kind = _VERDICTS.get(fact(event, "verdict"), "automatic mail")
    return f"Received: {kind}{because(event)} It stops no clock."


def _verdict_corrected(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    said = _RULED.get(fact(event, "ruling"), "it was something else")
    reason = fact(event, "reason").rstrip(".")
    return f"{who(event, desk)} corrected line {fact(event, 'number')} of the ledger: {said} ({reason})"


def _claim_closed(ticket: TicketView, event: EventView, _desk: Desk) -> str:
    return f"{platform(ticket.connector)} closed the claim{because(event)}"


_LINES: Mapping[str, Callable[[TicketView, EventView, Desk], str | Sequence[Part]]] = {
    "opened": lambda _t, _e, _d: "Ticket opened",
    "customer_wrote": lambda _t, _e, _d: "The customer wrote",
    "claimed": lambda _t, e, d: f"{who(e, d)} claimed it",
    "taken_over": lambda _t, e, d: (
        f"{who(e, d)} took over from {named(e.data.get('from_agent'), d)}"
    ),
    "released": lambda _t, e, d: f"{who(e, d)} released it",
    "assigned": lambda _t, e, d: f"{who(e, d)} assigned it to {named(e.data.get('to_agent'), d)}",
    "reply_queued": _pressed_send,
    "reply_undone": lambda _t, e, d: f"{who(e, d)} took the answer back before it went out",
    "reply_sent": lambda _t, e, d: (
        f"{named(e.data.get('agent') or e.actor, d)} answered the customer"
    ),
    "reply_failed": lambda _t, e, d: (
        f"{named(e.data.get('agent') or e.actor, d)}'s answer was not sent{because(e)} "
        "The clock runs on."
    ),
    "reply_bounced": lambda _t, e, _d: (
        f"The answer came back undelivered{because(e)} The clock runs again."
    ),
    "reply_unsure": _reply_unsure,
    "answered_elsewhere": _answered_elsewhere,
    "no_answer_needed": lambda _t, e, d: f"{who(e, d)} marked it: no answer needed",
    "resolved": _resolved,
    "reopened": lambda _t, e, d: f"Reopened by {who(e, d)}",
    "note": lambda _t, e, d: f"Note from {who(e, d)}, stays internal",
    "snoozed": lambda _t, e, d: [
        f"{who(e, d)} snoozed the warnings until ",
        until(e),
        ". Deadlines run on.",
    ],
    "waiting": _waiting,
    "went_on": lambda _t, e, d: f"{who(e, d)} ended the wait: every clock runs",
    "reclassified": _reclassified,
    "recomputed": _recomputed,
    "acknowledged": lambda _t, e, d: f"{who(e, d)} is on it",
    "verdict": _verdict,
    "verdict_corrected": _verdict_corrected,
    "claim_closed": _claim_closed,
    "ping": lambda _t, e, _d: f"Ping sent: {fact(e, 'step') or 'warning'}",
    "breach": lambda _t, e, _d: f"Missed: {fact(e, 'scope') or 'a'} deadline",
    "routed": routed_line,
    **TOGETHER,
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
    if event.type == "escalated":
        value = str(ticket.id)
        return [
            kit.actions(
                kit.button(ActionId.DEESCALATE, "I take care of it", value, style="primary"),
                kit.button(ActionId.REPLY, "Reply", value),
            )
        ]
    if event.type in {"reply_failed", "reply_bounced"}:
        return [kit.actions(kit.button(ActionId.REPLY, "Reply", str(ticket.id), style="primary"))]
    return []
