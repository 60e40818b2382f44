"""Rules that bring the desk back after trouble on the way out, each switched off, and where that shows.

A rule without which nothing shows is either no rule or not watched. Where another one would hide
that it is off, that one is off too, and `because` says so. What comes in, the clocks and the
people are in `recovery_rules_inside` and `recovery_rules_clocks`, mail and several workers in
`recovery_rules_shared`.

Not here, because nothing shows: the fence of a lease (a send is given up before its lease ends, and
who sends never looks up what they have under way themselves; `tests/db/test_outbox_store.py`
compares it), and the retries of a settlement or of a busy database (the lease's end mends the
first, whoever asked tries the second again).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, false, select, update

from bot.db import tables
from bot.db.outbox_rows import insert_effects
from bot.db.unit import Tx
from bot.outbox import settlement
from bot.outbox.executor import NotSent, Refused, Sent, Throttled, TryLater
from bot.outbox.lanes import _Shut
from bot.usecases.confirm_reply import confirm_reply
from bot.usecases.reply import TooLate, Undone
from connectors.contract import Absent, ReplyReceipt, Unknown
from tests.simulation import known_scenes as scene
from tests.simulation.mutants import Mutant
from tests.simulation.scenes import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule by what the desk does without it. `breaks` is the invariant that does not hold then."""

    name: str
    off: Sequence[Mutant]
    breaks: str
    seen_in: Scene
    because: str = ""


def off(where: str, made: Callable[[Any], Any]) -> Mutant:
    """One piece of a rule: what stands at `where` is replaced by what is made of it."""
    return Mutant(name=where, where=where, made=made)


def gives(value: object) -> Callable[[Any], Any]:
    """A function that does nothing and returns `value`."""
    return lambda _real: lambda *_args, **_named: value


def gives_later(value: object) -> Callable[[Any], Any]:
    """The same, awaited."""

    def made(_real: Any) -> Any:
        async def nothing(*_args: Any, **_named: Any) -> Any:
            return value

        return nothing

    return made


def _at_once_again(_real: Any) -> Any:
    def end_leases(conn: Any, *, now: Any) -> int:
        box = tables.outbox
        ended = conn.execute(
            update(box)
            .where(box.c.state == "sending")
            .values(state="ready", not_before=now, lease_until=None)
        )
        return int(ended.rowcount)

    return end_leases


def _found_all_the_same(real: Any) -> Any:
    async def find(*args: Any, **named: Any) -> str:
        return await real(*args, **named) or "1700000000.000100"

    return find


def _counts_as_found(real: Any) -> Any:
    async def probe(self: Any, row: Any, connector: Any, command: Any, message_id: int) -> Any:
        found = await real(self, row, connector, command, message_id)
        if not isinstance(found, NotSent):
            return found
        receipt = ReplyReceipt(external_id=f"made-up-{message_id}", accepted_at=self._clock.now())
        return Sent(then=lambda tx: confirm_reply(tx, self._desk(), message_id, receipt))

    return probe


def _sends_what_is_unknown(real: Any) -> Any:
    async def probe(self: Any, row: Any, connector: Any, command: Any, message_id: int) -> Any:
        class Sure:
            async def probe(self, command: Any) -> Any:
                answer = await connector.probe(command)
                return Absent() if isinstance(answer, Unknown) else answer

        return await real(self, row, Sure(), command, message_id)

    return probe


def _silence_is_a_refusal_to_take(real: Any) -> Any:
    return lambda row, end, until, *, looks: (
        settlement._again(row, end, until) if looks == 0 else real(row, end, until, looks=looks)
    )


def _no_answer_is_absence(_real: Any) -> Any:
    return lambda row, _end, at: settlement._resend(row, NotSent(), at)


def _waits_are_deaths(real: Any) -> Any:
    def after_send(row: Any, end: Any, at: Any) -> Any:
        return real(row, Refused(str(end)) if isinstance(end, Throttled) else end, at)

    return after_send


def _waits_are_forgotten(real: Any) -> Any:
    def after_send(row: Any, end: Any, at: Any) -> Any:
        return real(row, TryLater(str(end)) if isinstance(end, Throttled) else end, at)

    return after_send


