"""`threadline forget-orders`: what a platform told of one inbox's orders, deleted at once."""

import asyncio

from bot.cli.console import fail, good
from bot.cli.desk_database import beside_a_desk, desk_without_slack, opened
from bot.clock import Clock
from bot.jobs.prune import ORDERS
from bot.settings_file import Configuration
from bot.usecases.order_context import forget_orders_of


def forget(configuration: Configuration, inbox: str) -> None:
    """Delete it all, and have the cards drawn without it by the desk that runs, or runs next.

    Raises:
        AlreadyRunning: a desk uses this SQLite file, and the library lets one process write.
    """
    url = configuration.environment.database_url
    with beside_a_desk(url):
        count = asyncio.run(_forget(configuration, inbox))
    if not count:
        fail(f"Nothing is kept of orders of {inbox}.")
    good(f"{count} {'ticket' if count == 1 else 'tickets'} of {inbox} without order data now.")


async def _forget(configuration: Configuration, inbox: str) -> int:
    desk = desk_without_slack(configuration)
    total = 0
    async with opened(configuration) as database:
        while count := await database.write(
            lambda tx: forget_orders_of(tx, desk, inbox, limit=ORDERS), now=Clock().now()
        ):
            total += count
    return total
