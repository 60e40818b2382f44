"""Effects: what the outbox carries. Ids only: the sender renders the state of the moment it sends."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class EffectKind(StrEnum):
    """Kinds of outbox rows."""

    POST_ROOT = "post_root"  # the ticket's card
    POST_MESSAGE = "post_message"  # a customer's later message, in the thread
    POST_PING = "post_ping"
    POST_LOG = "post_log"  # a compact line in the thread, no mention
    UPDATE_CARD = "update_card"
    POST_OPS = "post_ops"  # to the ops channel
    SEND_REPLY = "send_reply"  # to the customer, through the marketplace
    FETCH_CONTEXT = "fetch_context"  # asks the platform about the customer's orders
    MARK_NO_REPLY = "mark_no_reply"  # tells the platform that nobody awaits an answer


class Priority(IntEnum):
    """Lower goes first. Slack is the narrowest place: what hurts most goes first."""

    BREACH = 10
    REPLY = 15
    ROOT = 20
    MESSAGE = 30
    WARNING = 40
    LOG = 50
    CARD = 60
    OPS = 25
    MARK = 55
    CONTEXT = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One effect to emit in the transaction that decided it.

    Rows of one `lane` go out in order, one at a time; rows of one `lane_group` share rate limits
    and pauses. A ready row with the same `coalesce_key` is replaced by a newer one.
    """

    kind: EffectKind
    dedupe_key: str
    lane: str
    lane_group: str
    priority: Priority
    payload: dict[str, int | str | bool | list[int] | list[str] | None]
    not_before: datetime | None = None
    coalesce_key: str | None = None


def slack_lane(ticket_id: int) -> str:
    """The lane of everything that is posted for a ticket: root before replies."""
    return f"ticket:{ticket_id}"


def post_root(ticket_id: int, *, channel: str) -> Effect:
    """The ticket's card; exactly one per ticket, ever."""
    return Effect(
        kind=EffectKind.POST_ROOT,
        dedupe_key=f"root:{ticket_id}",
        lane=slack_lane(ticket_id),
        lane_group=f"slack:{channel}",
        priority=Priority.ROOT,
        payload={"ticket_id": ticket_id},
    )


def post_message(ticket_id: int, message_id: int, *, channel: str) -> Effect:
    """A customer's later message, or the copy of an answer given elsewhere, in the thread."""
    return Effect(
        kind=EffectKind.POST_MESSAGE,
        dedupe_key=f"message:{message_id}",
        lane=slack_lane(ticket_id),
        lane_group=f"slack:{channel}",
        priority=Priority.MESSAGE,
        payload={"ticket_id": ticket_id, "message_id": message_id},
    )


def post_log(ticket_id: int, event_id: int, *, channel: str) -> Effect:
    """The line of one ticket event, in the thread."""
    return Effect(
        kind=EffectKind.POST_LOG,
        dedupe_key=f"log:{event_id}",
        lane=slack_lane(ticket_id),
        lane_group=f"slack:{channel}",
        priority=Priority.LOG,
        payload={"ticket_id": ticket_id, "event_id": event_id},
    )


def update_card(ticket_id: int, version: int, *, channel: str) -> Effect:
    """Redraw the card; only the newest unsent one per ticket survives."""
    return Effect(
        kind=EffectKind.UPDATE_CARD,
        dedupe_key=f"card:{ticket_id}:{version}",
        lane=f"card:{ticket_id}",
        lane_group=f"slack:{channel}",
        priority=Priority.CARD,
        payload={"ticket_id": ticket_id},
        coalesce_key=f"card:{ticket_id}",
    )


def post_ping(
    ticket_id: int, ping_ids: list[int], *, channel: str, at: datetime, breach: bool
) -> Effect:
    """One mention in the thread for the gravest of the steps that came due together."""
    return Effect(
        kind=EffectKind.POST_PING,
        dedupe_key=f"ping:{ping_ids[0]}:{int(at.timestamp())}",
        lane=slack_lane(ticket_id),
        lane_group=f"slack:{channel}",
        priority=Priority.BREACH if breach else Priority.WARNING,
        payload={"ticket_id": ticket_id, "ping_ids": ping_ids},
    )


def post_ops(key: str, text: str) -> Effect:
    """A line for the ops channel; once per `key`."""
    return Effect(
        kind=EffectKind.POST_OPS,
        dedupe_key=f"ops:{key}"[:200],
        lane="ops",
        lane_group="slack:ops",
        priority=Priority.OPS,
        payload={"text": text},
    )


def send_reply(ticket_id: int, message_id: int, *, inbox: str, not_before: datetime) -> Effect:
    """The answer to the customer, after the undo window."""
    return Effect(
        kind=EffectKind.SEND_REPLY,
        dedupe_key=f"reply:{message_id}",
        lane=f"reply:{ticket_id}",
        lane_group=f"inbox:{inbox}",
        priority=Priority.REPLY,
        payload={"ticket_id": ticket_id, "message_id": message_id},
        not_before=not_before,
    )


def fetch_context(ticket_id: int, message_id: int, *, inbox: str) -> Effect:
    """Look up what the platform knows of the orders behind a message; the least urgent of all."""
    return Effect(
        kind=EffectKind.FETCH_CONTEXT,
        dedupe_key=f"context:{message_id}",
        lane=f"context:{ticket_id}",
        lane_group=f"context:{inbox}",
        priority=Priority.CONTEXT,
        payload={"ticket_id": ticket_id},
    )


def mark_no_reply(ticket_id: int, message_id: int, *, inbox: str) -> Effect:
    """Tell the platform that the message, and what came before it, needs no answer."""
    return Effect(
        kind=EffectKind.MARK_NO_REPLY,
        dedupe_key=f"no_reply:{message_id}",
        lane=f"reply:{ticket_id}",
        lane_group=f"inbox:{inbox}",
        priority=Priority.MARK,
        payload={"ticket_id": ticket_id, "message_id": message_id},
    )
