"""One more inbox of the seller in the story."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.testing.market import Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """One more inbox. `settings` are known once its platform listens.

    `asks` is what a customer writes there; no answer where a person has to write it in the
    marketplace's own portal.
    """

    key: str
    label: str
    market: Market
    settings: Callable[[], Mapping[str, object]]
    asks: str
    answer: str | None
