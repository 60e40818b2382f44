"""Effects: what the outbox carries. Ids only: the sender renders the state of the moment it sends."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from bot.domain.kept_words import told_again


class EffectKind(StrEnum):
    """Kinds of outbox rows."""

    POST_ROOT = "post_root"  # the ticket's card
    POST_MESSAGE = "post_message"  # a customer's later message, in the thread
    POST_PING = "post_ping"
    POST_TOGETHER = "post_together"  # the pings of several tickets, in their channel
    POST_BOARD = "post_board"  # in a storm: what is at risk, and the line that says it is over
    POST_WELCOME = "post_welcome"  # what the desk does in a channel it came to
    PIN_BOARD = "pin_board"  # that list stays in sight while the storm lasts
    POST_DIGEST = "post_digest"
    POST_DIRECT = "post_direct"  # a ping, to one person who wants it so
    POST_LOG = "post_log"  # a compact line in the thread, no mention
    UPDATE_CARD = "update_card"
    POST_OFFER = "post_offer"  # tickets that need another owner, in their channel
    POST_OPS = "post_ops"  # to the ops channel
    SEND_REPLY = "send_reply"  # to the customer, through the marketplace
    FETCH_CONTEXT = "fetch_context"  # asks the platform about the customer's orders
    FETCH_FILES = "fetch_files"  # gets the files of an answer from Slack, before it goes out
    SHOW_FILES = "show_files"  # a customer's pictures, in the thread
    PUBLISH_HOME = "publish_home"  # somebody's App Home
    SYNC_GROUP = "sync_group"  # a Slack user group gets the people of its shift
    MARK_NO_REPLY = "mark_no_reply"  # tells the platform that nobody awaits an answer
    POST_REPORT = "post_report"  # the figures somebody asked for
    BRING_REPORT_FILES = "bring_report_files"  # to Slack, where nobody sees them yet
    ERASE_THREAD = "erase_thread"  # finds what we posted for a ticket whose words are gone
    ERASE_CARD = "erase_card"  # a line in the card's place
    ERASE_POST = "erase_post"
    ERASE_FILE = "erase_file"  # our copy of a customer's picture
    SHARE_REPORT_FILES = "share_report_files"  # in the thread of the report


class Priority(IntEnum):
    """Lower goes first. Slack is the narrowest place: what hurts most goes first."""

    BREACH = 10
    REPLY = 15
    ROOT_LIMIT_NEAR = 16  # cards that wait for their turn, as `domain.root_order` ranks them
    ROOT_LIMIT_PASSED = 17
    ROOT_GRAVE = 18
    ROOT_TARGET_NEAR = 19
    ROOT = 20
    ROOT_FAR = 22
    MESSAGE = 30
    WARNING = 40
    LOG = 50
    CARD = 60
    CARD_NOT_CLAIMED = 62
    OPS = 25
    MARK = 55
    CONTEXT = 70
    FILES = 65
    HOME = 80
    ERASURE = 90  # never before anybody's work


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


FILES_GROUP = "slack:files"
"""The lane group of every file that comes from Slack or goes there."""


def slack_lane(ticket_id: int) -> str:
    """The lane of everything that is posted for a ticket: root before replies."""
    return f"ticket:{ticket_id}"


def post_root(ticket_id: int, *, channel: str, priority: Priority = Priority.ROOT) -> Effect:
    """The ticket's card; exactly one per ticket, ever."""
    return Effect(
        kind=EffectKind.POST_ROOT,
        dedupe_key=f"root:{ticket_id}",
        lane=slack_lane(ticket_id),
        lane_group=f"slack:{channel}",
        priority=priority,
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


def post_log(
    ticket_id: int, event_id: int, *, channel: str, priority: Priority = Priority.LOG
) -> Effect:
    """The line of one ticket event, in the thread. One that calls somebody is no mere log."""
    return Effect(
        kind=EffectKind.POST_LOG,
        dedupe_key=f"log:{event_id}",
        lane=slack_lane(ticket_id),
        lane_group=f"slack:{channel}",
        priority=priority,
        payload={"ticket_id": ticket_id, "event_id": event_id},
    )


def update_card(
    ticket_id: int, version: int, *, channel: str, priority: Priority = Priority.CARD
) -> Effect:
    """Redraw the card; only the newest unsent one per ticket survives."""
    return Effect(
        kind=EffectKind.UPDATE_CARD,
        dedupe_key=f"card:{ticket_id}:{version}",
        lane=f"card:{ticket_id}",
        lane_group=f"slack:{channel}",
        priority=priority,
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


OFFERED = 10
"""So many tickets are offered in one message; it says how many more there are."""


def post_offer(
    key: str,
    ticket_ids: Sequence[int],
    *,
    channel: str,
    of: int,
    who: str | None = None,
    ends_at: datetime | None = None,
    next_who: str | None = None,
    next_at: datetime | None = None,
) -> Effect:
    """Tickets to be handed over, in their channel; once per `key`.

    They are those of `who`, who went away, or those that breach before anybody is on shift again
    after `ends_at`. `of` is how many there are in all.
    """
    return Effect(
        kind=EffectKind.POST_OFFER,
        dedupe_key=f"offer:{channel}:{key}"[:200],
        lane=f"offer:{channel}",
        lane_group=f"slack:{channel}",
        priority=Priority.WARNING,
        payload={
            "channel": channel,
            "ticket_ids": list(ticket_ids),
            "of": of,
            "who": who,
            "ends_at": ends_at.isoformat() if ends_at else None,
            "next_who": next_who,
            "next_at": next_at.isoformat() if next_at else None,
        },
    )


def post_together(
    ping_ids: list[int],
    *,
    channel: str,
    to: str,
    at: datetime,
    not_before: datetime | None = None,
    breach: bool = True,
) -> Effect:
    """The pings of several tickets for one audience, in one message that mentions once."""
    return Effect(
        kind=EffectKind.POST_TOGETHER,
        dedupe_key=f"together:{ping_ids[0]}:{int(at.timestamp())}",
        lane=f"together:{channel}:{to}",
        lane_group=f"slack:{channel}",
        priority=Priority.BREACH if breach else Priority.WARNING,
        payload={"ping_ids": ping_ids},
        not_before=not_before,
    )


def post_board(channel: str, *, since: datetime, at: datetime, over: bool = False) -> Effect:
    """The list of what is at risk in a storm that began at `since`; or that it is over.

    Once a minute at most, whoever asks for it.
    """
    storm = int(since.timestamp())
    moment = "over" if over else str(int(at.timestamp()) // 60)
    return Effect(
        kind=EffectKind.POST_BOARD,
        dedupe_key=f"board:{channel}:{storm}:{moment}",
        lane=f"board:{channel}",
        lane_group=f"slack:{channel}",
        priority=Priority.OPS,
        payload={"since": since.isoformat(), "over": over},
    )


def pin_board(channel: str, ts: str, *, pinned: bool) -> Effect:
    """Pin the list of a storm, or unpin it; each once. In the list's own lane: after it is posted."""
    return Effect(
        kind=EffectKind.PIN_BOARD,
        dedupe_key=f"{'pin' if pinned else 'unpin'}:{channel}:{ts}",
        lane=f"board:{channel}",
        lane_group=f"slack:{channel}",
        priority=Priority.OPS,
        payload={"ts": ts, "pinned": pinned},
    )


def post_welcome(channel: str) -> Effect:
    """What the desk does in a channel that it was invited to; once for each channel, for good."""
    return Effect(
        kind=EffectKind.POST_WELCOME,
        dedupe_key=f"welcome:{channel}",
        lane=f"welcome:{channel}",
        lane_group=f"slack:{channel}",
        priority=Priority.LOG,
        payload={"channel": channel},
    )


def post_digest(kind: str, place: str, day: date, *, channel: str) -> Effect:
    """The digest of a day; once for each place."""
    return Effect(
        kind=EffectKind.POST_DIGEST,
        dedupe_key=f"digest:{kind}:{place}:{day.isoformat()}",
        lane=f"digest:{channel}",
        lane_group=f"slack:{channel}",
        priority=Priority.LOG,
        payload={"kind": kind, "place": place, "day": day.isoformat()},
    )


def post_direct(ticket_id: int, ping_ids: list[int], *, person: str, cause: str) -> Effect:
    """The ping that `cause` posted, in a message of one's own; once for each person."""
    return Effect(
        kind=EffectKind.POST_DIRECT,
        dedupe_key=f"direct:{person}:{cause}"[:200],
        lane=f"direct:{person}",
        lane_group=f"slack:{person}",
        priority=Priority.WARNING,
        payload={"ticket_id": ticket_id, "ping_ids": ping_ids, "person": person},
    )


def post_ops(key: str, text: str) -> Effect:
    """A line for the ops channel; once per `key`. One that is `Worded` is said in its language."""
    return Effect(
        kind=EffectKind.POST_OPS,
        dedupe_key=f"ops:{key}"[:200],
        lane="ops",
        lane_group="slack:ops",
        priority=Priority.OPS,
        payload={"text": str(text), **told_again(text)},
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


def fetch_files(ticket_id: int, message_id: int) -> Effect:
    """Get what an answer takes along. In the answer's own lane: it goes out after this, or not at all."""
    return Effect(
        kind=EffectKind.FETCH_FILES,
        dedupe_key=f"files:{message_id}",
        lane=f"reply:{ticket_id}",
        lane_group=FILES_GROUP,
        priority=Priority.REPLY,
        payload={"ticket_id": ticket_id, "message_id": message_id},
    )


def show_files(ticket_id: int, message_id: int) -> Effect:
    """A customer's pictures below the message they came with, once that is posted."""
    return Effect(
        kind=EffectKind.SHOW_FILES,
        dedupe_key=f"pictures:{message_id}",
        lane=f"pictures:{ticket_id}",
        lane_group=FILES_GROUP,
        priority=Priority.FILES,
        payload={"ticket_id": ticket_id, "message_id": message_id},
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


HOME_GROUP = "slack:homes"
"""The lane group of every Home that is drawn again."""


def publish_home(slack_id: str, change: int) -> Effect:
    """Draw somebody's Home again after a `change`; only the newest unsent one survives."""
    return Effect(
        kind=EffectKind.PUBLISH_HOME,
        dedupe_key=f"home:{slack_id}:{change}",
        lane=f"home:{slack_id}",
        lane_group=HOME_GROUP,
        priority=Priority.HOME,
        payload={"slack_id": slack_id},
        coalesce_key=f"home:{slack_id}",
    )


GROUPS_GROUP = "slack:groups"
"""The lane group of the user groups that follow shifts."""


def sync_group(handle: str, people: Collection[str], *, at: datetime) -> Effect:
    """Give a user group the people of its shift; only the newest unsent one survives."""
    return Effect(
        kind=EffectKind.SYNC_GROUP,
        dedupe_key=f"group:{handle}:{int(at.timestamp())}",
        lane=f"group:{handle}",
        lane_group=GROUPS_GROUP,
        priority=Priority.HOME,
        payload={"group": handle, "people": sorted(people)},
        coalesce_key=f"group:{handle}",
    )


def mark_no_reply(
    ticket_id: int, message_id: int, *, inbox: str, not_before: datetime | None = None
) -> Effect:
    """Tell the platform that the message, and what came before it, needs no answer."""
    return Effect(
        kind=EffectKind.MARK_NO_REPLY,
        dedupe_key=f"no_reply:{message_id}",
        lane=f"reply:{ticket_id}",
        lane_group=f"inbox:{inbox}",
        priority=Priority.MARK,
        payload={"ticket_id": ticket_id, "message_id": message_id},
        not_before=not_before,
    )
