"""What becomes of a ticket: answer, note, class, resolve, reopen; and looking at it."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.card import TicketView
from bot.domain.topic_names import topic_words
from bot.errors import DeskError
from bot.language import marked, tr, tr_as
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block
from bot.slack.class_words import ClassChange, read_class
from bot.slack.request import Do, Mistake, Request
from bot.slack.text import one_line
from bot.slack.typed_words import INVISIBLE, QUOTES, as_typed
from bot.slack.verbs.fields import (
    element_of,
    in_words,
    line_input,
    newly_chosen_in,
    select,
    text_in,
)
from bot.slack.verbs.spec import Form, Group, VerbSpec, View, bare, example_of, is_open
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk, Stage

TEXT_FIELD: Final = "text"
RISK_FIELD: Final = "risk"
STAGE_FIELD: Final = "stage"
TOPIC_FIELD: Final = "topic"
VIP_FIELD: Final = "vip"
TAGS_FIELD: Final = "tags"
_TAGS_LIMIT: Final = 400

_RISKS: Final[Mapping[str, str]] = {
    # For translators: a ticket's risk, the highest of three.
    Risk.CRITICAL: marked("critical"),
    # For translators: a ticket's risk, the second of three.
    Risk.ELEVATED: marked("elevated"),
    # For translators: a ticket's risk, the lowest of three.
    Risk.NORMAL: marked("normal"),
}
_STAGES: Final[Mapping[str, str]] = {
    # For translators: when the customer wrote; a choice below the label “Stage”.
    Stage.PRE_SALE: marked("before buying"),
    # For translators: when the customer wrote; a choice below the label “Stage”.
    Stage.POST_SALE: marked("after buying"),
    # For translators: of a stage: neither before nor after buying is known.
    Stage.UNKNOWN: marked("not known"),
}


def _read_text(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    # An empty reply opens the window to write it in; an empty note says nothing.
    if do is Do.NOTE and not rest.strip():
        return Mistake(
            wrong=tr("The note is empty."), example=example_of(command, TICKET[do].example)
        )
    return Request(do=do, number=number, text=as_typed(rest.strip()))


def _note_fields(_: TicketView) -> Sequence[Block]:
    hint = tr("It is posted in the ticket's thread. The customer never sees it.")
    label = tr("Note for colleagues")
    return [kit.text_input(TEXT_FIELD, label, limit=kit.REPLY_LIMIT, hint=hint)]


def _note_typed(number: int, view: View) -> Request:
    text = text_in(view, TEXT_FIELD)
    if not text:
        raise DeskError(tr("Write a note first."))
    return Request(do=Do.NOTE, number=number, text=text)


def _read_class(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    change = read_class(rest.strip(QUOTES + INVISIBLE))
    if isinstance(change, str):
        return Mistake(wrong=change, example=example_of(command, TICKET[do].example))
    return Request(do=do, number=number, change=change)


def _class_fields(ticket: TicketView) -> Sequence[Block]:
    risks = {str(risk): tr(_RISKS[risk]) for risk in Risk}
    topics = {str(topic): topic_words(topic) for topic in Topic}
    hint = tr("Deadlines follow at once, from the same start. The next window shows what moved.")
    tags = one_line(", ".join(ticket.tags), _TAGS_LIMIT)
    return [
        select(RISK_FIELD, tr("Risk"), risks, ticket.risk, hint=hint),
        select(STAGE_FIELD, tr("Stage"), in_words(_STAGES), ticket.stage),
        select(TOPIC_FIELD, tr_as("label of a topic", "About"), topics, ticket.topic),
        select(
            VIP_FIELD, tr("VIP"), {"yes": tr("yes"), "no": tr("no")}, "yes" if ticket.vip else "no"
        ),
        line_input(
            TAGS_FIELD,
            tr("Tags"),
            limit=_TAGS_LIMIT,
            initial=tags,
            hint=tr("With commas between them."),
            optional=True,
        ),
    ]


def _class_typed(number: int, view: View) -> Request:
    """What differs from what the window showed: nobody's change meanwhile is taken back."""
    risk, stage, topic, vip = (
        newly_chosen_in(view, field) for field in (RISK_FIELD, STAGE_FIELD, TOPIC_FIELD, VIP_FIELD)
    )
    typed = _tags(text_in(view, TAGS_FIELD))
    shown = _tags(str(element_of(view, TAGS_FIELD).get("initial_value") or ""))
    change = ClassChange(
        risk=Risk(risk) if risk else None,
        stage=Stage(stage) if stage else None,
        topic=Topic(topic) if topic else None,
        vip=vip == "yes" if vip else None,
        added=tuple(sorted(typed - shown)),
        removed=tuple(sorted(shown - typed)),
    )
    if change == ClassChange():
        raise DeskError(tr("Nothing was changed. Choose something else, or cancel."))
    return Request(do=Do.CLASS, number=number, change=change)


def _tags(typed: str) -> set[str]:
    return {tag.strip() for tag in typed.split(",")} - {""}


TICKET: Final[Mapping[Do, VerbSpec]] = {
    Do.REPLY: VerbSpec(
        example="reply 17 Your parcel left today.",
        title=marked("Answer the customer…"),
        group=Group.ANSWER,
        # For translators: a button: go on to the window to write the answer in.
        press=marked("Write"),
        read=_read_text,
        offered=is_open,
    ),
    Do.NOTE: VerbSpec(
        example="note 17 Waiting for the warehouse.",
        title=marked("Note for colleagues…"),
        group=Group.TICKET,
        # For translators: a button of at most 24 characters: keep the note.
        press=marked("Keep"),
        read=_read_text,
        form=Form(fields=_note_fields, typed=_note_typed),
    ),
    Do.CLASS: VerbSpec(
        example="class 17 vip risk critical",
        title=marked("Class: risk, topic, VIP…"),
        group=Group.TICKET,
        press=marked("Change"),
        aliases=("classify",),
        read=_read_class,
        form=Form(fields=_class_fields, typed=_class_typed),
        offered=is_open,
    ),
    Do.RESOLVE: VerbSpec(
        example="resolve 17",
        title=marked("Resolve it"),
        group=Group.TICKET,
        press=marked("Resolve"),
        aliases=("close",),
        read=bare,
        offered=is_open,
    ),
    Do.REOPEN: VerbSpec(
        example="reopen 17",
        title=marked("Reopen it"),
        group=Group.TICKET,
        press=marked("Reopen"),
        read=bare,
        offered=lambda ticket: not is_open(ticket),
    ),
    Do.STATUS: VerbSpec(
        example="status 17",
        title=marked("Status and history"),
        group=Group.LOOK,
        press=marked("Show"),
        read=bare,
    ),
    Do.WHY: VerbSpec(
        example="why 17",
        title=marked("Why its deadlines are when they are"),
        group=Group.LOOK,
        press=marked("Show"),
        read=bare,
    ),
}
