"""Which deadlines will be missed by the forecast, why, and how often forecasts were right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.card import QueueRow
from bot.domain.desk import Desk
from bot.domain.forecast import Because, Cause, Forecast
from bot.domain.forecast_rate import HitRate
from bot.language import marked, tr, tr_many, tr_many_parts, tr_parts
from bot.language.forms import percent, short_day
from bot.slack.blocks import kit
from bot.slack.blocks.clock_lines import due
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import moment
from bot.slack.text import one_line, spoken
from sla_rules.vocabulary import Scope

LISTED_FORECASTS: Final = 20
"""Deadlines in one answer; the first to be missed in front, and it says how many more there are."""

_CLOCKS: Final[Mapping[Scope, str]] = {
    # For translators: a deadline, then its time, such as “limit today at 14:00”.
    Scope.MARKETPLACE: marked("limit {when}"),
    Scope.INTERNAL: marked("target {when}"),
    Scope.WINDOW: marked("last moment to answer {when}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastView:
    """What was `found` up to `until`; `rows` are of the tickets that are listed, by id."""

    found: Sequence[Forecast]
    rows: Mapping[int, QueueRow]
    rate: HitRate
    until: datetime


def render_forecast(view: ForecastView, desk: Desk) -> Rendered:
    """The deadlines that will probably be missed, a line each; and what the forecast is worth."""
    listed = [each for each in view.found if each.ticket_id in view.rows][:LISTED_FORECASTS]
    head = _head(len(view.found), view.until, desk)
    parts = [kit.line(*kit.pieces(head, bold=True))]
    if listed:
        lines = [kit.line(*forecast_line(each, view.rows[each.ticket_id], desk)) for each in listed]
        parts.append({"type": "rich_text_list", "style": "bullet", "elements": lines})
    below = [rate_words(view.rate), guess_words()]
    more = len(view.found) - len(listed)
    if more > 0:
        below.insert(0, tr_many("And {count} more.", "And {count} more.", more))
    numbers = ", ".join(f"#{view.rows[each.ticket_id].number}" for each in listed[:5])
    tickets = [f"{numbers}."] if listed else []
    said = " ".join([_spoken_head(len(view.found), view.until, desk), *tickets, *below])
    return Rendered(text=spoken(said, 600), blocks=[kit.rich(*parts), kit.context(" ".join(below))])


def _head(count: int, until: datetime, desk: Desk) -> list[str | Block]:
    if not count:
        return tr_parts("No deadline is forecast to be missed until {time}.", time=due(until, desk))
    return tr_many_parts(
        "{count} deadline will probably be missed until {time}:",
        "{count} deadlines will probably be missed until {time}:",
        count,
        time=due(until, desk),
    )


def _spoken_head(count: int, until: datetime, desk: Desk) -> str:
    if not count:
        return tr("No deadline is forecast to be missed until {time}.", time=moment(until, desk))
    return tr_many(
        "{count} deadline will probably be missed until {time}:",
        "{count} deadlines will probably be missed until {time}:",
        count,
        time=moment(until, desk),
    )


def forecast_line(each: Forecast, row: QueueRow, desk: Desk) -> Iterator[Block]:
    """One deadline: the ticket, which clock, when, how likely, and why."""
    number = f"#{row.number}"
    yield kit.link(row.permalink, number) if row.permalink else kit.words(number, bold=True)
    clock = tr_parts(_CLOCKS[each.clock.scope], when=due(each.clock.due_at, desk))
    yield from kit.pieces(clock, lead=" · ")
    yield from kit.pieces(_why(each.cause, row, desk), lead=" · ")
    # For translators: how likely it is that the deadline is missed, such as “90 % likely”.
    yield kit.words(" · " + tr("{share} likely", share=percent(each.percent)))


def _why(cause: Cause, row: QueueRow, desk: Desk) -> list[str | Block]:
    route = desk.inboxes.get(row.inbox)
    place = one_line((route.label if route else "") or row.inbox, 40)
    who = one_line(desk.roster.name(cause.who or ""), 40)
    match cause.because, cause.at:
        case Because.NOBODY, datetime() as at:
            return tr_parts("nobody for {inbox} until {time}", inbox=place, time=due(at, desk))
        case Because.NOBODY, None:
            return [tr("nobody is expected for {inbox}", inbox=place)]
        case Because.OWNER, datetime() as at:
            return tr_parts(
                "{who}, who has it, is not there until {time}", who=who, time=due(at, desk)
            )
        case Because.OWNER, None:
            return [tr("{who}, who has it, is not expected", who=who)]
        case Because.SHORT, _:
            return [tr("less time is left than an answer takes")]
        case _:
            return [_queue_words(cause.count)]


def _queue_words(count: int) -> str:
    if not count:
        return tr("there is more to do than time")
    return tr_many(
        "{count} more urgent ticket goes before it",
        "{count} more urgent tickets go before it",
        count,
    )


def rate_words(rate: HitRate) -> str:
    """How often forecasts were right, with the counts; few of them are said to be few."""
    if rate.since is None or not rate.foreseen + rate.missed:
        return tr("How often such forecasts are right is not known yet.")
    values = {
        "date": short_day(rate.since),
        "came": str(rate.came),
        "foreseen": str(rate.foreseen),
        "warned": str(rate.warned),
        "missed": str(rate.missed),
    }
    if rate.is_small:
        # For translators: every figure can be 0 or 1; choose words that suit any number.
        return tr(
            "Hit rate since {date}: {came} of {foreseen} forecast misses came, {warned} of {missed} "
            "misses were forecast an hour before or earlier. That is too few to rely on.",
            **values,
        )
    # For translators: every figure can be 0 or 1; choose words that suit any number.
    return tr(
        "Hit rate since {date}: {came} of {foreseen} forecast misses came ({precision}), {warned} of "
        "{missed} misses were forecast an hour before or earlier ({recall}).",
        precision=percent(round(100 * rate.came / rate.foreseen)),
        recall=percent(round(100 * rate.warned / rate.missed)),
        **values,
    )


def guess_words() -> str:
    """What a forecast is."""
    return tr(
        "This is a guess: the open tickets are worked off by whoever is on shift, as fast as lately."
    )