def _taken_back_too_late(real: Any) -> Any:
    def undo_reply(tx: Any, desk: Any, command: Any) -> Any:
        end = real(tx, desk, command)
        if not isinstance(end, TooLate):
            return end
        message = tables.message
        tx.conn.execute(
            update(message).where(message.c.id == command.message_id).values(state="cancelled")
        )
        tx.record(None, "reply_undone", actor=command.actor)
        return Undone(text="", ticket_id=0)

    return undo_reply


def _goes_out_all_the_same(real: Any) -> Any:
    def undo_reply(tx: Any, desk: Any, command: Any) -> Any:
        end = real(tx, desk, command)
        box = tables.outbox
        tx.conn.execute(
            update(box)
            .where(box.c.dedupe_key == f"reply:{command.message_id}", box.c.state == "superseded")
            .values(state="ready", settled_at=None)
        )
        return end

    return undo_reply


def _after_the_commit(_real: Any) -> Any:
    async def write(self: Any, fn: Any, *, now: Any, urgent: bool = False) -> Any:
        later: list[Any] = []
        woken: set[str] = set()

        def whole(conn: Any) -> Any:
            tx = Tx(conn, now)
            result = fn(tx)
            later[:], tx._effects = tx._effects, []
            tx.flush()
            woken.update(tx.wakes)
            return result

        result = await self._run(whole, read=False, urgent=urgent)
        if later:
            await self._run(
                lambda conn: insert_effects(conn, later, now=now), read=False, urgent=urgent
            )
            woken.add("outbox")
        if woken:
            self.hear(woken)
        return result

    return write


def _drops_the_newer(real: Any) -> Any:
    def insert(conn: Any, effects: Any, *, now: Any) -> None:
        box = tables.outbox.c
        under_way = set(
            conn.scalars(
                select(box.coalesce_key).where(
                    box.state == "sending", box.coalesce_key.is_not(None)
                )
            )
        )
        kept = [one for one in effects if one.coalesce_key not in under_way]
        if kept:
            real(conn, kept, now=now)

    return insert


def _unsure_ones_block(_real: Any) -> Any:
    def has_earlier() -> ColumnElement[bool]:
        box, other = tables.outbox, tables.outbox.alias("other")
        return (
            select(other.c.id)
            .where(other.c.state.in_(("ready", "sending", "unsure")), other.c.lane == box.c.lane)
            .where(other.c.id < box.c.id)
            .exists()
        )

    return has_earlier


def _for_good(_real: Any) -> Any:
    def pause(self: Any, gate: str, reason: str) -> bool:
        known = self._shut.get(gate)
        self._shut[gate] = _Shut(float("inf"), reason)
        return known is None

    return pause


_EXECUTOR: Final = "bot.marketplace.executor:MarketExecutor"
_DISPATCHER: Final = "bot.outbox.dispatcher"

