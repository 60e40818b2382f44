"""The account's daily report brings its figures along, beside the notice it makes."""

from datetime import timedelta
from typing import Any

from connectors.report_files.reading import Measure
from tests.connectors.amazon_account.bench import account


async def told(stage: Any) -> dict[Measure, float | None]:
    found: dict[Measure, float | None] = {}
    async for page in stage.connector.fetch(stage.cursor):
        found |= {one.measure: one.value for one in page.readings}
        stage.cursor = page.cursor
    return found


async def test_every_report_brings_its_figures_also_where_nothing_new_is_wrong() -> None:
    async with account() as (stage, market):
        first = await told(stage)
        assert first[Measure.LATE_SHIPMENT] == 0.01
        assert first[Measure.ORDER_DEFECT_RATE] == 0.002
        assert await told(stage) == {}
        market.account.rates = {"lateShipmentRate": 0.05}
        stage.time.advance(timedelta(days=1, minutes=1))
        assert (await told(stage))[Measure.LATE_SHIPMENT] == 0.05
