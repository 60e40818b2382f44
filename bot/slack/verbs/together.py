"""What ties a ticket to others: tags, a lead's attention, links, and one conversation out of two."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.card import TicketView
from bot.errors import DeskError
from bot.language import marked, tr
from bot.slack.blocks.rendered import Block
from bot.slack.class_words import CUSTOMERS, ClassChange
from bot.slack.request import Do, Mistake, Request
from bot.slack.text import one_line
from bot.slack.typed_words import INVISIBLE, QUOTES, as_typed, ticket_number
from bot.slack.verbs.fields import line_input, text_in
from bot.slack.verbs.spec import Form, Group, VerbSpec, View, bare, example_of, is_open

TAGS_FIELD: Final = "tags"
REASON_FIELD: Final = "reason"
OTHER_FIELD: Final = "other"
_TAGS_LIMIT: Final = 400
_REASON_LIMIT: Final = 300


def _tags_in(text: str) -> tuple[str, ...]:
    """Tags as they are typed: between commas, where there are any, else between spaces."""
    words = text.split(",") if "," in text else text.split()
    found = (word.strip(QUOTES + INVISIBLE + "# ") for word in words)
    return tuple(dict.fromkeys(tag for tag in found if tag))


def _tagging(do: Do, number: int, tags: tuple[str, ...]) -> Request:
    change = ClassChange(added=tags) if do is Do.TAG else ClassChange(removed=tags)
    return Request(do=do, number=number, change=change)


def _read_tags(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    tags = _tags_in(as_typed(rest))
    if not tags:
        return Mistake(wrong=tr("Which tag?"), example=example_of(command, TOGETHER[do].example))
    return _tagging(do, number, tags)


def _tag_fields(ticket: TicketView) -> Sequence[Block]:
    known = one_line(", ".join(ticket.tags), _TAGS_LIMIT)
    # For translators: customer:wholesale is typed as it is.
    several = tr(
        "Several with commas between them. customer:wholesale tags the customer, for all their tickets."
    )
    hint = tr("Tagged already: {tags}.", tags=known) if known else several
    return [line_input(TAGS_FIELD, tr("Tags"), limit=_TAGS_LIMIT, hint=hint)]


def _tag_typed(number: int, view: View) -> Request:
    return _tagging(Do.TAG, number, _typed_tags(view))


def _untag_fields(ticket: TicketView) -> Sequence[Block]:
    theirs = [f"{CUSTOMERS}{tag}" for tag in ticket.customer_tags]
    known = one_line(", ".join([*ticket.tags, *theirs]), _TAGS_LIMIT)
    label = tr("Tags to take away")
    hint = tr("Leave those in that shall go. Several with commas between them.")
    return [line_input(TAGS_FIELD, label, limit=_TAGS_LIMIT, initial=known, hint=hint)]


def _untag_typed(number: int, view: View) -> Request:
    return _tagging(Do.UNTAG, number, _typed_tags(view))


def _typed_tags(view: View) -> tuple[str, ...]:
    tags = _tags_in(text_in(view, TAGS_FIELD))
    if not tags:
        raise DeskError(tr("Name a tag first."))
    return tags


def _read_reason(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    reason = as_typed(rest.strip(QUOTES + INVISIBLE + " "))
    if not reason:
        return Mistake(wrong=tr("Why?"), example=example_of(command, TOGETHER[do].example))
    return Request(do=do, number=number, text=reason)


def _reason_fields(_: TicketView) -> Sequence[Block]:
    hint = tr("The leads and managers are called once, in the ticket's thread.")
    return [line_input(REASON_FIELD, tr("Why?"), limit=_REASON_LIMIT, hint=hint)]


def _reason_typed(number: int, view: View) -> Request:
    reason = text_in(view, REASON_FIELD)
    if not reason:
        raise DeskError(tr("Say why."))
    return Request(do=Do.ESCALATE, number=number, text=reason)


def _read_other(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    example = example_of(command, TOGETHER[do].example)
    said = rest.strip()
    for word in ("into ", "with ", "and ", "to "):
        said = said.removeprefix(word)
    other, _ = ticket_number(said, None)
    if other is None:
        return Mistake(wrong=tr("With which other ticket? Give its number."), example=example)
    return Request(do=do, number=number, other=other)


def _other_field(label: str, hint: str, initial: str = "") -> Sequence[Block]:
    return [line_input(OTHER_FIELD, label, limit=12, initial=initial, hint=hint)]


def _merge_fields(_: TicketView) -> Sequence[Block]:
    hint = tr(
        "Another ticket of the same customer. What waits for an answer goes on there, from when it "
        "began, and whatever the customer writes to either arrives there."
    )
    return _other_field(tr("Into which ticket?"), hint)


def _link_fields(_: TicketView) -> Sequence[Block]:
    return _other_field(tr("With which ticket?"), tr("Both show it. No clock moves."))


def _unlink_fields(ticket: TicketView) -> Sequence[Block]:
    linked = ticket.relations.linked
    initial = str(linked[0].number) if linked else ""
    hint = tr("The number of the other ticket.")
    return _other_field(tr("Which link shall go?"), hint, initial)


def _other_typed(do: Do, number: int, view: View) -> Request:
    other, _ = ticket_number(text_in(view, OTHER_FIELD), None)
    if other is None:
        raise DeskError(tr("Give the number of the other ticket, for example 12."))
    return Request(do=do, number=number, other=other)


TOGETHER: Final[Mapping[Do, VerbSpec]] = {
    Do.TAG: VerbSpec(
        example="tag 17 gift b2b",
        title=marked("Tag it…"),
        group=Group.TICKET,
        # For translators: a button, a verb: put tags on the ticket.
        press=marked("Tag"),
        read=_read_tags,
        form=Form(fields=_tag_fields, typed=_tag_typed),
        offered=is_open,
    ),
    Do.UNTAG: VerbSpec(
        example="untag 17 gift",
        title=marked("Take tags away…"),
        group=Group.TICKET,
        press=marked("Take away"),
        read=_read_tags,
        form=Form(fields=_untag_fields, typed=_untag_typed),
        offered=lambda ticket: is_open(ticket) and bool(ticket.tags or ticket.customer_tags),
    ),
    Do.ESCALATE: VerbSpec(
        example="escalate 17 angry, threatens a chargeback",
        title=marked("Escalate it to the leads…"),
        group=Group.OWNER,
        press=marked("Escalate"),
        read=_read_reason,
        form=Form(fields=_reason_fields, typed=_reason_typed),
        offered=is_open,
    ),
    Do.DEESCALATE: VerbSpec(
        example="deescalate 17",
        title=marked("De-escalate it: I take care of it"),
        group=Group.OWNER,
        # For translators: a button of at most 24 characters.
        press=marked("I take care of it"),
        aliases=("de-escalate",),
        read=bare,
        offered=lambda ticket: ticket.escalation is not None,
    ),
    Do.LINK: VerbSpec(
        example="link 17 12",
        title=marked("Link it with another ticket…"),
        group=Group.TICKET,
        # For translators: a button, a verb: link two tickets.
        press=marked("Link"),
        read=_read_other,
        pairs=True,
        form=Form(
            fields=_link_fields, typed=lambda number, view: _other_typed(Do.LINK, number, view)
        ),
    ),
    Do.UNLINK: VerbSpec(
        example="unlink 17 12",
        title=marked("Take a link away…"),
        group=Group.TICKET,
        press=marked("Take away"),
        read=_read_other,
        pairs=True,
        form=Form(
            fields=_unlink_fields, typed=lambda number, view: _other_typed(Do.UNLINK, number, view)
        ),
        offered=lambda ticket: bool(ticket.relations.linked),
    ),
    Do.MERGE: VerbSpec(
        example="merge 17 into 12",
        title=marked("Merge it into another ticket…"),
        group=Group.TICKET,
        press=marked("Merge"),
        read=_read_other,
        pairs=True,
        form=Form(
            fields=_merge_fields, typed=lambda number, view: _other_typed(Do.MERGE, number, view)
        ),
        offered=lambda ticket: ticket.relations.merged_into is None,
    ),
    Do.UNMERGE: VerbSpec(
        example="unmerge 17",
        title=marked("Separate it from the other ticket again"),
        group=Group.TICKET,
        press=marked("Separate"),
        read=bare,
        offered=lambda ticket: ticket.relations.merged_into is not None,
    ),
    Do.SPLIT: VerbSpec(
        example="split 17",
        title=marked("Split off its newest message"),
        group=Group.TICKET,
        press=marked("Split"),
        read=bare,
        offered=lambda ticket: ticket.waiting_since is not None,
    ),
}
