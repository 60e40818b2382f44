"""The border between what a connector understood and what the desk keeps: cleaned and bounded."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from bot.language import marked, tr
from connectors.contract import Attachment, InboundMessage, ThreadKey, Verdict
from connectors.errors import Malformed
from sla_rules.topics import Topic

KEY_LIMIT = 400
"""Characters of an external id or a thread key. A longer one is its start and its hash."""

SUBJECT_LIMIT = 400
NAME_LIMIT = 200
NAMED_BY = 60
"""Characters of the first words that name a conversation without a subject."""
HANDLE_LIMIT = 320
BODY_LIMIT = 100_000
"""Characters of a body that are kept readable; the raw item keeps the whole."""

DATE_TRUST = timedelta(days=7)
"""A sender's date further back from the receipt than this is a wrong clock, not a slow mail."""

UNREADABLE = marked("This message could not be read. Open it in the marketplace.")

NO_SUBJECT_TO_READ = marked("A message that could not be read")

_NO_MAIL_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
"""A receipt before this is a server without a clock; such an item counts from now."""

LONGEST_LIMIT = timedelta(days=365)
"""A platform's limit beyond this is a number misread."""

HIGHEST_ORDER = Decimal(10) ** 12
"""An order worth more, in any currency, is a number misread."""

MARKETPLACE_LIMIT = 40
TAG_LIMIT = 40
FINDING_LIMIT = 160
_NOT_TOLD = ":unassigned"
TAGS = 20
"""How many tags one item may give; more of them is no classification any more."""

_CENT = Decimal("0.01")
_CURRENCY = 3
_VARIANT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadItem:
    """A raw item after the reader had its turn: understood, or the error that says why not."""

    raw_id: int
    received_at: datetime
    message: InboundMessage | None
    error: Malformed | None = None


def understood(read: ReadItem, now: datetime) -> InboundMessage:
    """What the desk works with. An item nobody could read becomes a message that says so.

    Text loses NUL and lone surrogates, which databases refuse; `sent_at` is never later than the
    receipt or now, and never so early that only a wrong clock explains it.
    """
    message = read.message or _unreadable(read)
    received_at = now if read.received_at < _NO_MAIL_BEFORE else min(read.received_at, now)
    sent_at = min(message.sent_at, received_at)
    if received_at - sent_at > DATE_TRUST:
        sent_at = received_at
    text = clean(message.text)[:BODY_LIMIT]
    if message.degraded and not text.strip():
        text = UNREADABLE
    return replace(
        message,
        external_id=bounded(message.external_id or placeholder_id(read.raw_id)),
        reason=_reason(message, sent_at),
        sent_at=sent_at,
        subject=one_line(message.subject)[:SUBJECT_LIMIT],
        text=text,
        full_text=clean(message.full_text)[:BODY_LIMIT],
        sender_handle=one_line(message.sender_handle)[:HANDLE_LIMIT],
        sender_name=one_line(message.sender_name)[:NAME_LIMIT],
        thread_keys=[replace(key, value=clean(key.value)) for key in message.thread_keys],
        own_keys=[clean(key) for key in message.own_keys],
        refers_to=list(_ours(message)),
        answers_customer_named=one_line(message.answers_customer_named)[:NAME_LIMIT],
        order_id=one_line(message.order_id)[:80] if message.order_id else None,
        language=one_line(message.language)[:8] if message.language else None,
        links={clean(name): clean(link) for name, link in message.links.items()},
        attachments=[replace(each, name=clean(each.name)) for each in message.attachments],
        reply_context=_clean_json(message.reply_context),
        platform_limit=_limit(message.platform_limit),
        respond_by=_instant(message.respond_by, sent_at),
        waiting_since=_earlier(message.waiting_since, sent_at),
        reply_until=_instant(message.reply_until, sent_at),
        topic=Topic(message.topic),
        marketplace=one_line(message.marketplace).lower()[:MARKETPLACE_LIMIT],
        order_value=_price(message.order_value),
        currency=_currency(message.currency),
        tags=kept_tags(message.tags),
        finding=one_line(message.finding)[:FINDING_LIMIT],
        degraded=clean(message.degraded) if message.degraded else None,
    )


_DOUBT = "; its own date was not believed: "
_SKEW = timedelta(minutes=5)
"""Two clocks that are set right differ by less; who is a little ahead has not forged anything."""


def _reason(message: InboundMessage, sent_at: datetime) -> str:
    """Why the verdict is what it is, with the date that was replaced where it cannot have been."""
    reason = clean(message.reason)
    if abs(message.sent_at - sent_at) <= _SKEW:
        return reason
    return f"{reason}{_DOUBT}{message.sent_at.astimezone(UTC).isoformat()}"


def doubted_date(reason: str) -> datetime | None:
    """The date a message gave itself, where the desk took its own time instead."""
    _, found, date = reason.rpartition(_DOUBT)
    try:
        return datetime.fromisoformat(date) if found else None
    except ValueError:
        # A reason may quote its mail, which may say anything.
        return None


def _limit(stated: timedelta | None) -> timedelta | None:
    return None if stated is None else min(max(stated, timedelta(seconds=1)), LONGEST_LIMIT)


def _instant(stated: datetime | None, sent_at: datetime) -> datetime | None:
    """The instant a platform named. One that is over already leaves a second, like a limit does."""
    if stated is None:
        return None
    return min(max(stated, sent_at + timedelta(seconds=1)), sent_at + LONGEST_LIMIT)


