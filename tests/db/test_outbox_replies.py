"""Replies through a scripted marketplace: once, or not at all, or a person is asked."""

import pytest
from typing_extensions import override

from bot.db import queries
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.domain.ticket import EventType, MessageState
from bot.marketplace.executor import MOST_LOOKS, MarketExecutor
from bot.outbox import store
from bot.outbox.dispatcher import Dispatcher
from bot.usecases.claim import Claim, claim
from bot.usecases.confirm_reply import settle_unsure
from bot.usecases.fire_due import fire_due
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.note import AddNote, add_note
from bot.usecases.reply import TooLate, Undone, UndoReply, undo_reply
from bot.usecases.resolve import Resolve, resolve
from connectors.contract import Absent, Connector, Found, ReplyCommand, ReplyReceipt, Unknown
from connectors.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
)
from sla_rules.vocabulary import ClockState
from tests.builders import AMAZON, ANNA, NOW, a_ticket, minutes, queue, ticket
from tests.db.outbox_world import HandClock, column, states
from tests.silent_connector import SilentConnector

pytestmark = pytest.mark.postgres


class Marketplace(SilentConnector):
    """`arrived` is what customers got. `will` holds what the next replies end in.

    An OutcomeUnknown is raised after the hand-over, everything else before it.
    """

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.arrived: list[str] = []
        self.replies = 0
        self.probes = 0
        self.will: list[Exception] = []
        self.knows: bool | ConnectorError = True

    def _receipt(self, command: ReplyCommand) -> ReplyReceipt:
        return ReplyReceipt(
            external_id=f"<{command.reply_id}@shop.example>", accepted_at=self.clock.now()
        )

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        self.replies += 1
        problem = self.will.pop(0) if self.will else None
        if problem is not None and not isinstance(problem, OutcomeUnknown):
            raise problem
        self.arrived.append(command.reply_id)
        if problem is not None:
            raise problem
        return self._receipt(command)

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        self.probes += 1
        if isinstance(self.knows, ConnectorError):
            raise self.knows
        if not self.knows:
            return Unknown()
        if command.reply_id in self.arrived:
            return Found(receipt=self._receipt(command))
        return Absent()


class Scene:
    def __init__(self, db: Database, desk: Desk) -> None:
        self.db = db
        self.desk = desk
        self.clock = HandClock(NOW + minutes(5))
        self.market = Marketplace(self.clock)
        self.connectors: dict[str, Connector] = {AMAZON: self.market}
        self.executor = MarketExecutor(self.connectors, db, lambda: desk, self.clock)
        self.sender = self.new_life()
        self.message_id = 0

    def new_life(self) -> Dispatcher:
        self.sender = Dispatcher(
            self.db, dict.fromkeys(self.executor.kinds, self.executor), self.clock
        )
        return self.sender

    async def queued(self) -> None:
        """Anna's answer, its undo window over."""
        opened = await a_ticket(self.db, self.desk)
        queued = await queue(self.db, self.desk, opened.id, at=self.clock.now())
        self.message_id = queued.message_id
        self.clock.move(10)

    async def send(self, *, rounds: int = 1, seconds: float = 3) -> None:
        for n in range(rounds):
            if n:
                self.clock.move(seconds)
            await self.sender.drain(patience=0)

    async def message_state(self) -> str:
        found = await self.db.read(lambda conn: queries.message(conn, self.message_id))
        assert found is not None
        return found.state

    async def clock_states(self) -> set[ClockState]:
        return {clock.state for clock in (await ticket(self.db)).clocks}

    async def said(self, type_: EventType) -> list[str]:
        view = await ticket(self.db)
        events = await self.db.read(lambda conn: queries.events(conn, view.id))
        return [str(event.data.get("reason", "")) for event in events if event.type == type_]

    async def effect_state(self) -> str:
        return (await states(self.db))[f"reply:{self.message_id}"]


@pytest.fixture
async def scene(db: Database, desk: Desk) -> Scene:
    made = Scene(db, desk)
    await made.queued()
    return made


async def test_a_confirmed_reply_stops_the_clock_with_its_settlement(scene: Scene):
    assert await scene.clock_states() == {ClockState.RUNNING}
    await scene.send()
    assert await scene.message_state() == MessageState.SENT
    assert await scene.effect_state() == "sent"
    assert await scene.clock_states() == {ClockState.MET}


