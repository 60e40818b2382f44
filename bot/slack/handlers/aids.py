"""What is offered to whoever writes an answer: macros, what answered such tickets, and drafts."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.assist.understanding import understand
from bot.configuration.macros import Macro
from bot.db.draft_rows import KeptDraft, drafts_of
from bot.db.macro_rows import kept_macros
from bot.domain.approvals import guarded, noted
from bot.domain.card import TicketView
from bot.domain.macro_values import Writer, values_of
from bot.domain.macros import (
    Filled,
    Situation,
    answers_intent,
    fill,
    inserted,
    named,
    usable,
)
from bot.domain.opportunity import opportunity
from bot.domain.similar import suggestions
from bot.slack.blocks.machine import offer_of
from bot.slack.blocks.macro_fields import Aids
from bot.slack.handlers.wiring import Wiring

SIGN = "!"
"""In front of a macro's name in a command."""

_DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A typed text whose macro was put in. `wrong` says why it could not be; then it is as typed."""

    text: str
    macros: tuple[str, ...] = ()
    wrong: str | None = None


def situation_of(wiring: Wiring, actor: str, ticket: TicketView) -> Situation:
    """What is answered, as macros look at it."""
    route = wiring.desk().inboxes.get(ticket.inbox)
    channels = {ticket.connector, route.rule_channel if route else ticket.connector}
    asked = ticket.last_customer_message
    wants = (
        understand(asked.body, subject=ticket.subject, language=ticket.language) if asked else None
    )
    return Situation(
        actor=actor,
        inbox=ticket.inbox,
        channels=sorted(channels),
        language=ticket.language,
        topic=ticket.topic,
        intent=wants.intent if wants else "",
    )


async def every_macro(wiring: Wiring, actor: str) -> list[Macro]:
    """Those in files, everybody's, and the actor's own, each with what it wants. Raises NotAllowed."""
    kept = await wiring.look(actor, lambda conn: kept_macros(conn, actor))
    return guarded([*wiring.desk().macros, *kept])


async def aids_for(wiring: Wiring, actor: str, ticket: TicketView) -> Aids:
    """All that the window offers for this ticket. Raises NotAllowed."""
    here = situation_of(wiring, actor, ticket)
    kept, drafts = await wiring.look(actor, lambda conn: _read(conn, actor, ticket.id))
    macros = usable(guarded([*wiring.desk().macros, *kept]), here)
    alike = await wiring.similar.like(
        wiring.db, ticket, wiring.now(), wiring.desk().roster.inboxes(actor)
    )
    own = next((one for one in drafts if one.agent == actor), None)
    # A colleague's unfinished words are shown to whom the ticket was given, and to nobody else.
    others = [one for one in drafts if one.agent != actor] if ticket.assignee == actor else []
    desk = wiring.desk()
    route = desk.inboxes.get(ticket.inbox)
    aside = own is not None and bool(own.aside)
    return Aids(
        here=here,
        macros=macros,
        suggested=suggestions(
            alike,
            {macro.ref for macro in macros},
            first=[macro.ref for macro in macros if answers_intent(macro, here)],
        ),
        alike=alike,
        own=own,
        handed=others[0] if others else None,
        offer=offer_of(desk, ticket, there=wiring.llm is not None, aside=aside),
        hint=opportunity(ticket, desk.companions, allowed=route is not None and route.invites),
    )


def _read(conn: Connection, actor: str, ticket_id: int) -> tuple[list[Macro], list[KeptDraft]]:
    return kept_macros(conn, actor), drafts_of(conn, ticket_id)


def filled(wiring: Wiring, actor: str, ticket: TicketView, macro: Macro) -> Filled:
    """The macro's text for this ticket, dates and amounts in the macro's own language."""
    desk = wiring.desk()
    writer = Writer(
        agent_name=desk.roster.name(actor),
        shop_name=desk.shop_name,
        language=macro.language or ticket.language or _DEFAULT_LANGUAGE,
        timezone=desk.timezone,
    )
    return fill(macro.text, values_of(ticket, writer))


async def expanded(wiring: Wiring, actor: str, ticket: TicketView, text: str) -> Expanded:
    """`!thanks and more` → the macro's text, and what was typed behind it below. Raises NotAllowed."""
    word = text.split(maxsplit=1)[0] if text.strip() else ""
    name = word.removeprefix(SIGN)
    if not word.startswith(SIGN) or not name.strip("!?.…"):
        return Expanded(text=text)
    macros = await every_macro(wiring, actor)
    found = named(macros, name, situation_of(wiring, actor, ticket))
    if isinstance(found, str):
        return Expanded(text=text, wrong=found)
    rest = text.split(maxsplit=1)[1:]
    said = filled(wiring, actor, ticket, found).text
    return Expanded(
        text=inserted(said, rest[0]) if rest else said, macros=noted(macros, (found.ref,))
    )
