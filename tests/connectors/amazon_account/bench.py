"""An account's inbox on its fake, as the contract suite runs it, with settings of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from typing_extensions import override

from connectors.testing.bench import Stage
from connectors.testing.market import Market
from sandbox.markets.selling_partner import SellingPartnerMarket
from tests.connectors.amazon_account.test_contract import TestAmazonAccount


class AccountBench(TestAmazonAccount):
    """Reports once a day, as a seller has it."""

    __test__ = False

    def __init__(self, **changes: Any) -> None:
        self.changes = changes

    @override
    def config(self, market: Market) -> dict[str, Any]:
        return {**super().config(market), "report_hours": 24, **self.changes}


@asynccontextmanager
async def account(**changes: Any) -> AsyncIterator[tuple[Stage, SellingPartnerMarket]]:
    async with AccountBench(**changes).running() as stage:
        assert isinstance(stage.market, SellingPartnerMarket)
        yield stage, stage.market
