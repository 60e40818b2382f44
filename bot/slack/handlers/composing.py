"""An answer on its way to the preview: held against the channel's rules, and rendered as it goes out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.db import queries
from bot.domain.card import TicketView
from bot.domain.macros import gap_refusal
from bot.domain.roster import Verb
from bot.errors import DeskError
from bot.language import tr
from bot.language.forms import quoted
from bot.slack.blocks.reply_fields import allowed_words
from bot.slack.handlers.wiring import Wiring
from bot.slack.text import one_line
from bot.usecases.access import require
from bot.usecases.outbound import refuse_closed
from bot.usecases.survey import Asking, asking_draft
from connectors.contract import Attachment, ReplyPreview
from connectors.errors import Rejected
from connectors.limits import check_announced


class Unsendable(DeskError):
    """The channel's policy forbids this answer. `reasons` says why, a sentence each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class FilesRefused(DeskError):
    """The channel does not take these files along; the text is not what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an agent wants the customer to get. `public` is None where nobody chose.

    With `rating` the customer is asked to rate it.
    """

    text: str
    files: Sequence[Attachment] = ()
    public: bool | None = None
    rating: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """An answer the channel takes: what the customer will get, and what the agent should know.

    `overruled` are the rules behind the warnings: whoever sends it says why.
    """

    ticket: TicketView
    answer: Answer
    preview: ReplyPreview
    warnings: Sequence[str]
    overruled: Sequence[str] = ()


def may_choose(wiring: Wiring, ticket: TicketView) -> bool:
    """Whether the agent chooses who reads the answer: it was asked in public, and both ways work."""
    asked = ticket.last_customer_message
    return asked is not None and asked.public and wiring.may_be_private(ticket.connector)


async def compose(wiring: Wiring, actor: str, ticket: TicketView, answer: Answer) -> Composed:
    """Check an answer and render what the customer will get.

    Raises Unsendable, FilesRefused, NothingGoesOut, and DeskError for a ticket whose inbox is not
    configured any more.
    """
    require(wiring.desk(), actor, Verb.WORK)
    refuse_closed(wiring.desk(), ticket.inbox)
    _check_choice(wiring, ticket, answer)
    _check_files(wiring, ticket, answer.files)
    asking = _asking(wiring, ticket, answer)
    text = asking.counted if asking else answer.text
    missing = gap_refusal(text)
    if missing is not None:
        raise Unsendable([missing])
    findings = wiring.findings(ticket.connector, text, answer.files)
    blocked = [one for one in findings if one.level == "block"]
    if blocked:
        raise Unsendable([_finding(one.text, one.excerpt) for one in blocked])
    preview = await _preview(wiring, actor, ticket, replace(answer, text=text))
    if asking is not None:
        preview = replace(
            preview,
            body=asking.shown(preview.body),
            parts=tuple(asking.shown(one) for one in preview.parts),
        )
    warnings = [_finding(one.text, one.excerpt) for one in findings]
    return Composed(
        ticket=ticket,
        answer=answer,
        preview=preview,
        warnings=warnings,
        overruled=sorted({one.rule for one in findings}),
    )


async def _preview(wiring: Wiring, actor: str, ticket: TicketView, answer: Answer) -> ReplyPreview:
    name, text = wiring.desk().roster.name(actor), answer.text
    draft = await wiring.look(
        actor, lambda conn: queries.reply_draft(conn, ticket.id, text, name, public=answer.public)
    )
    if draft is None:
        raise DeskError(
            tr("#{number} has no customer message that could be answered.", number=ticket.number)
        )
    inbox, command = draft
    connector = wiring.connectors.get(inbox)
    if connector is None:
        raise DeskError(
            tr("The inbox {inbox} is not configured: nothing can be sent from it.", inbox=inbox)
        )
    try:
        return connector.preview(command)
    except Rejected as refusal:
        raise Unsendable([refusal.reason]) from refusal


def _asking(wiring: Wiring, ticket: TicketView, answer: Answer) -> Asking | None:
    """The answer with the question to rate it, where it asks."""
    if not answer.rating:
        return None
    desk = wiring.desk()
    return asking_draft(desk, ticket.inbox, ticket.language, answer.text, wiring.now())


def _check_choice(wiring: Wiring, ticket: TicketView, answer: Answer) -> None:
    if answer.public is None or may_choose(wiring, ticket):
        return
    asked = ticket.last_customer_message
    if asked is not None and asked.public != answer.public:
        number = ticket.number
        raise DeskError(
            tr("The answer to #{number} can be read by everybody: no choice here.", number=number)
            if asked.public
            else tr(
                "The answer to #{number} can be read by the customer alone: no choice here.",
                number=number,
            )
        )


def _check_files(wiring: Wiring, ticket: TicketView, files: Sequence[Attachment]) -> None:
    spec = wiring.specs.get(ticket.connector)
    if spec is None or not files:
        return
    try:
        check_announced(files, spec.manifest.limits)
    except Rejected as refusal:
        allowed = spec.manifest.limits.attachments
        said = allowed_words(allowed) if allowed else ""
        raise FilesRefused(f"{refusal.reason}. {said}".strip()) from refusal


def _finding(text: str, excerpt: str) -> str:
    found = one_line(excerpt, 60)
    return f"{text.rstrip('.')} ({quoted(found)})." if found else text
