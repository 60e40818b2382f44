"""How long a source may be silent before somebody is told: while there is time left to answer."""

from datetime import timedelta

from bot.domain.desk import Desk, InboxRoute
from sla_rules.policy import Policy
from sla_rules.vocabulary import Scope

SHORTEST = timedelta(minutes=15)
"""Below this, a slow platform or a restart would be told as an outage."""

SHARE = 10
"""A tenth of the strictest target: what was written in the silence can still be answered in time."""

UNKNOWN_TARGET = timedelta(hours=2, minutes=30)
"""Stands for a source whose rules name no time at all; a tenth of it is the shortest silence."""


def silence_allowed(desk: Desk, route: InboxRoute) -> timedelta:
    """After so long without a good read of an inbox, an alarm is due. Its own rules decide."""
    target = min(_targets(desk, route), default=UNKNOWN_TARGET)
    return max(SHORTEST, target / SHARE)


def _targets(desk: Desk, route: InboxRoute) -> list[timedelta]:
    """The strictest scope's targets: our own where there are some, else the platform's."""
    rules = [rule for policy in _policies(desk, route) for rule in policy.clocks]
    own = [rule.target for rule in rules if rule.scope is Scope.INTERNAL]
    return own or [rule.target for rule in rules]


def _policies(desk: Desk, route: InboxRoute) -> list[Policy]:
    """Policies its tickets may come under; general ones only where the channel has none."""
    fitting = [
        policy
        for policy in desk.policies.policies
        if not policy.match.inbox or route.name in policy.match.inbox
    ]
    named = [policy for policy in fitting if route.rule_channel in policy.match.channel]
    return named or [policy for policy in fitting if not policy.match.channel]
