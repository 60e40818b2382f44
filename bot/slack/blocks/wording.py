"""The words for times, clocks and places, so that a card, a ping and an answer say the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.card import CardStage, ClockView, TicketView
from bot.domain.desk import Desk
from bot.slack.text import one_line
from sla_rules.vocabulary import ClockState, Kind, Metric, Scope

STAGE_WORDS = {
    CardStage.CALM: "🟢 On time",
    CardStage.SOON: "🟡 Soon",
    CardStage.CRITICAL: "🟠 Urgent",
    CardStage.MISSED: "🔴 Missed",
    CardStage.ANSWERED: "✅ Answered",
    CardStage.RESOLVED: "✅ Resolved",
}
"""A colour and a word: never the colour alone."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_MINUTE = 60
_HOUR = 3600
_DAY = 86400


def span(length: timedelta) -> str:
    """A length of time in at most two units, rounded down: `40 min`, `2 h`, `2 h 30 min`, `3 d`."""
    seconds = int(abs(length.total_seconds()))
    if seconds < _MINUTE:
        return "less than a minute"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 2 * _DAY:
        return _two(seconds, _HOUR, "h", _MINUTE, "min")
    return _two(seconds, _DAY, "d", _HOUR, "h")


def _two(seconds: int, large: int, large_word: str, small: int, small_word: str) -> str:
    rest = seconds % large // small
    first = f"{seconds // large} {large_word}"
    # From half a day on, minutes are noise.
    if not rest or (small == _MINUTE and seconds >= _DAY // 2):
        return first
    return f"{first} {rest} {small_word}"


def moment(at: datetime, desk: Desk) -> str:
    """An instant in the desk's own zone, for places where Slack cannot localise: `Tue 3 Feb 14:00 CET`."""
    local = at.astimezone(ZoneInfo(desk.timezone))
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"
    return f"{day} {local:%H:%M} {local.tzname()}"


def platform(connector: str) -> str:
    """What people call the marketplace of a connector: `tiktok_shop` is `Tiktok Shop`."""
    return connector.replace("_", " ").replace("-", " ").title()


def inbox_label(ticket: TicketView, desk: Desk) -> str:
    """What the desk calls the inbox a ticket came in by."""
    route = desk.inboxes.get(ticket.inbox)
    return (route.label if route else "") or platform(ticket.connector)


def stage_words(ticket: TicketView) -> str:
    """The colour and the word a card begins with."""
    if ticket.card_stage is CardStage.CALM and not ticket.clocks:
        return "🟢 No deadline"
    return STAGE_WORDS[ticket.card_stage]


def title(ticket: TicketView, desk: Desk) -> str:
    """A ticket in one line: how it stands, where it came in, its number and subject."""
    place = inbox_label(ticket, desk)
    if ticket.kind is not Kind.MESSAGE:
        place = f"{place} {kind_words(ticket.kind)}"
    subject = one_line(ticket.subject, 100) or "(no subject)"
    return f"{stage_words(ticket)} · {place} · #{ticket.number} · {subject}"


def kind_words(kind: Kind) -> str:
    """What a ticket is about, where it is more than a message."""
    return {
        Kind.CLAIM: "claim",
        Kind.RETURN_REQUEST: "return request",
        Kind.CANCEL_REQUEST: "cancellation request",
        Kind.NOTICE: "platform notice",
        Kind.SUSPECT: "suspicious mail",
    }.get(kind, "message")


def target_words(clock: ClockView) -> str:
    """The promise itself: `24 h`, or `2 business hours` where only opening hours count."""
    length = span(timedelta(seconds=clock.target_seconds))
    if clock.calendar == "always":
        return length
    seconds = clock.target_seconds
    if seconds % _HOUR:
        return f"{seconds // _MINUTE} business minutes"
    return f"{seconds // _HOUR} business hour{'' if seconds == _HOUR else 's'}"


def clock_name(clock: ClockView, ticket: TicketView) -> str:
    """Whose promise, and what for: `Amazon limit`, `Our target`, `Our resolution target`."""
    whose = platform(ticket.connector) if clock.scope is Scope.MARKETPLACE else "Our"
    what = "limit" if clock.scope is Scope.MARKETPLACE else "target"
    return f"{whose} resolution {what}" if clock.metric is Metric.RESOLUTION else f"{whose} {what}"


def clock_phrase(clock: ClockView, ticket: TicketView, now: datetime) -> str:
    """One clock in a sentence: `Amazon's 24 h limit in 2 h`, `our 12 h target missed 10 h ago`."""
    whose = f"{platform(ticket.connector)}'s" if clock.scope is Scope.MARKETPLACE else "our"
    what = "limit" if clock.scope is Scope.MARKETPLACE else "target"
    if clock.metric is Metric.RESOLUTION:
        what = f"resolution {what}"
    name = f"{whose} {target_words(clock)} {what}"
    if clock.due_at > now:
        return f"{name} in {span(clock.due_at - now)}"
    return f"{name} missed {_ago(now - clock.due_at)}"


def _ago(late: timedelta) -> str:
    return "just now" if late < timedelta(minutes=1) else f"{span(late)} ago"


def running(clocks: Sequence[ClockView]) -> list[ClockView]:
    """The clocks still running, the marketplace's first, then by what is due first."""
    live = [clock for clock in clocks if clock.state is ClockState.RUNNING]
    return sorted(live, key=_shown_first)


def in_order(clocks: Sequence[ClockView]) -> list[ClockView]:
    """All clocks in the order a card lists them."""
    return sorted(clocks, key=_shown_first)


def _shown_first(clock: ClockView) -> tuple[bool, bool, datetime]:
    resolution = clock.metric is Metric.RESOLUTION
    return resolution, clock.scope is not Scope.MARKETPLACE, clock.due_at


def sentence(text: str) -> str:
    """`text` with a capital letter."""
    return text[:1].upper() + text[1:]


def stopped(text: str) -> str:
    """`text` with a full stop, unless it ends a sentence by itself."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def file_size(size: int) -> str:
    """A file size a person reads: `120 kB`, `2.4 MB`."""
    if size < 1_000_000:  # noqa: PLR2004 - one megabyte
        return f"{max(1, round(size / 1000))} kB"
    return f"{size / 1_000_000:.1f} MB"