OUTWARD: Final = (
    Rule(
        name="an expired lease of an answer is sent again without a look-up",
        off=(off(f"{_EXECUTOR}.look_up", gives_later(NotSent())),),
        breaks="I5",
        seen_in=scene.HANDED_OVER,
    ),
    Rule(
        name="what a dead process had under way is sent again when the next one starts",
        off=(off("bot.outbox.store:end_leases", _at_once_again),),
        breaks="I5",
        seen_in=scene.HANDED_OVER,
    ),
    Rule(
        name="what a dead process had under way is never looked up",
        off=(off("bot.outbox.store:doubtful", gives([])),),
        breaks="I15",
        seen_in=scene.CARD_UNTOLD,
    ),
    Rule(
        name="an answer's hand-over is not written down before it begins",
        off=(off("bot.marketplace.executor:reply_started", gives(True)),),
        breaks="I5",
        seen_in=scene.HANDED_OVER,
    ),
    Rule(
        name="silence after a hand-over counts as a refusal to take it",
        off=(off("bot.outbox.settlement:_doubt", _silence_is_a_refusal_to_take),),
        breaks="I5",
        seen_in=scene.LOST,
    ),
    Rule(
        name="an answer that a look-up does not find counts as sent",
        off=(off(f"{_EXECUTOR}._probe", _counts_as_found),),
        breaks="I6",
        seen_in=scene.NOT_HANDED_OVER,
    ),
    Rule(
        name="an answer that nobody can look up is sent again",
        off=(off(f"{_EXECUTOR}._probe", _sends_what_is_unknown),),
        breaks="I5",
        seen_in=scene.BLIND,
    ),
    Rule(
        name="a look-up that gets no answer counts as one that found nothing",
        off=(off("bot.outbox.settlement:_look_again", _no_answer_is_absence),),
        breaks="I5",
        seen_in=scene.LOST_TWICE,
    ),
    Rule(
        name="a lost card is posted again without a look-up",
        off=(off("bot.slack.executor:SlackExecutor.look_up", gives_later(NotSent())),),
        breaks="I2",
        seen_in=scene.CARD_UNTOLD,
    ),
    Rule(
        name="a card that a look-up does not find counts as posted",
        off=(off("bot.slack.calls:SlackCalls.find", _found_all_the_same),),
        breaks="I2",
        seen_in=scene.CARD_NOT_POSTED,
    ),
    Rule(
        name="where a card is that a look-up found is not kept",
        off=(off("bot.slack.executor:SlackExecutor._kept", gives_later(None)),),
        breaks="I15",
        seen_in=scene.CARD_UNTOLD,
    ),
    Rule(
        name="being asked to wait kills the effect",
        off=(off(f"{_DISPATCHER}:after_send", _waits_are_deaths),),
        breaks="I15",
        seen_in=scene.THROTTLED,
    ),
    Rule(
        name="an answer that has to wait for its marketplace is given up",
        off=(off(f"{_DISPATCHER}:after_send", _waits_are_deaths),),
        breaks="I6",
        seen_in=scene.SHOP_THROTTLED,
    ),
    Rule(
        name="Retry-After is not heeded",
        off=(
            off("bot.outbox.lanes:Gatekeeper.close", gives(None)),
            off(f"{_DISPATCHER}:after_send", _waits_are_forgotten),
        ),
        because="the gate and the effect's own instant each make it wait",
        breaks="I16",
        seen_in=scene.THROTTLED,
    ),
    Rule(
        name="an answer is taken back after it was handed over",
        off=(off("tests.simulation.people:undo_reply", _taken_back_too_late),),
        breaks="I5",
        seen_in=scene.TOO_LATE,
    ),
    Rule(
        name="an answer that was taken back goes out",
        off=(
            off("tests.simulation.people:undo_reply", _goes_out_all_the_same),
            off("bot.marketplace.executor:reply_started", gives(True)),
        ),
        because="its effect is withdrawn, and whoever hands it over asks once more",
        breaks="I5",
        seen_in=scene.TAKEN_BACK,
    ),
    Rule(
        name="effects are written after the commit that decided them",
        off=(off("bot.db.unit:Database.write", _after_the_commit),),
        breaks="I15",
        seen_in=scene.DECIDED,
    ),
    Rule(
        name="an edit that is decided while another is on its way is dropped",
        off=(off("bot.db.unit:insert_effects", _drops_the_newer),),
        breaks="I9",
        seen_in=scene.BUSY,
    ),
    Rule(
        name="the effects of a lane do not wait for each other",
        off=(off("bot.outbox.store:_has_earlier", gives(false())),),
        breaks="I3",
        seen_in=scene.SLOW,
    ),
    Rule(
        name="an answer nobody is sure of holds up the next one",
        off=(off("bot.outbox.store:_has_earlier", _unsure_ones_block),),
        breaks="I6",
        seen_in=scene.BLIND_TWICE,
    ),
    Rule(
        name="what was refused our key is never tried again",
        off=(
            off("bot.outbox.lanes:Gatekeeper.pause", _for_good),
            off("bot.outbox.lanes:Gatekeeper.resume", gives(False)),
        ),
        because="a paused gate is tried every minute, and opened when its inbox is read again",
        breaks="I6",
        seen_in=scene.REFUSED_KEY,
    ),
)
