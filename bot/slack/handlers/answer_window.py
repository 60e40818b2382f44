"""What the window of an answer holds: words, files, readers and a reason."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.slack.blocks import reply_fields, views
from bot.slack.blocks.reply_fields import Draft
from bot.slack.file_calls import slack_file
from bot.slack.handlers.composing import Answer
from connectors.contract import Attachment

View = Mapping[str, Any]


def first_field(view: View) -> str:
    """The block of the window's first field; in an answer's that is the text."""
    return next(str(block["block_id"]) for block in view["blocks"] if block["type"] == "input")


def answer_in(view: View, draft: Draft) -> Answer:
    """The answer as it stands in the window."""
    values = view["state"]["values"]
    files = {one.ref: one for one in (*_uploaded(values), *_ticked(values, draft))}
    chosen = values.get(reply_fields.READERS_FIELD, {}).get(reply_fields.READERS_FIELD, {})
    reader = (chosen.get("selected_option") or {}).get("value")
    public = draft.public if reader is None else reader == reply_fields.PUBLIC
    return Answer(
        text=typed_in(view),
        files=tuple(files.values()),
        public=public,
        rating=_asks(values, draft),
    )


def kept_choices(draft: Draft, answer: Answer) -> Draft:
    """What a window remembers once it was read: everything but the text."""
    asks = None if draft.rating is None else answer.rating
    return replace(draft, files=answer.files, public=answer.public, rating=asks)


def typed_in(view: View) -> str:
    """The text of the window's field; empty where nothing was typed."""
    values = view["state"]["values"].get(first_field(view), {})
    return str(values.get(views.TEXT_FIELD, {}).get("value") or "")


def reason_in(view: View) -> str:
    """Why an answer is sent although a rule warns of it; empty where no rule does."""
    field = view["state"]["values"].get(views.REASON_FIELD, {}).get(views.REASON_FIELD, {})
    return str(field.get("value") or "")


def _asks(values: View, draft: Draft) -> bool:
    """Whether the customer is asked for a rating; a window that does not offer it changes nothing."""
    field = values.get(reply_fields.RATING_FIELD, {}).get(reply_fields.RATING_FIELD)
    if draft.rating is None or field is None:
        return bool(draft.rating)
    return bool(field.get("selected_options"))


def _uploaded(values: View) -> Iterator[Attachment]:
    field = values.get(reply_fields.FILES_FIELD, {}).get(reply_fields.FILES_FIELD, {})
    for told in field.get("files") or ():
        one = slack_file(told)
        yield reply_fields.file_to_attach(one.id, one.name, one.size)


def _ticked(values: View, draft: Draft) -> Iterator[Attachment]:
    offered = {one.ref: one for one in (*draft.files, *draft.at_hand)}
    for name in (reply_fields.ATTACHED_FIELD, reply_fields.AT_HAND_FIELD):
        field = values.get(name, {}).get(name, {})
        for option in field.get("selected_options") or ():
            if option["value"] in offered:
                yield offered[option["value"]]
