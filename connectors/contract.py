"""The one contract between the desk and every channel: a protocol and its frozen values.

A connector reads raw items (`fetch`), explains one of them (`normalise`, pure), hands over a
reply (`reply`), and says afterwards whether a reply arrived (`probe`). It keeps no state of
its own: the desk stores the cursor in the transaction that stores the raw items.
What a channel can do beside that stands in `connectors.capabilities`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connectors.keep import KeyValue, MemoryKeep
from connectors.report_files.reading import Reading
from sla_rules.topics import Topic
from sla_rules.vocabulary import Author, Kind, Stage

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class Verdict(StrEnum):
    """What an inbound item is, and with that what the desk may do with it."""

    CUSTOMER = "customer"  # a person wrote: opens or continues a ticket, starts a clock
    CLAIM = "claim"  # the platform reports a claim: opens a ticket with the claim's clocks
    CLAIM_CLOSED = "claim_closed"  # the platform decided a claim: a line in its thread
    NOTICE = "notice"  # anything else the platform tells the seller: a ticket without a clock
    ANSWERED_ELSEWHERE = "answered_elsewhere"  # copy of an answer typed in the platform's console
    AUTO_REPLY = "auto_reply"  # out of office and the like: stops no clock, opens no ticket
    ACKNOWLEDGEMENT = "acknowledgement"  # our own automatic receipt, come back
    DELIVERY_NOTICE = "delivery_notice"  # delayed or delivered: a line in the log
    BOUNCE = "bounce"  # our reply did not arrive: the clock it stopped runs again
    BULK = "bulk"  # newsletters, lists
    OWN_LOOP = "own_loop"  # our own mail, come back
    SUSPECT = "suspect"  # pretends to be the platform: to a human, no clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a connector stopped reading; opaque to the desk, JSON on disk."""

    state: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """One item exactly as received. `source_id` is unique within the inbox, for ever."""

    source_id: str
    received_at: datetime
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Items in the platform's order, and the cursor that is true once they are stored.

    `readings` are figures of the seller's account that the platform told beside them; the desk
    stores them with the cursor.
    """

    items: Sequence[RawItem]
    cursor: Cursor
    readings: Sequence[Reading] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadKey:
    """A name of a conversation, strongest first in `InboundMessage.thread_keys`.

    A weak key (an address without a case number) counts only while its conversation was
    active within `max_age`.
    """

    value: str
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is known of an attached file: `size` in bytes, 0 where the platform does not say.

    Its bytes are in the raw item, or behind `ref`, which the connector alone understands.
    """

    name: str
    media_type: str
    size: int
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file with its bytes, going out with a reply or come in with a message."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One item, understood. Text is plain, without NUL or lone surrogates, and untrusted.

    `sent_at` is the platform's time, never later than the item's `received_at`.
    `text` is what the person wrote; `full_text` also has quoted history and footers.
    `refers_to` are ids of earlier messages of ours this item speaks about (bounce, copy). A bounce
    without such an id, but with a certain thread key, is one of the newest answer in that thread.
    `own_replies` are the `reply_id`s of answers of ours it speaks about, where it proves them:
    they name an answer whose receipt never came.
    `answers_customer_named` is the display name of the customer that a copied answer greets: the
    copy may arrive before its question, and where it names no order the name is all there is.
    `reply_context` is what `reply` needs to answer this item; opaque to the desk.
    `platform_limit` is the time to answer the platform stated in this very item, `respond_by` the
    instant it named for it. `waiting_since` is since when the platform counts the customer as
    waiting, where it says so; `reply_until` is the instant after which it takes no answer at all.
    `marketplace` is the country or site the platform sells in, in small
    letters ("it", "uk"); `order_value` is in `currency`, an ISO 4217 code.
    `reason` says in words why `verdict` was given; it is shown to people. `public` items (a
    review, a comment) were written for everybody to read. `finding` is what whoever runs the desk
    should know of it, such as a type of notice the connector does not know; the same words are
    told once.
    """

    external_id: str
    verdict: Verdict
    reason: str
    sent_at: datetime
    subject: str
    text: str
    full_text: str
    sender_handle: str
    sender_name: str
    thread_keys: Sequence[ThreadKey] = ()
    own_keys: Sequence[str] = ()
    refers_to: Sequence[str] = ()
    own_replies: Sequence[str] = ()
    answers_customer_named: str = ""
    kind: Kind = Kind.MESSAGE
    stage: Stage = Stage.UNKNOWN
    order_id: str | None = None
    platform_limit: timedelta | None = None
    respond_by: datetime | None = None
    waiting_since: datetime | None = None
    reply_until: datetime | None = None
    public: bool = False
    topic: Topic = Topic.OTHER
    marketplace: str = ""
    order_value: Decimal | None = None
    currency: str | None = None
    tags: Sequence[str] = ()
    language: str | None = None
    attachments: Sequence[Attachment] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    reply_context: Mapping[str, Json] = field(default_factory=dict)
    finding: str = ""
    degraded: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCommand:
    """An answer an agent decided to send. `reply_id` never changes across attempts.

    `context` is the `reply_context` of the message that is answered. `author` says whether a
    person wrote the text (AGENT) or a rule (AUTO): some platforms grant people a longer window.
    A `public` answer is for everybody to read, where the manifest's `public_reply` allows it.
    `decided_at` is when the agent pressed send: what the platform has from before is another
    answer, however equal.
    """

    reply_id: str
    ticket_number: int
    text: str
    context: Mapping[str, Json]
    agent_name: str = ""
    decided_at: datetime | None = None
    author: Author = Author.AGENT
    public: bool = False
    attachments: Sequence[File] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPreview:
    """Exactly what the customer will get. `parts` are the messages a long text becomes."""

    sender: str
    recipient: str
    subject: str
    body: str
    parts: Sequence[str] = ()
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReceipt:
    """The platform took the reply over. `external_id` is how later items will refer to it.

    An answer that went out as several messages is one answer: `further_ids` are those of the
    others, so that their copies are known as ours when they are read back.

    A platform that only promises to send it is no receipt: `reply` raises OutcomeUnknown, `probe`
    finds out, and a later refusal comes in as a BOUNCE that `refers_to` this id.
    """

    external_id: str
    accepted_at: datetime
    detail: str = ""
    further_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The reply is at the platform."""

    receipt: ReplyReceipt


