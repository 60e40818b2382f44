"""What was asked is done, whichever way it was asked: by command, by name, in a window."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bot.domain.card import TicketView
from bot.errors import DeskError
from bot.language import tr
from bot.slack.blocks import answers
from bot.slack.blocks.rendered import Rendered
from bot.slack.handlers import (
    ledger,
    macros,
    next_step,
    overview,
    presence,
    replying,
    reporting,
    together,
    undoing,
    verbs,
)
from bot.slack.handlers.wiring import Picture, Wiring
from bot.slack.request import Do, Request
from bot.usecases.correct_verdict import CorrectVerdict
from bot.usecases.transfer import Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who asked for what. `key` names this very call; `trigger_id` is empty where no window opens.

    `channel` is where they typed it, empty where it was not typed.
    """

    request: Request
    actor: str
    key: str
    trigger_id: str = ""
    channel: str = ""


OnTicket = Callable[[Wiring, Call, TicketView], Awaitable[Rendered | None]]


async def perform(wiring: Wiring, call: Call) -> Rendered | None:
    """Do what was asked; the private answer, or None where a window opened instead."""
    shown = _OVERVIEWS.get(call.request.do)
    if shown is not None:
        return await shown(wiring, call)
    return await _on_ticket(wiring, call)


async def _help(wiring: Wiring, _: Call) -> Rendered:
    return answers.help_text(wiring.names)


async def _queue(wiring: Wiring, call: Call) -> Rendered:
    return await verbs.show_queue(wiring, call.actor, call.request.which)


async def _find(wiring: Wiring, call: Call) -> Rendered:
    return await verbs.show_found(wiring, call.actor, call.request.text)


async def _macros(wiring: Wiring, call: Call) -> Rendered | None:
    return await macros.show_macros(wiring, call.actor, call.request.text, call.trigger_id)


async def _sla_status(wiring: Wiring, call: Call) -> Rendered:
    return await overview.show_sla_status(wiring, call.actor)


async def _promises(wiring: Wiring, call: Call) -> Rendered:
    return await overview.show_promises(wiring, call.actor)


async def _whatif(wiring: Wiring, call: Call) -> Rendered:
    return await overview.show_whatif(wiring, call.actor)


async def _away(wiring: Wiring, call: Call) -> Rendered:
    return await presence.do_away(wiring, call.actor, call.request.person, call.request.when)


async def _back(wiring: Wiring, call: Call) -> Rendered:
    return await presence.do_back(wiring, call.actor, call.request.person)


async def _shift(wiring: Wiring, call: Call) -> Rendered:
    return await presence.show_rota(wiring, call.actor)


async def _me(wiring: Wiring, call: Call) -> Rendered:
    return await overview.do_prefer(wiring, call.actor, call.request.text)


async def _forecast(wiring: Wiring, call: Call) -> Rendered:
    return await overview.show_forecast(wiring, call.actor)


async def _report(wiring: Wiring, call: Call) -> Rendered:
    return await reporting.do_report(
        wiring, call.actor, call.request.text, channel=call.channel, key=call.key
    )


async def _surge(wiring: Wiring, call: Call) -> Rendered:
    return await overview.do_surge(wiring, call.actor, call.request.text)


_OVERVIEWS: Mapping[Do, Callable[[Wiring, Call], Awaitable[Rendered | None]]] = {
    Do.HELP: _help,
    Do.QUEUE: _queue,
    Do.FIND: _find,
    Do.ME: _me,
    Do.SURGE: _surge,
    Do.FORECAST: _forecast,
    Do.MACRO: _macros,
    Do.AWAY: _away,
    Do.BACK: _back,
    Do.SHIFT: _shift,
    Do.SLA_STATUS: _sla_status,
    Do.PROMISES: _promises,
    Do.WHATIF: _whatif,
    Do.REPORT: _report,
}


_DECISIONS = frozenset(
    {
        Do.RELEASE,
        Do.ASSIGN,
        Do.TRANSFER,
        Do.RESOLVE,
        Do.REOPEN,
        Do.NO_ANSWER,
        Do.ANSWERED,
        Do.CLASS,
        Do.SNOOZE,
        Do.WAIT,
        Do.CONTINUE,
        Do.MERGE,
    }
)
"""Verbs that would overwrite what a colleague did meanwhile; a claim has its own way of saying so."""

_ADDITIONS = frozenset({Do.TAG, Do.UNTAG})
"""They go by what the ticket is now, however old the window: only one at the same instant is lost."""


async def _on_ticket(wiring: Wiring, call: Call) -> Rendered | None:
    if call.request.number is None:
        raise DeskError(tr("Which ticket?"))
    ticket = await verbs.ticket_of(wiring, call.actor, call.request.number)
    return await on_ticket(wiring, call, ticket)