async def test_a_reply_waits_out_its_undo_window_and_can_be_taken_back(db, desk):
    scene = Scene(db, desk)
    opened = await a_ticket(db, desk)
    queued = await queue(db, desk, opened.id, at=scene.clock.now())
    await scene.send()
    assert scene.market.replies == 0
    undo = UndoReply(message_id=queued.message_id, actor=ANNA)
    done = await db.write(lambda tx: undo_reply(tx, desk, undo), now=scene.clock.now())
    assert isinstance(done, Undone)
    scene.clock.move(60)
    await scene.send()
    assert scene.market.arrived == []


async def test_a_reply_that_left_cannot_be_taken_back(scene: Scene):
    await scene.send()
    undo = UndoReply(message_id=scene.message_id, actor=ANNA)
    done = await scene.db.write(lambda tx: undo_reply(tx, scene.desk, undo), now=scene.clock.now())
    assert isinstance(done, TooLate)


async def test_invariant_3_a_reply_that_arrived_unseen_is_found_and_not_sent_again(scene: Scene):
    scene.market.will = [OutcomeUnknown("cut after DATA")]
    await scene.send(rounds=3)
    assert scene.market.arrived == [str(scene.message_id)]
    assert await scene.message_state() == MessageState.SENT
    assert await scene.clock_states() == {ClockState.MET}


async def test_invariant_3_a_reply_nobody_can_tell_about_asks_a_person(scene: Scene):
    scene.market.will = [OutcomeUnknown("cut after DATA")]
    scene.market.knows = False
    await scene.send(rounds=30, seconds=600)
    assert scene.market.replies == 1
    assert await scene.message_state() == MessageState.UNSURE
    assert await scene.effect_state() == "unsure"
    assert await scene.clock_states() == {ClockState.RUNNING}
    assert len(await scene.said(EventType.REPLY_UNSURE)) == 1

    await scene.db.write(
        lambda tx: settle_unsure(tx, scene.desk, scene.message_id, ANNA, arrived=True),
        now=scene.clock.now(),
    )
    await scene.send(rounds=3, seconds=600)
    assert scene.market.replies == 1
    assert await scene.effect_state() == "sent"


async def test_a_reply_that_is_certainly_absent_is_sent_again(scene: Scene):
    class Swallowing(Marketplace):
        @override
        async def reply(self, command: ReplyCommand) -> ReplyReceipt:
            if self.replies == 0:
                self.replies += 1
                raise OutcomeUnknown("cut before DATA")
            return await super().reply(command)

    scene.market = scene.connectors[AMAZON] = Swallowing(scene.clock)
    await scene.send(rounds=3)
    assert scene.market.arrived == [str(scene.message_id)]
    assert scene.market.replies == 2


async def test_invariant_3_an_unexpected_failure_counts_as_handed_over(scene: Scene):
    scene.market.will = [ZeroDivisionError()]
    scene.market.knows = False
    await scene.send(rounds=5, seconds=60)
    assert scene.market.replies == 1
    assert await scene.message_state() == MessageState.UNSURE


async def test_a_platform_that_cannot_be_asked_leads_to_a_person_within_minutes(scene: Scene):
    scene.market.will = [OutcomeUnknown("cut")]
    scene.market.knows = Unavailable("away")
    begun = scene.clock.now()
    while await scene.effect_state() != "unsure":
        assert scene.clock.now() - begun < minutes(10)
        await scene.send(rounds=2, seconds=5)
    assert scene.market.probes == MOST_LOOKS
    assert scene.market.replies == 1


async def test_a_refused_reply_is_told_in_the_thread_and_the_clock_runs_on(scene: Scene):
    scene.market.will = [Rejected("The conversation is closed.")]
    await scene.send()
    assert await scene.effect_state() == "dead"
    assert await scene.message_state() == MessageState.FAILED
    assert await scene.said(EventType.REPLY_FAILED) == ["The conversation is closed."]
    assert await scene.clock_states() == {ClockState.RUNNING}
    assert not [key for key in await states(scene.db) if key.startswith("ops:dead")]


async def test_a_platform_that_is_away_gets_the_reply_when_it_is_back(scene: Scene):
    scene.market.will = [Unavailable("away")] * 3
    await scene.send(rounds=8, seconds=10)
    assert scene.market.arrived == [str(scene.message_id)]
    assert await scene.message_state() == MessageState.SENT


