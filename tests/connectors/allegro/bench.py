"""The contract suite's view of Allegro, shared by its tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.allegro import AllegroMarket


class AllegroBench(ConnectorContract):
    package = "connectors.allegro"
    lookback = timedelta(days=7)
    old_cursors = ({}, {"first": "2026-03-09T10:00:00+00:00", "trails": {"messages": None}})
    settings_too: ClassVar[dict[str, Any]] = {}

    def market(self, now: Callable[[], datetime]) -> AllegroMarket:
        return AllegroMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, AllegroMarket)
        return market.settings(**self.settings_too)


def allegro_of(stage: Stage) -> AllegroMarket:
    """The fake behind a stage."""
    assert isinstance(stage.market, AllegroMarket)
    return stage.market


def lists_asked(stage: Stage) -> list[str]:
    """What was asked for, but for tokens."""
    return [call.path for call in allegro_of(stage).log if "/auth/" not in call.path]