async def on_ticket(
    wiring: Wiring, call: Call, ticket: TicketView, *, seen: int | None = None
) -> Rendered | None:
    """The same for a ticket that is known already.

    `seen` is the newest event of it that the actor knew of, where their picture is older.
    """
    do = call.request.do
    if do in _DECISIONS | _ADDITIONS:
        picture = Picture(
            ticket_id=ticket.id,
            number=ticket.number,
            actor=call.actor,
            seen=ticket.newest_event if seen is None or do in _ADDITIONS else seen,
        )
        wiring = replace(wiring, picture=picture)
    rendered = await _ON_TICKET[do](wiring, call, ticket)
    if rendered is None:
        return None
    before = ticket.newest_event
    return await undoing.offered(wiring, call.actor, ticket.id, rendered, after=before)


async def _claim(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_claim(wiring, call.actor, ticket.id)


async def _take(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_take(wiring, call.actor, ticket)


async def _release(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_release(wiring, call.actor, ticket.id)


async def _reply(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered | None:
    if call.request.text:
        return await replying.send_text(wiring, call.actor, ticket, call.request.text, call.key)
    if not call.trigger_id:
        return answers.press_reply(ticket)
    await replying.open_reply(wiring, call.actor, call.trigger_id, ticket.id)
    return None


async def _assign(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    if call.request.person is None:
        raise DeskError(tr("To whom?"))
    return await presence.do_assign(wiring, call.actor, ticket.id, call.request.person)


async def _note(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_note(wiring, call.actor, ticket, call.request.text, call.key)


async def _snooze(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    if call.request.when is None:
        raise DeskError(tr("Until when?"))
    return await verbs.do_snooze(wiring, call.actor, ticket, call.request.when)


async def _resolve(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_resolve(wiring, call.actor, ticket.id)


async def _reopen(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_reopen(wiring, call.actor, ticket.id)


async def _no_answer(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_no_answer(wiring, call.actor, ticket.id)


async def _answered(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.do_answered(wiring, call.actor, ticket.id)


async def _status(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.show_status(wiring, call.actor, ticket)


async def _why(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await verbs.show_why(wiring, call.actor, ticket)


async def _wait(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    waiting, when = call.request.waiting, call.request.when
    if waiting is None:
        raise DeskError(tr("For whom?"))
    return await next_step.do_wait(wiring, call.actor, ticket, waiting, when)


async def _go_on(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await next_step.do_go_on(wiring, call.actor, ticket)


async def _class(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    if call.request.change is None:
        raise DeskError(tr("What is it?"))
    return await next_step.do_reclassify(wiring, call.actor, ticket, call.request.change)


async def _transfer(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    if call.request.person is None:
        raise DeskError(tr("To whom?"))
    assignee = verbs.person_meant(wiring, call.actor, call.request.person)
    command = Transfer(
        ticket_id=ticket.id,
        actor=call.actor,
        assignee=assignee,
        note=call.request.text,
        key=call.key,
    )
    return await together.do_transfer(wiring, command)


async def _escalate(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await together.do_escalate(wiring, call.actor, ticket, call.request.text)


async def _deescalate(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await together.do_deescalate(wiring, call.actor, ticket.id)


def _with_other(do: Callable[[Wiring, str, TicketView, int], Awaitable[Rendered]]) -> OnTicket:
    async def on_both(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
        if call.request.other is None:
            raise DeskError(tr("With which other ticket?"))
        return await do(wiring, call.actor, ticket, call.request.other)

    return on_both


async def _split(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await together.do_split(wiring, call.actor, ticket)


async def _unmerge(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await together.do_unmerge(wiring, call.actor, ticket)


async def _ledger(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    return await ledger.show_ledger(wiring, call.actor, ticket)


async def _correct(wiring: Wiring, call: Call, ticket: TicketView) -> Rendered:
    line, ruling = call.request.line, call.request.ruling
    if line is None or ruling is None:
        raise DeskError(tr("Which line, and what was it?"))
    command = CorrectVerdict(
        ticket_id=ticket.id, actor=call.actor, line=line, ruling=ruling, reason=call.request.text
    )
    return await ledger.do_correct(wiring, ticket, command)


_ON_TICKET: Mapping[Do, OnTicket] = {
    Do.CLAIM: _claim,
    Do.TAKE: _take,
    Do.RELEASE: _release,
    Do.REPLY: _reply,
    Do.ASSIGN: _assign,
    Do.NOTE: _note,
    Do.SNOOZE: _snooze,
    Do.RESOLVE: _resolve,
    Do.REOPEN: _reopen,
    Do.NO_ANSWER: _no_answer,
    Do.ANSWERED: _answered,
    Do.STATUS: _status,
    Do.WHY: _why,
    Do.WAIT: _wait,
    Do.CONTINUE: _go_on,
    Do.CLASS: _class,
    Do.LEDGER: _ledger,
    Do.CORRECT: _correct,
    Do.TAG: _class,
    Do.UNTAG: _class,
    Do.TRANSFER: _transfer,
    Do.ESCALATE: _escalate,
    Do.DEESCALATE: _deescalate,
    Do.LINK: _with_other(together.do_link),
    Do.UNLINK: _with_other(together.do_unlink),
    Do.MERGE: _with_other(together.do_merge),
    Do.UNMERGE: _unmerge,
    Do.SPLIT: _split,
}