async def test_a_reply_that_waits_for_its_platform_is_told_to_ops_once(scene: Scene):
    scene.market.will = [Unavailable("away")] * 9
    await scene.send(rounds=80, seconds=20)
    assert await scene.message_state() == MessageState.SENT
    told = [key for key in await states(scene.db) if key.startswith("ops:waiting:")]
    assert len(told) == 1


async def test_invariant_8_nothing_but_an_explicit_reply_is_ever_handed_to_a_marketplace(
    db: Database, desk: Desk
):
    scene = Scene(db, desk)
    opened = await a_ticket(db, desk)
    at = scene.clock.now()

    def work(tx: Tx) -> None:
        claim(tx, desk, Claim(ticket_id=opened.id, actor=ANNA))
        add_note(tx, desk, AddNote(ticket_id=opened.id, actor=ANNA, text="Rude buyer."))
        no_answer_needed(tx, desk, NoAnswerNeeded(ticket_id=opened.id, actor=ANNA))
        resolve(tx, desk, Resolve(ticket_id=opened.id, actor=ANNA))

    await db.write(work, now=at)
    scene.clock.move(7 * 3600)
    await db.write(lambda tx: fire_due(tx, desk), now=scene.clock.now())
    await scene.send(rounds=3, seconds=600)
    assert scene.market.replies == 0
    kinds = {key.partition(":")[0] for key in await states(db)}
    assert "log" in kinds
    assert "reply" not in kinds
    assert scene.executor.kinds == (EffectKind.SEND_REPLY,)


async def test_a_platform_that_asks_to_wait_is_given_its_time(scene: Scene):
    scene.market.will = [RateLimited(90)]
    await scene.send(rounds=2, seconds=89)
    assert scene.market.replies == 1
    await scene.send(rounds=2, seconds=2)
    assert await scene.message_state() == MessageState.SENT
    assert await column(scene.db, f"reply:{scene.message_id}", "attempts") == 1


async def test_refused_credentials_pause_the_inbox_and_the_reply_waits(scene: Scene):
    scene.market.will = [AuthExpired("535 authentication failed")]
    await scene.send(rounds=3)
    assert list(scene.sender.paused()) == [f"inbox:{AMAZON}"]
    assert scene.market.replies == 1
    told = [key for key in await states(scene.db) if key.startswith("ops:paused:")]
    assert len(told) == 1
    scene.sender.resume(f"inbox:{AMAZON}")
    await scene.send()
    assert await scene.message_state() == MessageState.SENT


async def test_a_reply_of_an_inbox_that_is_gone_is_told_and_not_left_lying(scene: Scene):
    scene.connectors.clear()
    await scene.send()
    assert await scene.effect_state() == "dead"
    assert "not configured" in (await scene.said(EventType.REPLY_FAILED))[0]


async def _leased(scene: Scene):
    now = scene.clock.now()

    def lease(tx):
        heads = store.heads(tx.conn, now=now, kinds=["send_reply"], held=store.Held(), limit=5)
        return store.lease(tx.conn, [h.id for h in heads], now=now, until=now + minutes(1))

    (row,) = await scene.db.write(lease, now=now)
    return row


async def test_invariant_3_killed_between_lease_and_hand_over_the_reply_still_goes_once(scene):
    await _leased(scene)
    scene.market.knows = False
    scene.clock.move(61)
    scene.new_life()
    await scene.send(rounds=3)
    assert scene.market.arrived == [str(scene.message_id)]
    assert await scene.message_state() == MessageState.SENT


async def test_invariant_3_killed_after_the_hand_over_the_reply_goes_no_second_time(scene):
    row = await _leased(scene)
    await scene.executor.send(row)
    assert await scene.message_state() == MessageState.SENDING
    scene.clock.move(61)
    scene.new_life()
    await scene.send(rounds=3)
    assert scene.market.arrived == [str(scene.message_id)]
    assert await scene.message_state() == MessageState.SENT
    assert await scene.clock_states() == {ClockState.MET}


async def test_invariant_3_killed_after_the_hand_over_of_what_no_one_can_look_up(scene):
    row = await _leased(scene)
    await scene.executor.send(row)
    scene.market.knows = False
    scene.clock.move(61)
    scene.new_life()
    await scene.send(rounds=20, seconds=120)
    assert scene.market.arrived == [str(scene.message_id)]
    assert await scene.message_state() == MessageState.UNSURE