def _earlier(stated: datetime | None, sent_at: datetime) -> datetime | None:
    """A start the platform named. One after the message says nothing, one of years ago is misread."""
    if stated is None or stated >= sent_at or sent_at - stated > LONGEST_LIMIT:
        return None
    return stated


def _price(stated: Decimal | None) -> Decimal | None:
    if stated is None or not stated.is_finite() or not 0 <= stated < HIGHEST_ORDER:
        return None
    return stated.quantize(_CENT, ROUND_DOWN)


def _currency(stated: str | None) -> str | None:
    code = one_line(stated or "").upper()
    return code if len(code) == _CURRENCY and code.isascii() and code.isalpha() else None


def kept_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags as rules name them: clean, each once, a few at most."""
    named = (one_line(tag)[:TAG_LIMIT] for tag in tags)
    return tuple(dict.fromkeys(tag for tag in named if tag))[:TAGS]


def joined_tags(known: Collection[str], more: Collection[str]) -> frozenset[str]:
    """The tags of a conversation and of a message that joins it.

    A tag `account:unassigned` says that the message alone does not tell; any other `account:` tag does.
    """
    tags = frozenset((*known, *more))
    told = {tag.partition(":")[0] + _NOT_TOLD for tag in tags if not tag.endswith(_NOT_TOLD)}
    return tags - told


def placeholder_id(raw_id: int) -> str:
    """The external id of the message that stands for an item nobody could read."""
    return f"raw:{raw_id}"


def unconfirmed_id(message_id: int | str) -> str:
    """The external id of an answer of ours until its receipt tells the platform's own."""
    return f"reply:{message_id}"


def _ours(message: InboundMessage) -> Iterable[str]:
    """The external ids by which an answer may be stored that the item speaks about."""
    named = [*message.refers_to, *(unconfirmed_id(one) for one in message.own_replies)]
    return dict.fromkeys(bounded(one) for one in named)


def _unreadable(read: ReadItem) -> InboundMessage:
    return InboundMessage(
        external_id=placeholder_id(read.raw_id),
        verdict=Verdict.CUSTOMER,
        reason=marked("could not be read, so it is treated as a customer's"),
        sent_at=read.received_at,
        subject=NO_SUBJECT_TO_READ,
        text=UNREADABLE,
        full_text="",
        sender_handle="",
        sender_name="",
        degraded=str(read.error) if read.error else "the reader gave no result",
    )


def named(message: InboundMessage) -> str:
    """What people call the conversation: its subject, and in a chat, which has none, how it began."""
    return message.subject or one_line(message.text)[:NAMED_BY]


def names_of(message: InboundMessage) -> list[str]:
    """Every name by which a later item may mean the conversation of this one."""
    names = [*(key.value for key in message.thread_keys), *message.own_keys, message.external_id]
    family = _family(message.verdict)
    return [bounded(family + name) for name in dict.fromkeys(names) if name]


def lookups_of(message: InboundMessage) -> Iterator[ThreadKey]:
    """The names under which the message's conversation may be known already, strongest first.

    Claims and suspect mail keep to themselves: a claim has clocks of its own, and mail that
    pretends to be the platform must not slip into a real conversation.
    """
    keys = [key for key in message.thread_keys if key.value]
    for family in _families(message.verdict):
        for key in keys:
            yield replace(key, value=bounded(family + key.value))


def _family(verdict: Verdict) -> str:
    if verdict in {Verdict.CLAIM, Verdict.CLAIM_CLOSED}:
        return "claim|"
    return "suspect|" if verdict is Verdict.SUSPECT else ""


def _families(verdict: Verdict) -> tuple[str, ...]:
    if verdict in {Verdict.CUSTOMER, Verdict.NOTICE}:
        return ("",)
    if verdict in {Verdict.CLAIM, Verdict.SUSPECT}:
        return (_family(verdict),)
    return ("claim|", "") if verdict is Verdict.CLAIM_CLOSED else ("", "claim|")


def variant_id(message: InboundMessage) -> str:
    """The id of a message whose own id another message, with other words, took before."""
    digest = hashlib.sha256(message.text.encode()).hexdigest()[:_VARIANT]
    return f"{message.external_id[: KEY_LIMIT - _VARIANT - 1]}#{digest}"


def bounded(key: str) -> str:
    """A key that fits its column and is still its own."""
    key = clean(key)
    if len(key) <= KEY_LIMIT:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: KEY_LIMIT - 65]}~{digest}"


def clean(text: str) -> str:
    """Text every database takes: no NUL, no lone surrogate."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    text = text.replace("\x00", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(text: str) -> str:
    """Clean text without line breaks or runs of blanks."""
    return " ".join(clean(text).split())


def attachment_rows(attachments: Sequence[Attachment]) -> list[dict[str, str | int]]:
    """Attachments as they are stored."""
    rows: list[dict[str, str | int]] = []
    for each in attachments:
        rows.append({"name": each.name, "media_type": each.media_type, "size": each.size})
        if each.ref:
            rows[-1]["ref"] = each.ref
    return rows


def _clean_json(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _clean_json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean_json(each) for each in value]
    return value


def said_body(body: str) -> str:
    """A body as it is shown: where it is the desk's own words, in the language spoken."""
    return tr(body) if body == UNREADABLE else body


def said_subject(subject: str) -> str:
    """A subject as it is shown: where it is the desk's own words, in the language spoken."""
    return tr(subject) if subject == NO_SUBJECT_TO_READ else subject
