"""How the promises stand that platforms judge a seller by: so many answers, so fast, over so long."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.db.rate_queries import RateCount, count_answers
from bot.domain.desk import Desk, InboxRoute
from sla_rules.rates import RatePromise, RateStanding, fewest, standing_of
from sla_rules.select import winners
from sla_rules.timeline import TicketFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseStanding:
    """One promise of one inbox. `label` is what people call the inbox.

    `small_sample`: so few answers were counted that one late one alone breaks it.
    """

    inbox: str
    label: str
    promise: RatePromise
    standing: RateStanding
    source: str
    small_sample: bool


def promises(conn: Connection, desk: Desk, now: datetime) -> Sequence[PromiseStanding]:
    """Every promise of every inbox as it stands at `now`, by the inboxes' names. One statement.

    A platform rates how ordinary messages are answered, so an inbox has the promises of the policy
    that such a message goes by, whatever policy a VIP's or an urgent one goes by. Where a platform
    promises otherwise in some marketplaces, each promise counts its own, and only those are told
    whose marketplace somebody wrote from.
    """
    asked = [
        (route.name, rate)
        for _, route in sorted(desk.inboxes.items())
        for rate in _rates(desk, route)
    ]
    counted: dict[int, list[RateCount]] = defaultdict(list)
    for count in count_answers(conn, asked, now):
        counted[count.asked].append(count)
    found: list[PromiseStanding] = []
    for name, route in sorted(desk.inboxes.items()):
        found += _of_inbox(
            desk,
            route,
            {rate: counted[index] for index, (inbox, rate) in enumerate(asked) if inbox == name},
        )
    return found


def _of_inbox(
    desk: Desk, route: InboxRoute, counted: Mapping[RatePromise, Sequence[RateCount]]
) -> Iterator[PromiseStanding]:
    places = {each.marketplace for counts in counted.values() for each in counts} or {""}
    promised = {place: _promised(desk, route, place) for place in places}
    for rate, counts in counted.items():
        if not any(rate in rates for rates in promised.values()):
            continue
        own = [each for each in counts if rate in promised[each.marketplace]]
        awaited = sum(each.awaited for each in own)
        on_time = sum(each.on_time for each in own)
        yield _standing(route, rate, awaited, on_time)


def _standing(route: InboxRoute, rate: RatePromise, awaited: int, on_time: int) -> PromiseStanding:
    return PromiseStanding(
        inbox=route.name,
        label=route.label or route.name,
        promise=rate,
        standing=standing_of(rate, awaited=awaited, on_time=on_time),
        source=rate.source,
        small_sample=awaited < fewest(rate),
    )


def _rates(desk: Desk, route: InboxRoute) -> Sequence[RatePromise]:
    """Every promise that some marketplace of the inbox may have."""
    rated = [each for each in desk.policies.policies if each.rates]
    places = {"", *(place for each in rated for place in each.match.marketplace)}
    found = (rate for place in sorted(places) for rate in _promised(desk, route, place))
    return list(dict.fromkeys(found))


def _promised(desk: Desk, route: InboxRoute, marketplace: str) -> Sequence[RatePromise]:
    """The promises of an ordinary message: those of the most specific policy that has any."""
    facts = TicketFacts(channel=route.rule_channel, inbox=route.name, marketplace=marketplace)
    rated = [each for each in desk.policies.policies if each.rates and each.match.matches(facts)]
    return [
        rate for each in winners(rated) for rate in each.rates if route.badge or not rate.opt_in
    ]
