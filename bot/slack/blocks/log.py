"""One compact line per ticket event, with the words that were sent or noted below it."""

from collections.abc import Callable, Mapping, Sequence

from bot.domain.card import EventView, TicketView
from bot.domain.desk import Desk
from bot.domain.inbound import said_body
from bot.domain.platforms import platform
from bot.domain.said import said_changes
from bot.domain.survey import SurveyKind
from bot.domain.ticket import CUSTOMER
from bot.language import tr, tr_as, tr_parts
from bot.slack.blocks import approval, kit
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.clock_words import cause_words
from bot.slack.blocks.log_sentences import (
    AUTOMATIC,
    CORRECTED,
    CORRECTED_ELSE,
    REASONED,
    SENTENCES,
    VERDICTS,
    WAITING,
    WAITING_ELSE,
)
from bot.slack.blocks.log_together import TOGETHER
from bot.slack.blocks.log_words import fact, instant, names_in, reason_of, who
from bot.slack.blocks.machine import asked_line
from bot.slack.blocks.moves import moves_line
from bot.slack.blocks.parts import Part, as_text, elements
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.routed import routed_line
from bot.slack.blocks.wording import sentence, stopped
from bot.slack.text import one_line, spoken
from sla_rules.vocabulary import Audience

_FAILED = frozenset({"reply_failed", "reply_bounced", "reply_unsure"})


def render_log(ticket: TicketView, event: EventView, desk: Desk) -> Rendered:
    """The line of `event` in the ticket's thread. It mentions whoever has to act, if anybody."""
    line = _parts(ticket, event, desk)
    said = as_text(line, desk)
    quoted = said_body(str(event.data.get("text") or ""))
    called = _called(ticket, event, desk)
    head = [element for one in called for element in (kit.person(one), kit.words(" "))]
    parts = [kit.line(*head, *elements(line, desk))]
    if quoted:
        parts.append(kit.quote(quoted))
    blocks = [kit.rich(*parts), *_buttons(ticket, event)]
    mentions = " ".join(kit.called(one) for one in called)
    told = tr("#{number}: {text}", number=ticket.number, text=stopped(spoken(said, 400)))
    return Rendered(text=f"{mentions} {told} {spoken(quoted, 200)}".strip(), blocks=blocks)


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
    sentence_of_it = SENTENCES.get(event.type)
    if sentence_of_it is not None:
        return [tr(sentence_of_it, **names_in(event, desk))]
    if event.type in REASONED:
        return [_reasoned(ticket, event, desk)]
    say = _LINES.get(event.type)
    if say is None:
        return [tr("{what} by {who}", what=event.type.replace("_", " "), who=who(event, desk))]
    said = say(ticket, event, desk)
    return [said] if isinstance(said, str) else said


def _reasoned(ticket: TicketView, event: EventView, desk: Desk) -> str:
    with_reason, without = REASONED[event.type]
    reason = reason_of(event)
    return tr(
        with_reason if reason else without,
        **names_in(event, desk),
        place=platform(ticket.connector),
        reason=reason,
    )


