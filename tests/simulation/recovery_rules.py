"""Rules that bring the desk back after trouble on the way out, each switched off, and where that shows.

A rule without which nothing shows is either no rule or not watched. Where another one would hide
that it is off, that one is off too, and `because` says so. What comes in, the clocks and the
people are in `recovery_rules_inside`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, false, update

from bot.db import tables
from bot.outbox import settlement
from bot.outbox.executor import NotSent, Refused, Sent, Throttled, TryLater
from bot.usecases.confirm_reply import confirm_reply
from bot.usecases.reply import TooLate, Undone
from connectors.contract import Absent, Unknown
from tests.builders import ANNA, BRUNO
from tests.simulation.mutants import Mutant
from tests.simulation.scenes import Scene
from tests.simulation.stories import STORIES, Story, Wish


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


_ANSWER: Final = (Wish(at=900, who=ANNA, what="reply"),)


def an_answer(*wishes: Wish, seed: int = 1, hours: float = 0.5, **dials: float) -> Story:
    """One question, answered at a quarter past; and what else."""
    return Story(
        name="one answer", hours=hours, wishes=(*_ANSWER, *wishes), dials=dials, seed=seed
    )


CARD: Final = Scene(story=STORIES[0])
CARD_UNTOLD: Final = Scene(story=STORIES[0], dies_at=("slack.chat.getPermalink.before", 1))
"""Slack has the card, the desk knows it, and dies before it wrote that down."""
CARD_NOT_POSTED: Final = Scene(story=STORIES[0], dies_at=("slack.chat.postMessage.before", 1))
HANDED_OVER: Final = Scene(story=an_answer(), dies_at=("market.reply.after", 1))
"""The marketplace has the answer, and the desk dies before it heard that."""
NOT_HANDED_OVER: Final = Scene(story=an_answer(), dies_at=("market.reply.before", 1))
LOST: Final = Scene(story=an_answer(market_answer_lost=0.7, seed=2))
UNREACHED: Final = Scene(story=an_answer(market_timeout_before=0.7, seed=2))
_BLIND: Final = replace(an_answer(market_answer_lost=0.7, seed=2), shop={"probes": 0})
BLIND: Final = Scene(story=_BLIND)
"""The marketplace has the answer, says nothing, and nobody can ask it."""
BLIND_AND_UNREACHED: Final = Scene(
    story=replace(an_answer(market_timeout_before=0.7, seed=2), shop={"probes": 0})
)
THREE: Final = Scene(
    story=an_answer(
        Wish(at=930, who=BRUNO, what="reply"), Wish(at=960, who=ANNA, what="reply"), hours=0.6
    )
)
BLIND_TWICE: Final = Scene(
    story=replace(_BLIND, wishes=(*_ANSWER, Wish(at=1000, who=BRUNO, what="reply")))
)
THROTTLED: Final = Scene(story=an_answer(slack_429=0.5, seed=2))
SHOP_THROTTLED: Final = Scene(story=an_answer(market_429=0.5, seed=2))
REFUSED_KEY: Final = Scene(story=an_answer(market_auth=0.3, seed=2, hours=1.0))
TOO_LATE: Final = Scene(story=an_answer(Wish(at=1000, who=ANNA, what="undo")))
TAKEN_BACK: Final = Scene(story=an_answer(Wish(at=904, who=ANNA, what="undo")))
SLACK_SILENT: Final = Scene(
    story=Story(
        name="Slack says nothing", hours=2.0, dials={"slack_answer_lost": 0.4}, seed=3
    )
)
BUSY: Final = Scene(
    story=replace(THREE.story, name="clicks", wishes=(
        Wish(at=900, who=ANNA, what="claim"),
        Wish(at=900.4, who=ANNA, what="note"),
        Wish(at=900.8, who=BRUNO, what="note"),
        Wish(at=901.2, who=ANNA, what="release"),
        Wish(at=901.6, who=BRUNO, what="claim"),
        Wish(at=902.0, who=BRUNO, what="note"),
    ))
)


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
        receipt = connector_receipt(self, message_id)
        return Sent(then=lambda tx: confirm_reply(tx, self._desk(), message_id, receipt(tx)))

    return probe


def connector_receipt(_executor: Any, message_id: int) -> Callable[[Any], Any]:
    """A receipt that nobody gave."""
    from connectors.contract import ReplyReceipt

    return lambda tx: ReplyReceipt(external_id=f"made-up-{message_id}", accepted_at=tx.now)


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
    from bot.db.outbox_rows import insert_effects
    from bot.db.unit import Tx

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
    from sqlalchemy import select

    def insert_effects(conn: Any, effects: Any, *, now: Any) -> None:
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

    return insert_effects


def _unsure_ones_block(_real: Any) -> Any:
    from sqlalchemy import select

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
    from bot.outbox.lanes import _Shut

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
        seen_in=HANDED_OVER,
    ),
    Rule(
        name="what a dead process had under way is sent again when the next one starts",
        off=(off("bot.outbox.store:end_leases", _at_once_again),),
        breaks="I5",
        seen_in=HANDED_OVER,
    ),
    Rule(
        name="what a dead process had under way is never looked up",
        off=(off("bot.outbox.store:doubtful", gives([])),),
        breaks="I15",
        seen_in=CARD_UNTOLD,
    ),
    Rule(
        name="an answer's hand-over is not written down before it begins",
        off=(off("bot.marketplace.executor:reply_started", gives(True)),),
        breaks="I5",
        seen_in=HANDED_OVER,
    ),
    Rule(
        name="silence after a hand-over counts as a refusal to take it",
        off=(off("bot.outbox.settlement:_doubt", _silence_is_a_refusal_to_take),),
        breaks="I5",
        seen_in=LOST,
    ),
    Rule(
        name="an answer that a look-up does not find counts as sent",
        off=(off(f"{_EXECUTOR}._probe", _counts_as_found),),
        breaks="I6",
        seen_in=NOT_HANDED_OVER,
    ),
    Rule(
        name="an answer that nobody can look up is sent again",
        off=(off(f"{_EXECUTOR}._probe", _sends_what_is_unknown),),
        breaks="I5",
        seen_in=BLIND,
    ),
    Rule(
        name="a lost card is posted again without a look-up",
        off=(off("bot.slack.executor:SlackExecutor.look_up", gives_later(NotSent())),),
        breaks="I2",
        seen_in=CARD_UNTOLD,
    ),
    Rule(
        name="a card that a look-up does not find counts as posted",
        off=(off("bot.slack.calls:SlackCalls.find", _found_all_the_same),),
        breaks="I2",
        seen_in=CARD_NOT_POSTED,
    ),
    Rule(
        name="where a card is that a look-up found is not kept",
        off=(off("bot.slack.executor:SlackExecutor._kept", gives_later(None)),),
        breaks="I15",
        seen_in=CARD_UNTOLD,
    ),
    Rule(
        name="being asked to wait kills the effect",
        off=(off(f"{_DISPATCHER}:after_send", _waits_are_deaths),),
        breaks="I15",
        seen_in=THROTTLED,
    ),
    Rule(
        name="an answer that has to wait for its marketplace is given up",
        off=(off(f"{_DISPATCHER}:after_send", _waits_are_deaths),),
        breaks="I6",
        seen_in=SHOP_THROTTLED,
    ),
    Rule(
        name="Retry-After is not heeded",
        off=(
            off("bot.outbox.lanes:Gatekeeper.close", gives(None)),
            off(f"{_DISPATCHER}:after_send", _waits_are_forgotten),
        ),
        because="the gate and the effect's own instant each make it wait",
        breaks="I16",
        seen_in=THROTTLED,
    ),
    Rule(
        name="an answer is taken back after it was handed over",
        off=(off("tests.simulation.people:undo_reply", _taken_back_too_late),),
        breaks="I5",
        seen_in=TOO_LATE,
    ),
    Rule(
        name="an answer that was taken back goes out",
        off=(
            off("tests.simulation.people:undo_reply", _goes_out_all_the_same),
            off("bot.marketplace.executor:reply_started", gives(True)),
        ),
        because="its effect is withdrawn, and whoever hands it over asks once more",
        breaks="I5",
        seen_in=TAKEN_BACK,
    ),
    Rule(
        name="effects are written after the commit that decided them",
        off=(off("bot.db.unit:Database.write", _after_the_commit),),
        breaks="I15",
        seen_in=Scene(story=STORIES[0], dies_at=("db.commit.after", 7)),
    ),
    Rule(
        name="an edit that is decided while another is on its way is dropped",
        off=(off("bot.db.unit:insert_effects", _drops_the_newer),),
        breaks="I9",
        seen_in=BUSY,
    ),
    Rule(
        name="the effects of a lane do not wait for each other",
        off=(off("bot.outbox.store:_has_earlier", gives(false())),),
        breaks="I3",
        seen_in=BUSY,
    ),
    Rule(
        name="an answer nobody is sure of holds up the next one",
        off=(off("bot.outbox.store:_has_earlier", _unsure_ones_block),),
        breaks="I6",
        seen_in=BLIND_TWICE,
    ),
    Rule(
        name="what was refused our key is never tried again",
        off=(
            off("bot.outbox.lanes:Gatekeeper.pause", _for_good),
            off("bot.outbox.lanes:Gatekeeper.resume", gives(False)),
        ),
        because="a paused gate is tried every minute, and opened when its inbox is read again",
        breaks="I6",
        seen_in=REFUSED_KEY,
    ),
)
