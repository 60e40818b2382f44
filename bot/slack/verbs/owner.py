"""Whose a ticket is: claim, take over, release, assign, hand over."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.card import TicketView
from bot.errors import DeskError
from bot.language import marked, tr
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block
from bot.slack.request import Do, Mistake, Person, Request
from bot.slack.typed_words import as_typed, first_word, person_named
from bot.slack.verbs.fields import chosen_in, in_words, person_in, person_input, select, text_in
from bot.slack.verbs.spec import Form, Group, VerbSpec, View, bare, example_of, is_open

PERSON_FIELD: Final = "person"
NOTE_FIELD: Final = "note"
CHOICE_FIELD: Final = "choice"

_NAMED: Final = "named"
_FOLLOWING: Final = "next"
_CHOICES: Final[Mapping[str, str]] = {
    _NAMED: marked("The person above"),
    _FOLLOWING: marked("Whoever is there and has the least to do, or is on shift next"),
}


def _read_assign(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    person = person_named(rest.strip())
    if person is None:
        return Mistake(
            # For translators: me and next are typed in English.
            wrong=tr("To whom? Name a person or a group with @, or say me, or next."),
            example=example_of(command, OWNER[do].example),
        )
    return Request(do=do, number=number, person=person)


def _read_transfer(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    example = example_of(command, OWNER[do].example)
    mark, note = first_word(rest.strip().removeprefix("to "))
    person = person_named(mark)
    if person is None:
        return Mistake(wrong=tr("To whom? Name a person with @."), example=example)
    if not note.strip():
        wrong = tr("What do they need to know? Say it behind the name.")
        return Mistake(wrong=wrong, example=example)
    return Request(do=do, number=number, person=person, text=as_typed(note.strip()))


def _transfer_fields(_: TicketView) -> Sequence[Block]:
    hint = tr("It stands in the thread, where they are called once. The customer never sees it.")
    return [
        person_input(PERSON_FIELD, tr("New owner")),
        kit.text_input(
            NOTE_FIELD, tr("What they need to know"), limit=kit.REPLY_LIMIT, hint=hint, focus=False
        ),
    ]


def _transfer_typed(number: int, view: View) -> Request:
    chosen, note = person_in(view, PERSON_FIELD), text_in(view, NOTE_FIELD)
    if chosen is None:
        raise DeskError(tr("Choose who gets it."))
    if not note:
        raise DeskError(tr("Say what they need to know."))
    return Request(do=Do.TRANSFER, number=number, person=Person(slack_id=chosen), text=note)


def _assign_fields(ticket: TicketView) -> Sequence[Block]:
    hint = tr("Leave it empty to release the ticket to the channel.")
    return [
        person_input(PERSON_FIELD, tr("Owner"), initial=ticket.assignee, hint=hint, optional=True),
        select(CHOICE_FIELD, tr("Or by the routes"), in_words(_CHOICES), _NAMED),
    ]


def _assign_typed(number: int, view: View) -> Request:
    # A window of before the update has no such choice.
    offered = CHOICE_FIELD in view["state"]["values"]
    if offered and chosen_in(view, CHOICE_FIELD) == _FOLLOWING:
        return Request(do=Do.ASSIGN, number=number, person=Person(following=True))
    chosen = person_in(view, PERSON_FIELD)
    if chosen is None:
        return Request(do=Do.RELEASE, number=number)
    return Request(do=Do.ASSIGN, number=number, person=Person(slack_id=chosen))


OWNER: Final[Mapping[Do, VerbSpec]] = {
    Do.CLAIM: VerbSpec(
        example="claim 17",
        title=marked("Claim it"),
        group=Group.OWNER,
        press=marked("Claim"),
        read=bare,
        offered=lambda ticket: is_open(ticket) and ticket.assignee is None,
    ),
    Do.TAKE: VerbSpec(
        example="take 17",
        title=marked("Take it over from its owner"),
        group=Group.OWNER,
        press=marked("Take over"),
        aliases=("takeover",),
        read=bare,
        offered=lambda ticket: is_open(ticket) and ticket.assignee is not None,
    ),
    Do.RELEASE: VerbSpec(
        example="release 17",
        title=marked("Release it to the channel"),
        group=Group.OWNER,
        press=marked("Release"),
        read=bare,
        offered=lambda ticket: ticket.assignee is not None,
    ),
    Do.ASSIGN: VerbSpec(
        example="assign 17 @giulia",
        title=marked("Assign it…"),
        group=Group.OWNER,
        press=marked("Assign"),
        read=_read_assign,
        form=Form(fields=_assign_fields, typed=_assign_typed),
    ),
    Do.TRANSFER: VerbSpec(
        example="transfer 17 @giulia She knows the customer; promise was Friday.",
        title=marked("Hand it over with a note…"),
        group=Group.OWNER,
        press=marked("Hand over"),
        aliases=("handover", "hand-over"),
        read=_read_transfer,
        form=Form(fields=_transfer_fields, typed=_transfer_typed),
        offered=is_open,
    ),
}
