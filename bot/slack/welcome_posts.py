"""The welcome as it is posted into a channel."""

from collections.abc import Callable

from bot.domain.desk import Desk
from bot.outbox.executor import OutboxRow, Outcome, Sent
from bot.slack.blocks.welcome import render_welcome
from bot.slack.calls import SlackCalls
from bot.slack.limits import channel_gate
from bot.slack.scene import channel_of_row


class WelcomePosts:
    """Posts one welcome a channel."""

    def __init__(self, calls: SlackCalls, desk: Callable[[], Desk]) -> None:
        self._calls = calls
        self._desk = desk

    async def post(self, row: OutboxRow) -> Outcome:
        """What the settings of this moment say about the channel."""
        channel, gate = channel_of_row(row), channel_gate(row.lane_group)
        drawn = render_welcome(channel, self._desk())
        posted, ts, _ = await self._calls.post(channel, drawn, outbox_id=row.id, gate=gate)
        return Sent(result={"channel": posted, "ts": ts})