def _waiting(_ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    with_end, without = WAITING.get(fact(event, "on"), WAITING_ELSE)
    at = instant(event, "until")
    if at is None:
        return [tr(without, who=who(event, desk))]
    values: Mapping[str, Part] = {"who": who(event, desk), "time": at}
    return tr_parts(with_end, **values)


def _snoozed(_ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    at = instant(event, "until")
    if at is None:
        return [tr("{who} snoozed the warnings. Deadlines run on.", who=who(event, desk))]
    values: Mapping[str, Part] = {"who": who(event, desk), "time": at}
    return tr_parts("{who} snoozed the warnings until {time}. Deadlines run on.", **values)


def _reclassified(ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    moved = moves_line(ticket, event.data)
    what, cause = fact(event, "what"), fact(event, "cause")
    changed = one_line(said_changes(what), 300)
    parts: list[Part] = [sentence(tr("{who}: {what}", who=who(event, desk), what=changed))]
    parts += [". ", *moved] if moved else []
    parts += [f". {sentence(cause_words(cause, what))}"] if cause else []
    return parts


def _recomputed(ticket: TicketView, event: EventView, _desk: Desk) -> Sequence[Part]:
    moved = moves_line(ticket, event.data)
    if not moved:
        return [tr("New rules; no deadline moved")]
    return [tr("New rules."), " ", *moved]


def _answered_elsewhere(ticket: TicketView, event: EventView, desk: Desk) -> str:
    place = platform(ticket.connector)
    if event.data.get("attested"):
        return tr(
            "{who} says: answered in {place} itself. The clock has stopped on their word.",
            who=who(event, desk),
            place=place,
        )
    return tr("Answered in {place} itself. The clock has stopped.", place=place)


def _pressed_send(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    why, send = fact(event, "why"), tr_as("button", "Send")
    if not why:
        return tr("{who} pressed {button}", who=who(event, desk), button=send)
    return tr(
        "{who} pressed {button}, although the channel's policy warns of it: {reason}",
        who=who(event, desk),
        button=send,
        reason=why,
    )


def _machine_asked(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    return asked_line(fact(event, "use"), fact(event, "outcome"), who(event, desk))


def _reopened(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    if event.actor == CUSTOMER:
        return tr("Reopened by the customer")
    return tr("Reopened by {who}", who=who(event, desk))


def _verdict(_ticket: TicketView, event: EventView, _desk: Desk) -> str:
    kind = tr(VERDICTS.get(fact(event, "verdict"), AUTOMATIC))
    reason = reason_of(event)
    if not reason:
        return tr("Received: {kind}. It stops no clock.", kind=kind)
    return tr("Received: {kind}: {reason}. It stops no clock.", kind=kind, reason=reason)


def _verdict_corrected(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    return tr(
        CORRECTED.get(fact(event, "ruling"), CORRECTED_ELSE),
        who=who(event, desk),
        number=fact(event, "number"),
        reason=fact(event, "reason").rstrip("."),
    )


def _rated(_ticket: TicketView, event: EventView, _desk: Desk) -> str:
    score = fact(event, "score") or "0"
    if fact(event, "kind") == SurveyKind.NPS:
        best = SurveyKind.NPS.best
        return tr(
            "Would the customer recommend the shop? {score} of {best}", score=score, best=best
        )
    best = SurveyKind.CSAT.best
    return tr("The customer rated the answer: {score} of {best}", score=score, best=best)


def _ping(_ticket: TicketView, event: EventView, _desk: Desk) -> str:
    step = fact(event, "step")
    return tr("Ping sent: {step}", step=step) if step else tr("Ping sent: warning")


_LINES: Mapping[str, Callable[[TicketView, EventView, Desk], str | Sequence[Part]]] = {
    "reply_queued": _pressed_send,
    "machine_asked": _machine_asked,
    "answered_elsewhere": _answered_elsewhere,
    "reopened": _reopened,
    "snoozed": _snoozed,
    "waiting": _waiting,
    "reclassified": _reclassified,
    "recomputed": _recomputed,
    "verdict": _verdict,
    "verdict_corrected": _verdict_corrected,
    "ping": _ping,
    "rated": _rated,
    "approval_asked": approval.asked_line,
    "approval_returned": approval.returned_line,
    "approval_closed": approval.closed_line,
    "routed": routed_line,
    **TOGETHER,
}


def _buttons(ticket: TicketView, event: EventView) -> list[Block]:
    message = str(event.data.get("message_id") or "")
    if event.type == "reply_unsure" and message:
        return [
            kit.actions(
                kit.button(
                    ActionId.ARRIVED, tr_as("button", "It arrived"), message, style="primary"
                ),
                kit.button(ActionId.NOT_ARRIVED, tr_as("button", "It did not arrive"), message),
            )
        ]
    if event.type == "approval_asked":
        return approval.buttons(event)
    if event.type == "escalated":
        value = str(ticket.id)
        return [
            kit.actions(
                kit.button(
                    ActionId.DEESCALATE,
                    tr_as("button", "I take care of it"),
                    value,
                    style="primary",
                ),
                kit.button(ActionId.REPLY, tr_as("button", "Reply"), value),
            )
        ]
    if event.type in {"reply_failed", "reply_bounced"}:
        return [
            kit.actions(
                kit.button(
                    ActionId.REPLY, tr_as("button", "Reply"), str(ticket.id), style="primary"
                )
            )
        ]
    return []
