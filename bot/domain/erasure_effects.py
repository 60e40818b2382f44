"""What takes a conversation's words out of Slack: the least urgent of all, and harmless when repeated.

The thread is read first, and each of our posts in it gets an effect of its own, so that it can be
stopped at any moment and goes on from there.
"""

from typing import Final

from bot.domain.effects import Effect, EffectKind, Priority

ERASE_GROUP: Final = "slack:erase"
"""The lane group of everything that is taken out of Slack."""


def erase_thread(
    ticket_id: int, *, channel: str, ts: str, asked: bool, former: bool = False
) -> Effect:
    """Find what we posted for a ticket. `asked`: on a person's wish, so each leftover is told.

    `former`: below a card that was deleted and posted again elsewhere.
    """
    return Effect(
        kind=EffectKind.ERASE_THREAD,
        dedupe_key=f"erase thread:{ticket_id}{f':{channel}:{ts}' if former else ''}",
        lane=f"erase:{ticket_id}",
        lane_group=ERASE_GROUP,
        priority=Priority.ERASURE,
        payload={"ticket_id": ticket_id, "channel": channel, "ts": ts, "asked": asked},
    )


def erase_card(ticket_id: int, *, channel: str, ts: str) -> Effect:
    """Leave a line in the card's place that says that it is gone; the thread hangs from it."""
    return Effect(
        kind=EffectKind.ERASE_CARD,
        dedupe_key=f"erase card:{channel}:{ts}",
        lane=f"erase:{ticket_id}",
        lane_group=ERASE_GROUP,
        priority=Priority.ERASURE,
        payload={"ticket_id": ticket_id, "channel": channel, "ts": ts},
    )


def erase_post(channel: str, ts: str, *, ticket_id: int = 0) -> Effect:
    """Delete one of our posts; `ticket_id` 0 where it is about several tickets."""
    return Effect(
        kind=EffectKind.ERASE_POST,
        dedupe_key=f"erase:{channel}:{ts}",
        lane=f"erase:{ticket_id}",
        lane_group=ERASE_GROUP,
        priority=Priority.ERASURE,
        payload={"ticket_id": ticket_id, "channel": channel, "ts": ts},
    )


def erase_file(ticket_id: int, slack_id: str) -> Effect:
    """Delete our copy of a customer's picture."""
    return Effect(
        kind=EffectKind.ERASE_FILE,
        dedupe_key=f"erase file:{slack_id}",
        lane=f"erase:{ticket_id}",
        lane_group=ERASE_GROUP,
        priority=Priority.ERASURE,
        payload={"ticket_id": ticket_id, "file": slack_id},
    )
