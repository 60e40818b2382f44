"""A name for each request of Slack's, so that one click can be followed through the log."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.log import follow_request


async def followed(body: Mapping[str, Any], next_: Callable[[], Awaitable[object]]) -> None:
    """Bolt's middleware: everything done for this request is logged under one name."""
    # Bolt goes on after this returns, in the same task: a block that ends here ends too early.
    follow_request(f"slack:{_sort(body)}")
    await next_()


def _sort(body: Mapping[str, Any]) -> str:
    """What kind of request it is, in Slack's words; nothing that a person chose."""
    if "command" in body:
        return "command"
    event = body.get("event")
    said = event.get("type") if isinstance(event, Mapping) else body.get("type")
    return said if isinstance(said, str) and said.isidentifier() else "other"
