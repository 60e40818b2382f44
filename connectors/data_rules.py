"""What a platform demands of whoever keeps what its interface tells, as data.

A connector's settings say that such rules hold by a property `data_rules`; the desk does the rest:
it forgets in time, seals what it keeps, shows less of it in Slack, and will not start without a
key of its own.
"""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

SlackBody = Literal["full", "redacted", "none"]
"""How much of a customer's words is posted in Slack: all, without what names or reaches a person,
or nothing. The rest is shown on demand, to one person at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRules:
    """`origin` names where the data is from, `days` how long it may be kept.

    The days count from an order's delivery, else from the last message of its conversation.
    `slack_body` is what holds where the seller does not choose. `source` says whose rules these
    are.
    """

    origin: str
    days: int
    slack_body: SlackBody
    source: str


@runtime_checkable
class UnderDataRules(Protocol):
    """Settings of an inbox that may be under such rules."""

    @property
    def data_rules(self) -> DataRules | None:
        """The rules, None where none hold."""
        ...


def rules_of(settings: object) -> DataRules | None:
    """The rules an inbox's settings are under."""
    return settings.data_rules if isinstance(settings, UnderDataRules) else None
