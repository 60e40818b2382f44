"""The wall as its page reads it: numbers, instants, and every word in the desk's language."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bot.db.kept_rows import Decided
from bot.domain.card import CardStage
from bot.domain.desk import Desk
from bot.domain.platforms import platform
from bot.language import spoken_now, tr, tr_as, tr_many
from bot.language.forms import percent
from bot.reports.metrics import SMALL_SAMPLE
from bot.usecases.promises import PromiseStanding
from bot.usecases.wallboard import Wallboard, WallClock, WallInbox, WallShifts, WallTicket

MARKS: Final[Mapping[CardStage, str]] = {
    CardStage.CALM: "\u25cb",
    CardStage.SOON: "\u25cf",
    CardStage.CRITICAL: "\u25b2",
    CardStage.MISSED: "\u25a0",
}
"""Shapes that every television's font has: a circle, a full one, a triangle, a square."""

_STAGES: Final[Mapping[CardStage, Callable[[], str]]] = {
    CardStage.CALM: lambda: tr_as("ticket", "On time"),
    CardStage.SOON: lambda: tr_as("ticket", "Soon"),
    CardStage.CRITICAL: lambda: tr_as("ticket", "Urgent"),
    CardStage.MISSED: lambda: tr_as("ticket", "Missed"),
}

_DAY: Final = timedelta(days=1)


def state_of(board: Wallboard, desk: Desk) -> str:
    """One line of JSON, the same as long as nothing changed: no instant of now is in it."""
    state = {
        "tickets": [_ticket(each, desk) for each in board.tickets],
        "more": board.more,
        "counts": {
            "at_risk": board.counts.at_risk,
            "missed": board.counts.missed,
            "unclaimed": board.counts.unclaimed,
            "waiting": board.counts.waiting,
        },
        "inboxes": [_inbox(each, desk) for each in board.inboxes],
        "shifts": _shifts(board.shifts, board.at, desk),
    }
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def pulse_of(at: datetime, desk: Desk, *, speed: float, page: str) -> str:
    """That there was news at `at`: the desk's time, how fast it runs, and which page knows it."""
    said = {
        "now": int(at.timestamp() * 1000),
        "time": clock_time(at, desk),
        "speed": speed,
        "page": page,
    }
    return json.dumps(said, separators=(",", ":"))


def clock_time(at: datetime, desk: Desk) -> str:
    """The time of day where the desk is, `09:05`."""
    return at.astimezone(ZoneInfo(desk.timezone)).strftime("%H:%M")


def stage_word(stage: CardStage) -> str:
    """How a ticket stands, in one word."""
    return _STAGES.get(stage, _STAGES[CardStage.CALM])()


def place(inbox: str, desk: Desk) -> str:
    """What people call an inbox, with its channel where that does not tell it."""
    route = desk.inboxes.get(inbox)
    if route is None:
        return inbox
    channel = platform(route.rule_channel)
    same = [each for each in desk.inboxes.values() if each.rule_channel == route.rule_channel]
    label = route.label or (route.name if len(same) > 1 else channel)
    return label if channel.casefold() in label.casefold() else f"{label} · {channel}"


def _ticket(each: WallTicket, desk: Desk) -> dict[str, Any]:
    return {
        "number": each.number,
        "place": place(each.inbox, desk),
        "owner": each.owner,
        "stage": each.stage if each.stage in MARKS else CardStage.CALM,
        "mark": MARKS.get(each.stage, MARKS[CardStage.CALM]),
        "word": stage_word(each.stage),
        "due": int(each.due_at.timestamp() * 1000),
        "clock": tr_as("clock", "limit")
        if each.clock is WallClock.LIMIT
        else tr_as("clock", "target"),
    }


def _inbox(each: WallInbox, desk: Desk) -> dict[str, Any]:
    promise = each.promise
    share = each.shown.kept
    return {
        "name": place(each.inbox, desk),
        "share": "\u2013" if share is None else percent(_floored(share)),
        "bar": share,
        "asked": promise.promise.share / 100 if promise else None,
        "is_broken": promise is not None and not promise.standing.is_kept,
        "few": 0 < each.shown.count < SMALL_SAMPLE,
        "today": _today(each.today),
        "says": _promise_words(promise) if promise else _clock_words(each),
    }


def _floored(share: float) -> float:
    """Per cent with one decimal, rounded down, so that a miss never hides behind a hundred."""
    return int(share * 1000 + 1e-6) / 10


def _today(today: Decided) -> str:
    if today.kept is None:
        return ""
    return tr("today {share} of {count}", share=percent(_floored(today.kept)), count=today.count)


def _clock_words(each: WallInbox) -> str:
    if not each.week.count:
        return tr("nothing was due in 7 days")
    if each.clock is WallClock.LIMIT:
        return tr("marketplace limit, 7 days")
    return tr("own target, 7 days")


def _promise_words(promise: PromiseStanding) -> str:
    standing, asked = promise.standing, percent(promise.promise.share)
    if standing.to_regain:
        # For translators: a promise of a platform; there is room for some 40 letters.
        return tr_many(
            "lost, below {share}: {count} in time regains it",
            "lost, below {share}: {count} in time regain it",
            standing.to_regain,
            share=asked,
        )
    if not standing.awaited:
        return tr("{share} promised, nothing was due", share=asked)
    return tr_many(
        "{share} promised: {count} may still be late",
        "{share} promised: {count} may still be late",
        standing.may_miss,
        share=asked,
    )


def _shifts(shifts: WallShifts, now: datetime, desk: Desk) -> dict[str, Any] | None:
    if shifts.now is None:
        return None
    coming = ""
    if shifts.next_at is not None:
        when = _when(max(shifts.next_at, now), now, desk)
        coming = tr("Next: {name}, {time}", name=shifts.next, time=when)
    return {"now": list(shifts.now) or None, "next": coming}


def _when(at: datetime, now: datetime, desk: Desk) -> str:
    """`14:00`, with the weekday where it is not today's."""
    local, today = (each.astimezone(ZoneInfo(desk.timezone)) for each in (at, now))
    if local.date() == today.date():
        return local.strftime("%H:%M")
    pattern = "EEE HH:mm" if at - now < 6 * _DAY else "d MMM HH:mm"
    return str(format_datetime(local, pattern, locale=str(spoken_now())))
