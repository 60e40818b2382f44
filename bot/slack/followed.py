"""A name for each request of Slack's, so that one click can be followed through the log."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.log import follow_request
from bot.slack.counted import sort_of


async def followed(body: Mapping[str, Any], next_: Callable[[], Awaitable[object]]) -> None:
    """Bolt's middleware: everything done for this request is logged under one name."""
    # Bolt goes on after this returns, in the same task: a block that ends here ends too early.
    follow_request(f"slack:{sort_of(body)}")
    await next_()
