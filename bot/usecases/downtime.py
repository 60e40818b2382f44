"""After the desk did not run for a while: one honest summary of what came late, and by how much.

A working process says about every minute that it works. One that finds the last word older than
five minutes notes the absence; once every inbox was read and what was due is told, the ops channel
gets one message, whichever process writes it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.db.away_rows import Meanwhile, meanwhile, pings_overdue, unread_since
from bot.db.state_rows import ALIVE, AWAY, get_state, put_state, swap_state
from bot.db.unit import Tx
from bot.domain.effects import post_ops
from sla_rules.worded import Worded, marked, worded

SHOWN: Final = 5
"""Inboxes named with what they missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Lengths in desk time: since when silence was an absence, and how long a summary may wait.

    `settle`: pings due so long ago are fired, or late.
    """

    absence: timedelta
    longest: timedelta
    settle: timedelta


def say_alive(tx: Tx, since: datetime, patience: Patience) -> timedelta | None:
    """Say that this process, begun at `since`, works now; how long nobody did, if that is long.

    Of several processes that come back together, one notes the absence.
    """
    last = get_state(tx.conn, ALIVE)
    if last is None:
        swap_state(tx.conn, ALIVE, None, tx.now, seen=None)
        return None
    if last.at > tx.now:
        put_state(tx.conn, ALIVE, None, tx.now)  # the clock was set back
        return None
    if not swap_state(tx.conn, ALIVE, None, tx.now, seen=last.at):
        return None
    # One that slept with its machine was away until now, one that was started until it began.
    back = since if last.at < since else tx.now
    if back - last.at <= patience.absence:
        return None
    earlier = get_state(tx.conn, AWAY)
    begin = earlier.value["from"] if earlier is not None and earlier.value else last.at.isoformat()
    put_state(tx.conn, AWAY, {"from": begin, "back": back.isoformat()}, tx.now)
    return back - last.at


def tell_downtime(tx: Tx, names: Collection[str], patience: Patience) -> bool:
    """Tell of an absence once all of it is caught up with; whether it was told now.

    `names` are the inboxes to be read first. An inbox that cannot be read, or a lane that is stuck,
    delays it for `patience.longest` only.
    """
    noted = get_state(tx.conn, AWAY)
    if noted is None or not noted.value:
        return False
    begin, back = (datetime.fromisoformat(noted.value[key]) for key in ("from", "back"))
    unread = unread_since(tx.conn, names, back)
    settling = unread or pings_overdue(tx.conn, tx.now - patience.settle)
    if settling and tx.now - back < patience.longest:
        return False
    found = meanwhile(tx.conn, begin=begin, back=back, now=tx.now)
    if not swap_state(tx.conn, AWAY, None, tx.now, seen=noted.at):
        return False
    text = _summary(begin, back, found, unread)
    tx.emit(post_ops(f"downtime:{begin.isoformat()}", text))
    return True


def is_away_noted(conn: Connection) -> bool:
    """Whether an absence is still to be told of."""
    noted = get_state(conn, AWAY)
    return noted is not None and bool(noted.value)


def _summary(begin: datetime, back: datetime, found: Meanwhile, unread: Collection[str]) -> Worded:
    parts = [
        worded(
            "The desk was not running from {begin} to {back} ({length}).",
            begin=begin,
            back=back,
            length=timedelta(seconds=round((back - begin).total_seconds())),
        ),
        _counted(
            found.messages,
            marked("No message came in meanwhile."),
            marked("One message came in meanwhile."),
            marked("{count} messages came in meanwhile."),
        ),
        *_passed(found),
        *_late(found),
        *_held(found, unread),
    ]
    template = "\n".join(f"{{part{at}}}" for at in range(len(parts)))
    return Worded(template, {f"part{at}": part for at, part in enumerate(parts)})


def _counted(count: int, none: str, one: str, many: str) -> Worded:
    return worded(none if not count else one if count == 1 else many, count=count)


def _passed(found: Meanwhile) -> list[Worded]:
    count = sum(each.count for each in found.missed.values())
    parts = [
        _counted(
            count,
            marked("No deadline passed."),
            marked("One deadline passed."),
            marked("{count} deadlines passed."),
        )
    ]
    if limits := sum(each.limits for each in found.missed.values()):
        parts.append(worded("Limits of marketplaces among them: {count}.", count=limits))
    worst = sorted(found.missed.items(), key=lambda item: (-item[1].worst, item[0]))
    parts += [
        worded(
            "{inbox}: {count}, with alerts that came up to {length} late.",
            inbox=name,
            count=each.count,
            length=each.worst,
        )
        for name, each in worst[:SHOWN]
    ]
    return parts


def _late(found: Meanwhile) -> list[Worded]:
    if not found.pings:
        return []
    template = (
        marked("One ping came late, by {length}.")
        if found.pings == 1
        else marked("{count} pings came late, the latest by {length}.")
    )
    latest = timedelta(seconds=round(found.latest.total_seconds()))
    return [worded(template, count=found.pings, length=latest)]


def _held(found: Meanwhile, unread: Collection[str]) -> list[Worded]:
    parts: list[Worded] = []
    if found.answers:
        parts.append(
            _counted(
                found.answers,
                "",
                marked("One answer was held; it goes out now, or its thread says why not."),
                marked("{count} answers were held; they go out now, or their threads say why not."),
            )
        )
    if unread:
        template = (
            marked("{inboxes} could not be read yet; `threadline doctor` says why.")
            if len(unread) == 1
            else marked("These could not be read yet: {inboxes}. `threadline doctor` says why.")
        )
        parts.append(worded(template, inboxes=", ".join(unread)))
    if found.next_due is not None and found.next_number is not None:
        parts.append(
            worded(
                "Next due: ticket #{number}, {time}.",
                number=found.next_number,
                time=found.next_due,
            )
        )
    return parts