@dataclass(frozen=True, slots=True)
class Absent:
    """The reply is certainly not at the platform."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The platform cannot tell. A person has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One line for `doctor`: did a live check work, and what to do if not."""

    ok: bool
    detail: str


def machine_time() -> datetime:
    """The machine's own time, for a connector that runs without a desk."""
    return datetime.fromtimestamp(time.time(), UTC)


def _nobody_counts() -> None:
    """A connector that runs without a desk has no quota to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxContext:
    """What a connector may know of the desk that runs it. `now` is the desk's clock.

    `keep` outlives the process: for what a platform changes under our hands, such as a refresh
    token. `called` is told of every call to the platform, answered or lost. `sleep` waits real seconds (tests wait virtual ones). `patience` is the longest one call
    to the platform may take.
    """

    inbox: str
    instance_key: bytes = field(repr=False)  # signs our Message-IDs: our own mail is recognised
    now: Callable[[], datetime] = machine_time
    keep: KeyValue = field(default_factory=MemoryKeep, repr=False)
    called: Callable[[], None] = field(default=_nobody_counts, repr=False)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    patience: timedelta = timedelta(seconds=30)


@runtime_checkable
class Connector(Protocol):
    """A channel, seen from the desk. Raises only `connectors.errors` classes."""

    async def check(self) -> Health:
        """Try the live connection, changing nothing."""
        ...

    def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Yield pages after `cursor` (None: from the configured start), at most 50 items each."""
        ...

    def normalise(self, item: RawItem) -> InboundMessage:
        """Explain one raw item. Pure; raises Malformed only."""
        ...

    def preview(self, command: ReplyCommand) -> ReplyPreview:
        """Say exactly what `reply` would send. Pure; raises Rejected for what cannot be sent."""
        ...

    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        """Hand the reply over once. OutcomeUnknown when acceptance was not seen."""
        ...

    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        """Look whether an earlier `reply` of this command arrived."""
        ...

    async def close(self) -> None:
        """Let go of connections and threads. Harmless when there are none, or twice."""
        return
