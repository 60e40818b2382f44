"""How the promises stand that platforms judge by: kept by how much, or lost and what regains them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import span
from bot.slack.text import one_line, spoken
from bot.usecases.promises import PromiseStanding
from sla_rules.rates import RatePromise
from sla_rules.vocabulary import Metric

NONE = (
    "No inbox has such a promise. Etsy, bol.com, Walmart and TikTok Shop make one; "
    "a badge is counted where an inbox has badge = true."
)


def render_promises(standings: Sequence[PromiseStanding], now: datetime) -> Rendered:
    """Every promise with its count at `now`, the broken ones first."""
    if not standings:
        return Rendered(text=NONE, blocks=[kit.rich(kit.line(kit.words(NONE)))])
    ordered = sorted(standings, key=lambda each: each.standing.is_kept)
    kept = sum(each.standing.is_kept for each in ordered)
    head = f"{kept} of {len(ordered)} promises kept"
    parts = [kit.line(kit.words(head, bold=True))]
    parts += [kit.line(*_lines(each, now)) for each in ordered]
    said = ". ".join(f"{each.label}: {_room(each)}" for each in ordered)
    return Rendered(text=f"{head}. {spoken(said, 600)}", blocks=[kit.rich(*parts)])


def _lines(each: PromiseStanding, now: datetime) -> Iterator[Block]:
    since = now - each.promise.over
    yield kit.words(f"\n{one_line(each.label, 60)}: ", bold=True)
    yield kit.words(f"{promised(each.promise)}, since ")
    yield kit.date(since, "{date_short_pretty}", fallback=f"{since:%d %b}")
    yield kit.words(f"\n{_counted(each)}\n")
    yield kit.words(_room(each), bold=not each.standing.is_kept)


def promised(promise: RatePromise) -> str:
    """What was promised: `95 % of first answers within 24 h`."""
    first = set(promise.metrics) == {Metric.FIRST_RESPONSE}
    which = "first answers" if first else "answers"
    return f"{promise.share} % of {which} within {span(promise.within)}"


def _counted(each: PromiseStanding) -> str:
    standing = each.standing
    if not standing.awaited:
        return "No answer was due yet."
    few = "; so few that one late answer breaks it" if each.small_sample else ""
    return f"{standing.on_time} of {standing.awaited} in time, {standing.percent} %{few}."


def _room(each: PromiseStanding) -> str:
    """A colour and a word: never the colour alone."""
    standing = each.standing
    if standing.to_regain:
        answers = (
            "the next answer is"
            if standing.to_regain == 1
            else (f"the next {standing.to_regain} answers are")
        )
        return f"🔴 Lost until {answers} in time"
    if not standing.awaited:
        return "⚪ Nothing to judge"
    if not standing.may_miss:
        return "🟠 Kept, and lost with the next late answer"
    late = "1 answer" if standing.may_miss == 1 else f"{standing.may_miss} answers"
    return f"🟢 Kept: {late} may still come late"
