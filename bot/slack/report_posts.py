"""A report that somebody asked for becomes a message, and files in its thread.

It is counted anew for each of its effects, as of the moment it was asked for, so the message and the
files say the same; and apart from everything else, since it takes seconds and mail must not wait.
Bringing files to Slack shows nothing and may be repeated. Showing them is looked up after a lost
answer, by their ids, as the message is by its metadata.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.preference_rows import language_to
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.domain.reasons import said_reason
from bot.domain.report_effects import (
    ReportOrder,
    bring_report_files,
    order_of,
    post_report,
    share_report_files,
)
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
)
from bot.reports.question import Dimension, Period, Question
from bot.reports.report import Report
from bot.slack.blocks.report import render_report
from bot.slack.calls import CALL_SECONDS, SlackCalls
from bot.slack.errors import ChannelClosed, ContentRefused
from bot.slack.figures import Figures
from bot.slack.file_calls import FileCalls
from bot.slack.limits import channel_gate
from bot.slack.report_files import DrawFiles, files_of
from bot.slack.scene import channel_of_row, tell_ops
from bot.usecases.report_links import report_link

log = structlog.get_logger(__name__)

MOST_SENDS: Final = 2
"""How often something is sent while nobody can tell whether an earlier time arrived."""

_DIRECT: Final = "D"
"""With what the id of a conversation of two begins."""

CLASSIC_FOR: Final = timedelta(days=1)
"""A workspace that refused charts and tables is not asked again for so long."""


class ReportPosts:
    """Posts reports and the files behind them, which `draw` makes. `desk` gives the rules of the moment."""

    kinds: Sequence[str] = (
        EffectKind.POST_REPORT,
        EffectKind.BRING_REPORT_FILES,
        EffectKind.SHARE_REPORT_FILES,
    )

    def __init__(
        self,
        client: AsyncWebClient,
        db: Database,
        apart: ReadApart,
        desk: Callable[[], Desk],
        clock: Clock,
        *,
        call_seconds: float = CALL_SECONDS,
        draw: DrawFiles = files_of,
    ) -> None:
        self._draw = draw
        self._calls = SlackCalls(client, call_seconds=call_seconds)
        self._files = FileCalls(client, call_seconds=call_seconds)
        self._db = db
        self._figures = Figures(db, apart, desk, clock)
        self._desk = desk
        self._clock = clock
        self._refused_at: datetime | None = None

    async def send(self, row: OutboxRow) -> Outcome:
        """Send once, in the language of whoever reads it. Raises a SendError."""
        with speaking(await self._language(row)):
            match row.kind:
                case EffectKind.POST_REPORT:
                    return await self._post(row)
                case EffectKind.BRING_REPORT_FILES:
                    return await self._bring(row)
                case _:
                    return await self._share(row)

    async def look_up(self, row: OutboxRow) -> Finding:
        """Look for the message by its metadata, for shown files by their ids."""
        if row.kind == EffectKind.BRING_REPORT_FILES:
            return NotSent()
        try:
            found = await (
                self._find(row) if row.kind == EffectKind.POST_REPORT else self._find_files(row)
            )
        except Refused as exc:
            if row.doubts < MOST_SENDS:
                return NotSent(certain=False)
            return Superseded(reason=f"cannot be looked up ({exc.reason}); twice would be noise")
        except Ambiguous as exc:
            raise TryLater(str(exc)) from exc
        return found or NotSent()

    async def _find(self, row: OutboxRow) -> Sent | None:
        channel = channel_of_row(row)
        ts = await self._calls.find(channel, row.id, thread_ts=None)
        # Which layout arrived is not known any more; pictures too many do no harm.
        return None if ts is None else self._posted(row, channel, ts, pictures=True)

    async def _find_files(self, row: OutboxRow) -> Sent | None:
        channel, ts = str(row.payload["channel"]), str(row.payload["ts"])
        ids = list(row.payload["ids"])
        return Sent() if await self._files.are_shown(channel, ts, ids) else None

    # What each kind is.

    async def _post(self, row: OutboxRow) -> Outcome:
        order = order_of(row.payload)
        report = await self._figures.answer(_question(order), order.asked_at)
        try:
            channel, ts, modern = await self._say(row, report)
        except ChannelClosed as exc:
            return self._to_the_asker(row, exc)
        if report.is_empty:
            return Sent(result={"channel": channel, "ts": ts})
        return self._posted(row, channel, ts, pictures=not modern)

    async def _say(self, row: OutboxRow, report: Report) -> tuple[str, str, bool]:
        """Post it; channel, ts, and whether with what only newer workspaces draw."""
        channel, gate = channel_of_row(row), channel_gate(row.lane_group)
        desk = self._desk()
        link = report_link(desk, report.question, self._clock.now())
        if self._draws_charts():
            drawn = render_report(report, desk, modern=True, link=link)
            try:
                posted, ts = await self._calls.post_as_drawn(
                    channel, drawn, outbox_id=row.id, gate=gate
                )
            except ContentRefused as exc:
                log.warning("slack.charts_refused", why=exc.reason)
                self._refused_at = self._clock.now()
            else:
                return posted, ts, True
        drawn = render_report(report, desk, modern=False, link=link)
        posted, ts, _ = await self._calls.post(channel, drawn, outbox_id=row.id, gate=gate)
        return posted, ts, False

    def _draws_charts(self) -> bool:
        refused = self._refused_at
        return refused is None or self._clock.now() - refused > CLASSIC_FOR

    def _posted(self, row: OutboxRow, channel: str, ts: str, *, pictures: bool) -> Sent:
        order, key = order_of(row.payload), str(row.payload["key"])

        def go_on(tx: Tx) -> None:
            tx.emit(bring_report_files(order, key, channel=channel, ts=ts, pictures=pictures))

        return Sent(result={"channel": channel, "ts": ts}, then=go_on)

    def _to_the_asker(self, row: OutboxRow, exc: ChannelClosed) -> Outcome:
        order, key = order_of(row.payload), str(row.payload["key"])
        if channel_of_row(row) == order.asker:
            raise exc
        # Nobody said that this place is closed to the bot when the report was promised there.
        return Superseded(
            reason=f"goes to who asked: {exc.reason}",
            then=lambda tx: tx.emit(post_report(order, key, channel=order.asker)),
            called=True,
        )

    async def _bring(self, row: OutboxRow) -> Outcome:
        order = order_of(row.payload)
        # What took too long twice goes without advice: that is what takes long.
        figures = self._figures.whole if row.attempts <= MOST_SENDS else self._figures.bare
        found = await figures(_question(order), order.asked_at)
        classic = bool(row.payload["pictures"])
        files = await asyncio.to_thread(self._draw, found, self._desk(), classic=classic)
        try:
            ids = [await self._files.upload(file) for _, file in files]
        except Refused as exc:
            raise Refused(exc.reason, then=self._told(exc)) from exc
        effect = share_report_files(
            str(row.payload["key"]),
            channel=str(row.payload["channel"]),
            ts=str(row.payload["ts"]),
            asker=order.asker,
            ids=ids,
            titles=[title for title, _ in files],
        )
        return Sent(result={"files": ids}, then=lambda tx: tx.emit(effect))

    async def _share(self, row: OutboxRow) -> Outcome:
        files = list(zip(row.payload["ids"], row.payload["titles"], strict=True))
        words = tr("The figures behind this report:")
        channel, ts = str(row.payload["channel"]), str(row.payload["ts"])
        try:
            await self._files.share(channel, ts, files, words)
        except Refused as exc:
            raise Refused(exc.reason, then=self._told(exc)) from exc
        return Sent()

    # What they share.

    async def _language(self, row: OutboxRow) -> Language:
        desk, place = self._desk(), str(row.payload.get("channel") or channel_of_row(row))
        asker = str(row.payload["asker"])
        if place != asker and not place.startswith(_DIRECT):
            return desk.language_in(place)
        return await self._db.read(lambda conn: language_to(conn, desk, asker))

    def _told(self, exc: Refused) -> Then:
        day = f"{self._clock.now():%Y-%m-%d}"
        with speaking(self._desk().language):
            text = tr(
                "The files of a report could not be put into its thread: {reason}.",
                reason=said_reason(exc.reason),
            )
        return tell_ops(f"report files:{exc.reason[:60]}:{day}", text)


def _question(order: ReportOrder) -> Question:
    return Question(
        period=Period(since=order.since, until=order.until, zone=order.zone),
        by=Dimension(order.by) if order.by else None,
        inboxes=None if order.inboxes is None else frozenset(order.inboxes),
        names_people=order.names_people,
    )
