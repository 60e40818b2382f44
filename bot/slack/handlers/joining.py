"""The bot was invited to a channel: it says once what it does there."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.db.seen_rows import is_new
from bot.db.unit import Tx
from bot.domain.effects import post_welcome
from bot.slack.handlers.wiring import Wiring


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to who joins a channel; only the bot itself is of interest."""

    @app.event("member_joined_channel")
    async def joined(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        if str(event.get("user", "")) not in _ourselves(body):
            return
        channel, event_id = str(event["channel"]), str(body.get("event_id"))

        def welcome(tx: Tx) -> None:
            if is_new(tx, event_id):
                tx.emit(post_welcome(channel))

        await wiring.db.write(welcome, now=wiring.now(), urgent=True)


def _ourselves(body: Mapping[str, Any]) -> set[str]:
    """The bot users for whom Slack delivers the event."""
    named = body.get("authorizations") or []
    return {str(each.get("user_id")) for each in named if each.get("is_bot")}
