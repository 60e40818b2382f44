"""Effects become Slack messages. Each is drawn from the rows of the moment it is sent."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.clock import Clock
from bot.db import queries
from bot.db.apart import ReadApart
from bot.db.preference_rows import language_to
from bot.db.routing_rows import with_absences
from bot.db.unit import Database
from bot.domain.card import EventView, MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.domain.kept_words import said_in
from bot.domain.reasons import said_reason
from bot.domain.veil import posted_event, posted_message, posted_ticket
from bot.language import Language, speaking, tr
from bot.outbox.executor import (
    Ambiguous,
    Finding,
    NotSent,
    OutboxRow,
    Outcome,
    Refused,
    Sent,
    Superseded,
    Then,
    TryLater,
    Unsure,
)
from bot.slack.blocks.card import render_card
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.thread import (
    render_log,
    render_message,
    render_ops,
)
from bot.slack.board_posts import BoardPosts, board_kept
from bot.slack.calls import CALL_SECONDS, SlackCalls
from bot.slack.digest_posts import DigestPosts
from bot.slack.errors import ChannelClosed, MessageGone
from bot.slack.limits import channel_gate
from bot.slack.ping_posts import PingPosts
from bot.slack.scene import (
    Scene,
    ask_for_orders,
    ask_for_pictures,
    channel_of_row,
    digest_of,
    in_turn,
    keep_card,
    post_card_again,
    remember_root,
    scene_of,
    tell_ops,
)
from bot.slack.together_posts import TogetherPosts
from bot.slack.welcome_posts import WelcomePosts

_IN_CHANNEL = frozenset(
    {
        EffectKind.POST_ROOT,
        EffectKind.POST_TOGETHER,
        EffectKind.POST_BOARD,
        EffectKind.POST_DIGEST,
        EffectKind.POST_WELCOME,
    }
)

MOST_POSTS = 2
"""How often an effect may be posted while nobody can tell whether an earlier post arrived."""

CARD_RETRY = timedelta(hours=1)
"""A card that a channel refused is tried again this much later, when the next thing is to be said."""

T = TypeVar("T")
Sender = Callable[[OutboxRow], Awaitable[Outcome]]


class SlackExecutor:
    """Sends every effect that goes to Slack."""

    def __init__(
        self,
        client: AsyncWebClient,
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        *,
        apart: ReadApart | None = None,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self._calls = SlackCalls(client, call_seconds=call_seconds)
        self._db = db
        self._desk = desk
        self._clock = clock
        pings = PingPosts(
            self._calls, db, desk, clock, scene=self._scene, below_card=self._below_card
        )
        boards = BoardPosts(self._calls, db, desk, clock)
        self._senders: dict[str, Sender] = {
            EffectKind.POST_ROOT: self._post_root,
            EffectKind.UPDATE_CARD: self._update_card,
            EffectKind.POST_MESSAGE: self._post_message,
            EffectKind.POST_LOG: self._post_log,
            EffectKind.POST_PING: pings.post,
            EffectKind.POST_DIRECT: pings.post_direct,
            EffectKind.POST_DIGEST: DigestPosts(self._calls, db, desk, clock, apart=apart).post,
            EffectKind.POST_BOARD: boards.post,
            EffectKind.PIN_BOARD: boards.pin,
            EffectKind.POST_WELCOME: WelcomePosts(self._calls, desk).post,
            EffectKind.POST_TOGETHER: TogetherPosts(self._calls, db, desk, clock).post,
            EffectKind.POST_OPS: self._post_ops,
        }

    @property
    def kinds(self) -> Sequence[str]:
        """What this executor sends."""
        return tuple(self._senders)

    async def send(self, row: OutboxRow) -> Outcome:
        """Send once, in the language of whoever reads it. Raises a SendError."""
        with speaking(await self._language(row)):
            return await self._senders[row.kind](row)

    async def _language(self, row: OutboxRow) -> Language:
        desk = self._desk()
        if row.kind == EffectKind.POST_OPS:
            return desk.language
        if row.kind == EffectKind.POST_DIRECT:
            person = str(row.payload["person"])
            return await self._db.read(lambda conn: language_to(conn, desk, person))
        return desk.language_in(channel_of_row(row))

    async def look_up(self, row: OutboxRow) -> Finding:
        """Look for our own metadata where the message would be."""
        place = await self._place(row)
        if place is None:
            return NotSent()
        channel, thread_ts = place
        try:
            ts = await self._calls.find(channel, row.id, thread_ts=thread_ts)
        except Refused as exc:
            return self._unreadable(row, exc.reason)
        except Ambiguous as exc:
            raise TryLater(str(exc)) from exc
        if ts is None:
            return NotSent(then=self._after_absence(row))
        return Sent(result={"channel": channel, "ts": ts}, then=await self._kept(row, channel, ts))

    # What each kind is.

    async def _post_root(self, row: OutboxRow) -> Outcome:
        scene = await self._scene(row)
        if scene is None or scene.ticket.slack_ts is not None:
            return Superseded(reason="its card is there already" if scene else "no such ticket")
        drawn = render_card(scene.ticket, self._desk(), self._clock.now())
        channel = channel_of_row(row)
        try:
            channel, ts, plain = await self._calls.post(
                channel, drawn, outbox_id=row.id, gate=channel_gate(row.lane_group)
            )
        except Refused as exc:
            with speaking(self._desk().language):
                text = tr(
                    "The card of ticket #{number} could not be posted in {channel}: {reason}.",
                    number=scene.ticket.number,
                    channel=channel,
                    reason=said_reason(exc.reason),
                )
            raise Refused(exc.reason, then=tell_ops(f"root:{row.id}", text)) from exc
        permalink = await self._calls.permalink(channel, ts)
        return Sent(
            result={"channel": channel, "ts": ts, "digest": digest_of(drawn)},
            then=in_turn(
                remember_root(row, channel, ts, permalink),
                ask_for_orders(scene.ticket, self._desk()),
                ask_for_pictures(scene.ticket, scene.ticket.first_message, self._desk()),
                self._plain(plain, row),
            ),
        )

    async def _update_card(self, row: OutboxRow) -> Outcome:
        scene = await self._scene(row)
        if scene is None or scene.root_state in {"dead", ""}:
            return Superseded(reason="there is no card")
        ticket = scene.ticket
        if ticket.slack_channel is None or ticket.slack_ts is None:
            if scene.root_state == "ready":
                return Superseded(reason="the card will be drawn as it is when it is posted")
            raise TryLater("its card is being posted")
        drawn = render_card(ticket, self._desk(), self._clock.now())
        if row.doubts == 1 and scene.card.get("digest") == digest_of(drawn):
            return Superseded(reason="nothing on the card changed")
        return await self._redraw(row, scene, ticket.slack_channel, ticket.slack_ts, drawn)

    async def _redraw(
        self, row: OutboxRow, scene: Scene, channel: str, root_ts: str, drawn: Rendered
    ) -> Outcome:
        ts = scene.card.get("card_ts") or root_ts
        kept: dict[str, Any] = {"digest": digest_of(drawn)}
        try:
            plain = await self._calls.update(channel, ts, drawn)
        except MessageGone:
            # Too old to edit, or deleted: the newest state goes below it, and is edited from now on.
            channel, ts, plain = await self._reply(row, scene, drawn, channel, root_ts)
            kept["card_ts"] = ts
        except Refused as exc:
            raise self._undeliverable(row, scene.ticket, exc) from exc
        keep = keep_card(row, **kept)
        return Sent(
            result={"channel": channel, "ts": ts}, then=in_turn(keep, self._plain(plain, row))
        )

    async def _post_message(self, row: OutboxRow) -> Outcome:
        sent = await self._in_thread(
            row, lambda c: queries.message(c, row.payload["message_id"]), self._drawn_message
        )
        scene = await self._scene(row)
        if scene is None or not isinstance(sent, Sent):
            return sent
        desk, message_id = self._desk(), int(row.payload["message_id"])
        message = await self._db.read(lambda conn: queries.message(conn, message_id))
        pictures = ask_for_pictures(scene.ticket, message, desk)
        return replace(sent, then=in_turn(sent.then, ask_for_orders(scene.ticket, desk), pictures))

    async def _post_log(self, row: OutboxRow) -> Outcome:
        return await self._in_thread(
            row, lambda c: queries.event(c, row.payload["event_id"]), self._drawn_line
        )

    @staticmethod
    def _drawn_message(ticket: TicketView, message: MessageView, desk: Desk) -> Rendered:
        return render_message(ticket, posted_message(message, ticket, desk), desk)

    @staticmethod
    def _drawn_line(ticket: TicketView, event: EventView, desk: Desk) -> Rendered:
        return render_log(ticket, posted_event(event, ticket, desk), desk)

    async def _in_thread(
        self,
        row: OutboxRow,
        load: Callable[[Connection], T | None],
        draw: Callable[[TicketView, T, Desk], Rendered],
    ) -> Outcome:
        scene = await self._scene(row)
        now = self._clock.now()
        subject, desk = await self._db.read(
            lambda conn: (load(conn), with_absences(conn, self._desk(), now))
        )
        if scene is None or subject is None:
            return Superseded(reason="what it was about is not there any more")
        drawn = draw(scene.ticket, subject, desk)
        try:
            return await self._below_card(row, scene, drawn)
        except Refused as exc:
            raise self._undeliverable(row, scene.ticket, exc) from exc

    async def _post_ops(self, row: OutboxRow) -> Outcome:
        desk = self._desk()
        if (channel := desk.ops_channel) is None:
            return Superseded(reason="no ops channel is configured")
        drawn = render_ops(said_in(row.payload, desk.timezone))
        channel, ts, _ = await self._calls.post(
            channel, drawn, outbox_id=row.id, gate=channel_gate(row.lane_group)
        )
        return Sent(result={"channel": channel, "ts": ts})

    async def _below_card(self, row: OutboxRow, scene: Scene, drawn: Rendered) -> Outcome:
        channel, thread_ts = scene.ticket.slack_channel, scene.ticket.slack_ts
        if channel is None or thread_ts is None:
            raise self._without_card(scene)
        channel, ts, plain = await self._reply(row, scene, drawn, channel, thread_ts)
        return Sent(result={"channel": channel, "ts": ts}, then=self._plain(plain, row))

    async def _reply(
        self, row: OutboxRow, scene: Scene, drawn: Rendered, channel: str, thread_ts: str
    ) -> tuple[str, str, bool]:
        gate = channel_gate(row.lane_group)
        try:
            return await self._calls.post(
                channel, drawn, outbox_id=row.id, gate=gate, thread_ts=thread_ts
            )
        except MessageGone as exc:
            again = post_card_again(scene.ticket.id, channel=channel)
            raise TryLater("its card was deleted and is posted again first", then=again) from exc

    def _without_card(self, scene: Scene) -> TryLater | ChannelClosed:
        """Why nothing can go below a card that is not there, and what will change that."""
        if scene.root_state in {"ready", "sending"}:
            return TryLater("its card is not posted yet")
        route = self._desk().inboxes.get(scene.ticket.inbox)
        channel = route.channel if route else ""
        moved = bool(channel) and scene.root_lane_group != f"slack:{channel}"
        refused_at = scene.root_settled_at
        rested = refused_at is not None and self._clock.now() - refused_at > CARD_RETRY
        if scene.root_state == "dead" and channel and (moved or rested):
            again = post_card_again(scene.ticket.id, channel=channel)
            return TryLater("its card was refused and is tried again first", then=again)
        return ChannelClosed("its card could not be posted")

    # What they share.

    async def _scene(self, row: OutboxRow) -> Scene | None:
        scene = await self._db.read(lambda conn: scene_of(conn, int(row.payload["ticket_id"])))
        if scene is None:
            return None
        return replace(scene, ticket=posted_ticket(scene.ticket, self._desk()))

    async def _place(self, row: OutboxRow) -> tuple[str, str | None] | None:
        """Where the message of `row` is, if it is anywhere: channel, and thread unless a root."""
        if row.kind == EffectKind.POST_OPS:
            channel = self._desk().ops_channel
            return None if channel is None else (channel, None)
        if row.kind == EffectKind.PIN_BOARD:
            return None  # to pin twice changes nothing
        if row.kind in _IN_CHANNEL:
            return channel_of_row(row), None
        if row.kind == EffectKind.POST_DIRECT:
            return str(row.payload["person"]), None
        scene = await self._scene(row)
        if scene is None or scene.ticket.slack_channel is None:
            if scene is not None and scene.root_state == "sending":
                raise TryLater("its card is looked up first")
            return None
        return scene.ticket.slack_channel, scene.ticket.slack_ts

    async def _kept(self, row: OutboxRow, channel: str, ts: str) -> Then | None:
        """What to remember of a message that a look-up found."""
        if row.kind == EffectKind.POST_ROOT:
            return remember_root(row, channel, ts, await self._calls.permalink(channel, ts))
        if row.kind == EffectKind.UPDATE_CARD:
            return keep_card(row, digest=None, card_ts=ts)
        return board_kept(row, ts) if row.kind == EffectKind.POST_BOARD else None

    @staticmethod
    def _after_absence(row: OutboxRow) -> Then | None:
        # An edit leaves no trace to find; which state the card shows is not known any more.
        return keep_card(row, digest=None) if row.kind == EffectKind.UPDATE_CARD else None

    def _unreadable(self, row: OutboxRow, reason: str) -> Finding:
        if row.kind == EffectKind.POST_LOG:
            return Superseded(
                reason=f"cannot be looked up ({reason}); a second line would be noise"
            )
        if row.kind == EffectKind.UPDATE_CARD:
            return NotSent(then=keep_card(row, digest=None))
        if row.doubts < MOST_POSTS:
            return NotSent(certain=False)
        with speaking(self._desk().language):
            text = tr(
                "Nobody can tell whether {kind} (outbox {outbox_id}) arrived in Slack: {reason}. "
                "It was tried twice and will not be tried again.",
                kind=row.kind,
                outbox_id=row.id,
                reason=said_reason(reason),
            )
        return Unsure(reason=reason, then=tell_ops(f"unsure:{row.id}", text))

    def _undeliverable(self, row: OutboxRow, ticket: TicketView, exc: Refused) -> Refused:
        """One line a day and reason for what is no alarm; every ticket has its own for the card."""
        place = ticket.slack_channel or channel_of_row(row)
        with speaking(self._desk().language):
            text = tr(
                "Nothing reaches the thread of ticket #{number} in {channel}: {reason}. "
                "Others there may be silent too.",
                number=ticket.number,
                channel=place,
                reason=said_reason(exc.reason),
            )
        day = f"{self._clock.now():%Y-%m-%d}"
        return Refused(exc.reason, then=tell_ops(f"closed:{place}:{exc.reason[:60]}:{day}", text))

    def _plain(self, plain: bool, row: OutboxRow) -> Then | None:
        if not plain:
            return None
        with speaking(self._desk().language):
            text = tr(
                "Slack refused the layout of {kind} (outbox {outbox_id}); its plain words were "
                "posted instead.",
                kind=row.kind,
                outbox_id=row.id,
            )
        return tell_ops(f"layout:{row.kind}:{self._clock.now():%Y-%m-%d}", text)
