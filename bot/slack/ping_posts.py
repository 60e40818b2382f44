"""Pings as they are posted: whether they still have to be said, whom they call, and where."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.clock import Clock
from bot.db import queries
from bot.db.preference_rows import as_people_are
from bot.db.unit import Database, Tx
from bot.domain.called import Called, who_is_called
from bot.domain.card import PingView, TicketView
from bot.domain.desk import Desk
from bot.domain.effects import post_direct
from bot.domain.pings import PingOutcome
from bot.domain.reasons import said_reason
from bot.language import speaking, tr
from bot.outbox.executor import OutboxRow, Outcome, Refused, Sent, Superseded, Then
from bot.slack.blocks.called import called_words
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.thread import LATE_AFTER, render_ping
from bot.slack.calls import SlackCalls
from bot.slack.limits import channel_gate
from bot.slack.scene import Scene, graver_waits, in_turn, note_outcome, tell_ops
from sla_rules.vocabulary import Audience, ClockState, Scope

BelowCard = Callable[[OutboxRow, Scene, Rendered], Awaitable[Outcome]]
SceneOf = Callable[[OutboxRow], Awaitable[Scene | None]]


class PingPosts:
    """Posts pings below their cards, and to the people who want them directly."""

    def __init__(
        self,
        calls: SlackCalls,
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        *,
        scene: SceneOf,
        below_card: BelowCard,
    ) -> None:
        self._calls = calls
        self._db = db
        self._desk = desk
        self._clock = clock
        self._scene = scene
        self._below_card = below_card

    async def post(self, row: OutboxRow) -> Outcome:
        """The gravest of the steps that came due together, in the thread."""
        scene, ids, due = await self._due(row)
        if scene is None or not due:
            return _answered(ids)
        if _is_told(due) or await self._db.read(lambda conn: graver_waits(conn, row)):
            return Superseded(
                reason="a later ping of the same ticket speaks for it",
                then=note_outcome(ids, PingOutcome.MERGED),
            )
        now = self._clock.now()
        desk = await self._db.read(lambda conn: as_people_are(conn, self._desk(), now))
        called = _called(desk, scene.ticket, due[0], now)
        drawn = self._drawn(scene, due, desk, called)
        try:
            sent = await self._below_card(row, scene, drawn)
        except Refused as exc:
            raise self._unreachable(row, scene.ticket, due[0], called, exc) from exc
        return _also(sent, _directs(row, scene.ticket.id, ids, called.told))

    async def post_direct(self, row: OutboxRow) -> Outcome:
        """The same for one person alone, who wants it so."""
        scene, _, due = await self._due(row)
        if scene is None or not due:
            return Superseded(reason="answered meanwhile")
        drawn = self._drawn(scene, due, self._desk(), Called(), direct=True)
        channel, ts, _ = await self._calls.post(
            str(row.payload["person"]), drawn, outbox_id=row.id, gate=channel_gate(row.lane_group)
        )
        return Sent(result={"channel": channel, "ts": ts})

    async def _due(self, row: OutboxRow) -> tuple[Scene | None, Sequence[int], Sequence[PingView]]:
        scene = await self._scene(row)
        ids = list(row.payload["ping_ids"])
        pings = await self._db.read(lambda conn: queries.pings(conn, ids))
        due = [ping for ping in pings if ping.clock.state is ClockState.RUNNING]
        return scene, ids, due

    def _drawn(
        self,
        scene: Scene,
        due: Sequence[PingView],
        desk: Desk,
        called: Called,
        *,
        direct: bool = False,
    ) -> Rendered:
        return render_ping(
            scene.ticket,
            due,
            desk,
            self._clock.now(),
            called.mentioned,
            late_after=self._clock.real(LATE_AFTER.total_seconds()),
            called=called_words(called, scene.ticket, desk, self._clock.now()),
            direct=direct,
        )

    def _unreachable(
        self, row: OutboxRow, ticket: TicketView, ping: PingView, called: Called, exc: Refused
    ) -> Refused:
        people = [*called.mentioned, *called.told]
        desk = self._desk()
        with speaking(desk.language):
            text = tr(
                "Ping {step} of ticket #{number} ({inbox}), due {deadline} UTC, for {people}: its "
                "thread could not be reached: {reason}.",
                step=ping.step,
                number=ticket.number,
                inbox=ticket.inbox,
                deadline=f"{ping.clock.due_at:%Y-%m-%d %H:%M}",
                people=", ".join(desk.roster.name(one) for one in people) or tr("nobody"),
                reason=said_reason(exc.reason),
            )
        return Refused(exc.reason, then=tell_ops(f"ping:{row.id}", text))


def _is_told(due: Sequence[PingView]) -> bool:
    """Whether they warn of a miss that was told meanwhile, with others, beside this thread."""
    return all(ping.clock.breached_at and not ping.is_miss for ping in due)


def _called(desk: Desk, ticket: TicketView, ping: PingView, now: datetime) -> Called:
    if not ping.mention:
        return Called()
    route = desk.inboxes.get(ticket.inbox)
    limits = [
        clock.due_at
        for clock in ticket.clocks
        if clock.scope is not Scope.INTERNAL and clock.state is ClockState.RUNNING
    ]
    return who_is_called(
        desk.roster,
        Audience(ping.audience),
        assignee=ticket.assignee,
        group=route.group if route else (),
        limit_at=min(limits, default=None),
        now=now,
        inbox=ticket.inbox,
    )


def _answered(ids: Sequence[int]) -> Superseded:
    return Superseded(reason="answered meanwhile", then=note_outcome(ids, PingOutcome.ANSWERED))


def _directs(
    row: OutboxRow, ticket_id: int, ids: Sequence[int], people: Sequence[str]
) -> Then | None:
    """Tell these people too: once the ping itself is out, once for each of them."""
    effects = [
        post_direct(ticket_id, list(ids), person=person, cause=row.dedupe_key) for person in people
    ]

    def tell(tx: Tx) -> None:
        for effect in effects:
            tx.emit(effect)

    return tell if effects else None


def _also(sent: Outcome, then: Then | None) -> Outcome:
    if then is None or not isinstance(sent, Sent):
        return sent
    return replace(sent, then=in_turn(sent.then, then))
