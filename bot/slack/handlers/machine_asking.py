"""One question to a language model: what it is told, that it was asked, and why it did not answer.

The call is made outside of any transaction; before it the request is counted, after it noted.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Final

from bot.assist.llm.checking import Checked, NoUse, Useless
from bot.assist.llm.uses import FOR_THE_CUSTOMER, Use
from bot.assist.reading import language_of, read
from bot.db import queries
from bot.db.macro_rows import kept_macros
from bot.domain.approvals import guarded
from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.machine import (
    MOST_SHOWN,
    Case,
    Question,
    customer_language,
    finished,
    question,
    spoken_parts,
)
from bot.domain.macro_values import Writer
from bot.domain.macros import answers_intent, speaks, usable
from bot.errors import DeskError
from bot.language import marked, spoken_now, tr
from bot.language.forms import language_name
from bot.llm.provider import LanguageModel, NoAnswer, Trouble, estimated_tokens
from bot.slack.handlers.aids import situation_of
from bot.slack.handlers.wiring import Wiring
from bot.usecases.ask_machine import BeginAsking, EndAsking, begin_asking, end_asking

_MARGIN: Final = 10.0
"""Seconds after which a question counts as given up, beyond what its answer may take."""

ANSWERED: Final = "answered"
FAILED: Final = "failed"

_TROUBLES: Final[Mapping[Trouble, str]] = {
    Trouble.SLOW: marked(
        "The machine did not answer in time. Write the answer yourself, or ask it again."
    ),
    Trouble.DOWN: marked(
        "The machine cannot be reached. Write the answer yourself, and tell your admin if it stays so."
    ),
    Trouble.BUSY: marked(
        "The machine's provider takes no more questions just now. Write the answer yourself, or ask "
        "again in a few minutes."
    ),
    Trouble.REFUSED_KEY: marked(
        "The machine's provider does not take our key. Write the answer yourself, and tell your admin."
    ),
    Trouble.REFUSED: marked(
        "The machine's provider refused the question. Write the answer yourself, and tell your admin."
    ),
    Trouble.NONSENSE: marked(
        "The machine's answer could not be read. Write the answer yourself, or ask it again."
    ),
}
_USELESS: Final[Mapping[Useless, str]] = {
    Useless.NOTHING: marked("The machine has nothing to add. Write the answer yourself."),
    Useless.LANGUAGE: marked(
        "The machine answered in another language. Write the answer yourself, or ask it again."
    ),
    Useless.TOO_LONG: marked(
        "The machine's answer is too long to be used. Write the answer yourself, or ask it again."
    ),
    Useless.OF_ITS_RULES: marked(
        "The machine talked about its instructions instead of the ticket. Somebody may have tried to "
        "lead it astray: write the answer yourself."
    ),
    Useless.LEAK: marked(
        "The machine's answer held a secret and is not shown. Write the answer yourself, and tell "
        "your admin."
    ),
}


async def ask_model(
    wiring: Wiring, model: LanguageModel, actor: str, ticket: TicketView, asked: Question
) -> Checked:
    """One question, counted before it is put and noted after. Raises DeskError."""
    patience = model.access.patience.total_seconds() + _MARGIN
    begin = BeginAsking(
        ticket_id=ticket.id,
        actor=actor,
        use=asked.use,
        limits=model.access.limits,
        patience=wiring.clock.real(patience),
    )
    await wiring.decide(begin_asking, begin)
    # What failed on its way may have been worked on, and be paid for.
    outcome, ms = FAILED, 0
    tokens = estimated_tokens(asked.prompt.system, asked.prompt.user)
    try:
        answer = await model.ask(asked.prompt)
        outcome, tokens, ms = ANSWERED, answer.tokens, answer.ms
        return finished(asked, answer.text, model.secrets)
    except NoAnswer as none:
        outcome = str(none.why)
        raise DeskError(tr(_TROUBLES[none.why])) from None
    except NoUse as useless:
        outcome = str(useless.why)
        raise DeskError(tr(_USELESS[useless.why])) from None
    finally:
        end = EndAsking(
            ticket_id=ticket.id,
            actor=actor,
            use=asked.use,
            model=model.access.model,
            outcome=outcome,
            tokens=tokens,
            ms=ms,
        )
        await wiring.decide(end_asking, end)


async def question_for(
    wiring: Wiring, model: LanguageModel, actor: str, ticket: TicketView, *, use: Use, own: str
) -> Question:
    """What to ask of this ticket; `own` is what the agent wrote so far. Raises DeskError."""
    language = _language(ticket, use, own)
    said, kept = await wiring.look(
        actor, lambda conn: (queries.conversation(conn, ticket.id), kept_macros(conn, actor))
    )
    desk = wiring.desk()
    here = situation_of(wiring, actor, ticket)
    # No word of one that wants a second person: what came of it would begin from no macro.
    free = [one for one in guarded([*desk.macros, *kept]) if not one.approval]
    macros = usable(free, here)
    fitting = [one for one in macros if here.topic in one.topics or answers_intent(one, here)]
    spec = wiring.specs.get(ticket.connector)
    return question(
        use,
        Case(
            ticket=ticket,
            conversation=spoken_parts(said),
            writer=_writer(desk, actor, language),
            macros=[one for one in fitting if speaks(one, here)],
            agents=_names(desk, said),
            order_numbers=spec.manifest.order_numbers if spec else (),
            with_orders=_may_tell_orders(desk, ticket),
        ),
        language=language,
        own=own,
        fence=secrets.token_hex(8),
        room=model.access.most_characters,
        most=_room(wiring, ticket, use),
    )


def _room(wiring: Wiring, ticket: TicketView, use: Use) -> int:
    limit = wiring.reply_limit(ticket.connector) if use in FOR_THE_CUSTOMER else MOST_SHOWN
    return min(limit, MOST_SHOWN)


def _language(ticket: TicketView, use: Use, own: str) -> str:
    """What to answer in. Raises DeskError where that makes no sense."""
    theirs = customer_language(ticket)
    if use in {Use.WORDS, Use.SUMMARY}:
        return str(spoken_now())
    if use is Use.DRAFT:
        return theirs or str(spoken_now())
    if not own.strip():
        raise DeskError(tr("There is nothing to translate yet. Write your answer first."))
    if theirs is None:
        raise DeskError(
            tr("Nobody knows which language the customer reads. Translate it yourself.")
        )
    if language_of(read(own)) == theirs:
        name = language_name(theirs)
        raise DeskError(
            tr("Your answer is in the customer's language already: {language}.", language=name)
        )
    return theirs


def _writer(desk: Desk, actor: str, language: str) -> Writer:
    return Writer(
        agent_name=desk.roster.name(actor),
        shop_name=desk.shop_name,
        language=language,
        timezone=desk.timezone,
    )


def _names(desk: Desk, said: Sequence[MessageView]) -> list[str]:
    writers = {one.agent for one in said if one.agent}
    return sorted(desk.roster.name(one) for one in writers)


def _may_tell_orders(desk: Desk, ticket: TicketView) -> bool:
    """What a platform's interface tells under data rules goes to nobody else, whatever is switched on."""
    route = desk.inboxes.get(ticket.inbox)
    return route is not None and route.data_rules is None
