"""The numbers of a play as a table, each beside how it was counted."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.domain.effects import EffectKind
from sandbox.day.measure import URGENCIES, Numbers, Spread

Row = tuple[str, str, str]

POSTS: Final[Mapping[str, str]] = {
    EffectKind.POST_ROOT: "cards",
    EffectKind.POST_MESSAGE: "customers' further messages, in threads",
    EffectKind.POST_LOG: "lines about what was done, in threads",
    EffectKind.POST_PING: "pings, in threads",
    EffectKind.POST_TOGETHER: "lists of pings, in channels",
    EffectKind.POST_DIRECT: "pings to one person, in a message of their own",
    EffectKind.POST_OFFER: "offers to hand tickets over",
    EffectKind.POST_BOARD: "surge lists and their ends",
    EffectKind.POST_DIGEST: "digests",
    EffectKind.POST_OPS: "lines for the desk's keepers",
}


def markdown(numbers: Numbers) -> str:
    """The whole table."""
    rows = [*_traffic(numbers), *_pings(numbers), *_late(numbers), *_zeros(numbers)]
    lines = ["| | | counted as |", "| --- | ---: | --- |"]
    lines += [f"| {what} | {value} | {how} |" for what, value, how in rows]
    return "\n".join(lines)


def _traffic(numbers: Numbers) -> Iterator[Row]:
    one = numbers.traffic
    yield "tickets", f"{one.tickets:,}", "rows of `ticket`"
    yield "customer messages", f"{one.messages_in:,}", "written at the five marketplaces"
    yield "answers that reached customers", f"{one.answers:,}", "taken by the marketplaces"
    total = sum(one.posts.values())
    yield "**posts**", f"**{total:,}**", "`chat.postMessage` that Slack took"
    for kind, name in POSTS.items():
        if one.posts.get(kind):
            yield f"· {name}", f"{one.posts[kind]:,}", f"effects `{kind}`"
    rest = total - sum(one.posts.get(kind, 0) for kind in POSTS)
    if rest:
        yield "· others", f"{rest:,}", "posts that carry out no effect"
    yield "posts in the busiest minute", f"{one.busiest_minute:,}", "Slack takes about 240"
    yield "**edits of cards and lists**", f"**{one.edits:,}**", "`chat.update` that Slack took"
    yield "private answers", f"{one.private:,}", "messages that only one person saw"
    opened = one.views["views.open"] + one.views["views.push"]
    yield "windows opened", f"{opened:,}", "`views.open` and `views.push`"
    yield "Homes drawn", f"{one.views['views.publish']:,}", "`views.publish`"
    refused = ", ".join(f"{name} {count}" for name, count in sorted(one.refused.items()))
    yield (
        "**refused for being too many (429)**",
        f"**{sum(one.refused.values())}**",
        refused or "all methods",
    )


def _pings(numbers: Numbers) -> Iterator[Row]:
    one, tickets = numbers.pings, max(1, numbers.traffic.tickets)
    yield (
        "pings told",
        f"{one.told:,}",
        "steps of clocks, in threads and lists; a list tells several",
    )
    yield (
        "**pings told per ticket**",
        f"**{one.told / tickets:.2f}**",
        "the line above over tickets",
    )
    yield "posts that ping, per ticket", f"{one.posts / tickets:.2f}", "what a channel saw"
    hours = max(1.0, one.agent_hours)
    yield (
        "calls by name, per agent and hour",
        f"{one.by_name / hours:.2f}",
        f"over {hours:.0f} hours on shift",
    )
    yield (
        "the most in one hour for one person",
        f"{one.by_name_worst}",
        "by name, in threads and direct",
    )
    yield "calls of a group", f"{one.by_group:,}", "posts that name one"
    yield "**pings proven needless**", f"**{sum(one.needless.values())}**", _why(one.needless)
    yield (
        "pings while an answer was on its way",
        f"{one.on_the_way}",
        "sent, but could still be taken back",
    )
    yield "steps told twice", f"{one.twice}", "one step of one clock, in a channel"
    planned = ", ".join(f"{name} {count:,}" for name, count in sorted(one.outcomes.items()))
    yield "planned pings", f"{one.planned:,}", f"became: {planned}"


def _why(needless: Mapping[str, int]) -> str:
    told = ", ".join(f"{why} {count}" for why, count in sorted(needless.items()))
    return told or "answered, acknowledged, nobody there, closed hours: none"


def _late(numbers: Numbers) -> Iterator[Row]:
    one = numbers.lateness
    for when, name in (("surge", "in the eightfold hour"), ("else", "outside it")):
        for urgency in URGENCIES:
            found = one.roots.get((urgency, when))
            if found:
                how = f"{found.count:,} cards; median / 99 % / worst, the polling included"
                yield f"card after the customer, {urgency}, {name}", _shown(found), how
    for when, name in (("surge", "in the eightfold hour"), ("else", "outside it")):
        for urgency in URGENCIES:
            found = one.pings.get((urgency, when))
            if found:
                yield (
                    f"ping after its instant, {urgency}, {name}",
                    _shown(found),
                    f"{found.count:,}",
                )
    worst = max((found.worst for found in one.pings.values()), default=0.0)
    yield "**worst lateness of a ping**", f"**{worst:.1f} s**", "of all of the above"
    yield (
        "card after the desk decided it, eightfold hour",
        _shown(one.slack_alone),
        "the sender's share",
    )
    yield "the least Slack's limits allow for these", _shown(one.least), "cards alone, each at once"
    yield (
        "the same without Slack's bursts",
        _shown(one.least_spaced),
        "a message a second in each channel",
    )
    yield "longest queue", f"{one.longest_queue}", "effects waiting for Slack at one instant"
    yield "· for one channel", f"{one.longest_channel}", "the same"


def _shown(found: Spread) -> str:
    return " / ".join(f"{each:.1f}" for each in (found.half, found.most, found.worst)) + " s"


def _zeros(numbers: Numbers) -> Iterator[Row]:
    one = numbers.zeros
    yield "deadlines missed", f"{one.missed}", "by the agents of this play"
    yield "**missed without a ping**", f"**{one.missed_unpinged}**", "no post tells the miss"
    yield "**tickets with two cards**", f"**{one.two_roots}**", "posts of one ticket's card"
    yield "**tickets without a card**", f"**{one.rootless}**", "no such post"
    yield "**answers sent twice**", f"**{one.sent_twice}**", "each text carries a number of its own"
    yield (
        "**messages lost**",
        f"**{one.lost}**",
        "written 90 s before the end or earlier, and in no ticket",
    )
