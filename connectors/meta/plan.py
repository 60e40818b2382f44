"""Where an answer goes, and in what form: decided before anything is sent. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.contract import File, Json, ReplyCommand
from connectors.errors import Rejected, ReplyWindowClosed
from connectors.fields import Fields
from connectors.limits import check_files, measure, parts_of
from connectors.meta.account import Account
from connectors.meta.comments import TAG as COMMENT
from connectors.meta.window import PRIVATE_REPLY, delivery
from connectors.policy_words import word_set
from connectors.traces import Span, addresses, cards, phones, wordings

CUE_DISTANCE: Final = 28
"""Characters after "order", "Paket" or "colis" within which a number is one of those."""

_LONG_NUMBER: Final = re.compile(r"(?=(?:[A-Z0-9]-?){0,24}\d{3})[A-Z0-9][A-Z0-9-]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes out, where. `tags` are the fields beside recipient and text."""

    way: str  # "message", "private", "public", "mention"
    target: str
    parts: tuple[str, ...]
    tags: Mapping[str, Json]
    media: str = ""
    root: str = ""
    files: tuple[File, ...] = ()


_WAYS: Final = {False: "private", True: "public"}


def plan_of(command: ReplyCommand, account: Account, now: datetime) -> Plan:
    """Where an answer goes and in what form. Raises Rejected, ReplyWindowClosed. Pure."""
    limits = account.dialect.manifest.limits
    if not command.text.strip():
        raise Rejected("the answer is empty")
    check_files(command.attachments, limits)
    context = Fields(dict(command.context))
    age = now - context.instant("at") if context.instant_or_none("at") else None
    if context.text(COMMENT, default=""):
        return _comment_plan(
            command, context, account, private_ok=age is None or age < PRIVATE_REPLY
        )
    target = context.text("to", default="")
    if not target or age is None:
        raise Rejected("this message names nobody to answer")
    if command.public:
        raise Rejected("a direct message cannot be answered in public")
    tags = delivery(
        age,
        command.author,
        human_agent=account.config.human_agent,
        from_ad=context.flag("from_ad"),
    )
    if "tag" in tags and any(wordings(command.text, word_set("marketing"))):
        raise Rejected("after 24 h Meta forbids advertising: no coupons, no offers")
    return Plan(
        way="message",
        target=target,
        parts=parts_of(command.text, limits),
        tags=tags,
        files=tuple(command.attachments),
    )


def _comment_plan(
    command: ReplyCommand, context: Fields, account: Account, *, private_ok: bool
) -> Plan:
    limits = account.dialect.manifest.limits
    if limits.length is not None and measure(command.text, limits) > limits.length:
        raise Rejected(f"the answer is longer than one message: {limits.length} {limits.counts}")
    if command.attachments:
        raise Rejected("files go out with direct messages only, not with answers to comments")
    target, media = context.text(COMMENT), context.text("media", default="")
    if command.public:
        _refuse_private_things(command.text)
    elif media:
        raise Rejected("Meta takes no private answer to a comment below somebody else's post")
    elif not private_ok:
        raise ReplyWindowClosed("a comment takes a private answer for 7 days; answer it in public")
    return Plan(
        way="mention" if media else _WAYS[command.public],
        target=target,
        parts=(command.text,),
        tags={},
        media=media,
        root=context.text("root", default="") or target,
    )


def _refuse_private_things(text: str) -> None:
    """What everybody could read. The rule is ours: no order data in public."""
    finders = {
        "a mail address": addresses,
        "a phone number": phones,
        "a card number": cards,
        "an order or parcel number": _order_numbers,
    }
    for what, find in finders.items():
        if any(True for _ in find(text)):
            raise Rejected(f"a public answer must not show {what}; answer privately")


def _order_numbers(text: str) -> Iterator[Span]:
    """Long numbers right after a word that says what they are, in every supported language."""
    for start, end in wordings(text, word_set("parcel_words")):
        number = _LONG_NUMBER.search(text, end, end + CUE_DISTANCE)
        if number is not None:
            yield start, number.end()
