"""One message for the pings of many tickets, posted in their channel."""

from collections.abc import Callable, Sequence

from bot.clock import Clock
from bot.db.preference_rows import as_people_are
from bot.db.together_rows import Together, add_pings, next_in_lane, together
from bot.db.unit import Database, Tx
from bot.domain.called import Called, who_is_called
from bot.domain.desk import Desk
from bot.domain.effects import post_together
from bot.domain.pings import PingOutcome
from bot.domain.reasons import said_reason
from bot.domain.veil import posted_row
from bot.language import speaking, tr
from bot.outbox.executor import OutboxRow, Outcome, Refused, Sent, Superseded, Then
from bot.slack.blocks.called import spared_words
from bot.slack.blocks.together import render_together
from bot.slack.calls import SlackCalls
from bot.slack.limits import channel_gate
from bot.slack.scene import channel_of_row, in_turn, note_outcome, tell_ops
from sla_rules.vocabulary import Audience


class TogetherPosts:
    """Posts what came due together for one audience of one channel."""

    def __init__(
        self, calls: SlackCalls, db: Database, desk: Callable[[], Desk], clock: Clock
    ) -> None:
        self._calls = calls
        self._db = db
        self._desk = desk
        self._clock = clock

    async def post(self, row: OutboxRow) -> Outcome:
        """Everything that still has to be told; nothing where a later one can tell it as well."""
        now, ids = self._clock.now(), list(row.payload["ping_ids"])
        later = await self._db.read(lambda conn: next_in_lane(conn, row.lane, row.id, now))
        if later is not None:
            return Superseded(reason="told with what came due next", then=_pass_on(row, later, ids))
        found = await self._db.read(lambda conn: together(conn, ids, now))
        answered = note_outcome(found.over, PingOutcome.ANSWERED) if found.over else None
        if not found.speaking:
            return Superseded(reason="answered meanwhile", then=answered)
        desk = await self._db.read(lambda conn: as_people_are(conn, self._desk(), now))
        channel = channel_of_row(row)
        called = self._called(desk, channel, found)
        drawn = render_together(
            [posted_row(each, desk) for each in found.tickets],
            found.missed,
            desk,
            now,
            [*called.mentioned, *called.told],
            called=spared_words(called, desk),
        )
        gate = channel_gate(row.lane_group)
        try:
            posted, ts, _ = await self._calls.post(channel, drawn, outbox_id=row.id, gate=gate)
        except Refused as exc:
            numbers = ", ".join(f"#{each.number}" for each in found.tickets)
            with speaking(desk.language):
                text = tr(
                    "Pings of {numbers} could not be posted in {channel}: {reason}.",
                    numbers=numbers,
                    channel=channel,
                    reason=said_reason(exc.reason),
                )
            raise Refused(exc.reason, then=tell_ops(f"together:{row.id}", text)) from exc
        return Sent(result={"channel": posted, "ts": ts}, then=in_turn(answered))

    def _called(self, desk: Desk, channel: str, found: Together) -> Called:
        if not found.mention:
            return Called()
        # The inbox's people are one party, whoever of them owns which ticket.
        wanted = Audience.MANAGERS if found.audience is Audience.MANAGERS else Audience.GROUP
        return who_is_called(
            desk.roster,
            wanted,
            assignee=None,
            group=group_of(desk, channel),
            limit_at=found.limit_at,
            now=self._clock.now(),
        )


def group_of(desk: Desk, channel: str) -> Sequence[str]:
    """Everybody who is called for the inboxes of a channel."""
    routes = [route for route in desk.inboxes.values() if route.channel == channel]
    return tuple(dict.fromkeys(one for route in routes for one in route.group))


def _pass_on(row: OutboxRow, later: int, ids: Sequence[int]) -> Then:
    def hand_over(tx: Tx) -> None:
        if not add_pings(tx.conn, later, ids):
            audience = row.lane.rpartition(":")[2]
            tx.emit(post_together(list(ids), channel=channel_of_row(row), to=audience, at=tx.now))

    return hand_over
