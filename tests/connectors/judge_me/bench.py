"""The contract suite's view of Judge.me, shared by its tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.judge_me import SHOP, JudgeMeMarket


class JudgeMeBench(ConnectorContract):
    package = "connectors.judge_me"
    lookback = timedelta(days=7)
    old_cursors = ({"since": "2026-03-09T10:00:00+00:00"}, {"seen": {"1": 2}})
    settings_too: ClassVar[dict[str, Any]] = {}

    def market(self, now: Callable[[], datetime]) -> JudgeMeMarket:
        return JudgeMeMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, JudgeMeMarket)
        return {
            "api_token": market.token,
            "shop_domain": SHOP,
            "base_url": f"{market.url or 'http://127.0.0.1:9'}/api/v1",
            **self.settings_too,
        }


def judge_me_of(stage: Stage) -> JudgeMeMarket:
    """The fake behind a stage."""
    assert isinstance(stage.market, JudgeMeMarket)
    return stage.market
