"""How the promises stand that platforms judge by: kept by how much, or lost and what regains them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.language import marked, tr, tr_many, tr_parts
from bot.language.forms import led, percent, short_day
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import span
from bot.slack.text import one_line, spoken
from bot.usecases.promises import PromiseStanding
from sla_rules.rates import RatePromise
from sla_rules.vocabulary import Metric

NONE = marked(
    "No inbox has such a promise. Etsy, bol.com, Walmart and TikTok Shop make one; "
    "a badge is counted where an inbox has badge = true."
)


def render_promises(standings: Sequence[PromiseStanding], now: datetime) -> Rendered:
    """Every promise with its count at `now`, the broken ones first."""
    if not standings:
        none = tr(NONE)
        return Rendered(text=none, blocks=[kit.rich(kit.line(kit.words(none)))])
    ordered = sorted(standings, key=lambda each: each.standing.is_kept)
    kept = sum(each.standing.is_kept for each in ordered)
    # For translators: {kept} can be 0 or 1 as well; words that suit every number.
    head = tr("{kept} of {count} promises kept", kept=kept, count=len(ordered))
    parts = [kit.line(kit.words(head, bold=True))]
    parts += [kit.line(*_lines(each, now)) for each in ordered]
    said = ". ".join(led(each.label) + _room(each) for each in ordered)
    return Rendered(text=f"{head}. {spoken(said, 600)}", blocks=[kit.rich(*parts)])


def _lines(each: PromiseStanding, now: datetime) -> Iterator[Block]:
    since = now - each.promise.over
    yield kit.words("\n" + led(one_line(each.label, 60)), bold=True)
    day = kit.date(since, "{date_short_pretty}", fallback=short_day(since))
    said: str | Block = promised(each.promise)
    yield from kit.pieces(tr_parts("{promise}, since {date}", promise=said, date=day))
    yield kit.words(f"\n{_counted(each)}\n")
    yield kit.words(_room(each), bold=not each.standing.is_kept)


def promised(promise: RatePromise) -> str:
    """What was promised: `95 % of first answers within 24 h`."""
    share, length = percent(promise.share), span(promise.within)
    if set(promise.metrics) == {Metric.FIRST_RESPONSE}:
        return tr("{share} of first answers within {length}", share=share, length=length)
    return tr("{share} of answers within {length}", share=share, length=length)


def _counted(each: PromiseStanding) -> str:
    standing = each.standing
    if not standing.awaited:
        return tr("No answer was due yet.")
    share = percent(standing.percent or 0)
    if each.small_sample:
        return tr(
            "{count} of {due} in time, {share}; so few that one late answer breaks it.",
            count=standing.on_time,
            due=standing.awaited,
            share=share,
        )
    return tr(
        "{count} of {due} in time, {share}.",
        count=standing.on_time,
        due=standing.awaited,
        share=share,
    )


def _room(each: PromiseStanding) -> str:
    """A colour and a word: never the colour alone."""
    standing = each.standing
    if standing.to_regain:
        return tr_many(
            "🔴 Lost until the next answer is in time",
            "🔴 Lost until the next {count} answers are in time",
            standing.to_regain,
        )
    if not standing.awaited:
        return tr("⚪ Nothing to judge")
    if not standing.may_miss:
        return tr("🟠 Kept, and lost with the next late answer")
    return tr_many(
        "🟢 Kept: {count} answer may still come late",
        "🟢 Kept: {count} answers may still come late",
        standing.may_miss,
    )
