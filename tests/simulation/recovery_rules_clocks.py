"""Rules of recovery for clocks, pings and people, each switched off: see `recovery_rules`."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from bot.db import queries
from bot.domain.ticket import EventType, MessageState
from bot.usecases import confirm_reply
from bot.usecases.claim import Claimed, HeldBy
from sla_rules.vocabulary import ClockState
from tests.simulation import known_scenes as scene
from tests.simulation.recovery_rules import Rule, gives, off


def _doubt_is_sent(_real: Any) -> Any:
    def reply_unsure(tx: Any, desk: Any, message_id: int, _reason: str) -> None:
        message = confirm_reply._unsettled(tx, message_id)
        if message is not None:
            confirm_reply._set(tx, message_id, state=MessageState.SENT)
            confirm_reply._settled(tx, desk, message, EventType.REPLY_SENT, actor="desk")

    return reply_unsure


def _only_recorded(_real: Any) -> Any:
    def say(tx: Any, _desk: Any, ticket: Any, type_: str, *, actor: str, **data: Any) -> int:
        event: int = tx.record(ticket.id, type_, actor=actor, **data)
        return event

    return say


def _counts_always(real: Any) -> Any:
    return lambda author, _state, ruling: real(author, MessageState.SENT, ruling)


def _only_lately(real: Any) -> Any:
    def due_of(conn: Any, tickets: Any, now: datetime, *, since: datetime) -> Any:
        due, busy = real(conn, tickets, now, since=since)
        return [each for each in due if each.fire_at > now - timedelta(minutes=15)], busy

    return due_of


def _each_alone(real: Any) -> Any:
    def fire(tx: Any, desk: Any, ticket: Any, verdicts: Any, settled: Any) -> int:
        alone = [replace(verdicts, speaking=[each], silent=()) for each in verdicts.speaking]
        mute = replace(verdicts, speaking=())
        return sum(real(tx, desk, ticket, each, settled) for each in (mute, *alone))

    return fire


def _never_cancelled(real: Any) -> Any:
    def write_pings(conn: Any, pings: Any) -> None:
        real(conn, [each for each in pings if each.cancelled_at is None])

    return write_pings


def _all_run(real: Any) -> Any:
    def decide(due: Any, quiet: Any, now: Any) -> Any:
        return real([replace(each, clock=ClockState.RUNNING) for each in due], quiet, now)

    return decide


def _asks_no_more(_real: Any) -> Any:
    async def due(self: Any, row: Any) -> Any:
        ids = list(row.payload["ping_ids"])
        pings = await self._db.read(lambda conn: queries.pings(conn, ids))
        return await self._scene(row), ids, pings

    return due


def _not_written_down(real: Any) -> Any:
    def record(self: Any, ticket_id: Any, type_: str, *, actor: str, **data: Any) -> int:
        if type_ == EventType.CLAIMED:
            return int(self.new_id())
        event: int = real(self, ticket_id, type_, actor=actor, **data)
        return event

    return record


def _both_won(real: Any) -> Any:
    def claim(tx: Any, desk: Any, command: Any) -> Any:
        end = real(tx, desk, command)
        return Claimed(ticket=end.ticket) if isinstance(end, HeldBy) else end

    return claim


def _always_another(_real: Any) -> Any:
    numbers = count()
    return lambda _command: f"form {next(numbers)}"


def _once_only(_real: Any) -> Any:
    async def keep(_self: Any, _name: str, loop: Any) -> None:
        try:
            await loop()
        except Exception:  # noqa: BLE001 - that is the rule that is off
            await asyncio.Event().wait()

    return keep


CLOCKWISE: Final = (
    Rule(
        name="an answer nobody is sure of counts as sent",
        off=(off("bot.marketplace.executor:reply_unsure", _doubt_is_sent),),
        breaks="I6",
        seen_in=scene.BLIND_AND_UNREACHED,
    ),
    Rule(
        name="an answer that is on its way stops the clock",
        off=(off("bot.domain.history:counts_as", _counts_always),),
        breaks="I10",
        seen_in=scene.BLIND_AND_UNREACHED,
    ),
    Rule(
        name="nobody is told of an answer nobody is sure of",
        off=(off("bot.usecases.confirm_reply:say", _only_recorded),),
        breaks="I6",
        seen_in=scene.BLIND_AND_UNREACHED,
    ),
    Rule(
        name="an answer that went out plans no clock anew",
        off=(off("bot.usecases.confirm_reply:replan", gives({})),),
        breaks="I11",
        seen_in=scene.ANSWERED,
    ),
    Rule(
        name="a due ping is marked as told without an effect",
        off=(off("bot.usecases.fire_due:as_effects", gives(())),),
        breaks="I7",
        seen_in=scene.NIGHT,
    ),
    Rule(
        name="steps that came due while the desk was away are dropped",
        off=(
            off("bot.usecases.fire_due:due_of", _only_lately),
            off("bot.jobs.tick:_next", gives(None)),
        ),
        because="what is due and does not fire is looked at twice a second: that only costs time",
        breaks="I7",
        seen_in=scene.DOWN,
    ),
    Rule(
        name="every step that came due while the desk was away calls for itself",
        off=(
            off("bot.usecases.fire_due:_fire", _each_alone),
            off("bot.slack.ping_posts:graver_waits", gives(False)),
            off("bot.slack.ping_posts:_is_told", gives(False)),
        ),
        because="the gravest speaks for all when they are due, and twice more when they are posted",
        breaks="I16",
        seen_in=scene.DOWN,
    ),
    Rule(
        name="pings of a clock that stopped are told",
        off=(
            off("bot.usecases.clocks:write_pings", _never_cancelled),
            off("bot.usecases.fire_due:decide", _all_run),
            off("bot.slack.ping_posts:PingPosts._due", _asks_no_more),
        ),
        because="the plan, the moment it is due and the moment it is posted each ask for the clock",
        breaks="I8",
        seen_in=scene.ANSWERED_LONG_AGO,
    ),
    Rule(
        name="what waits keeps its instants when the clock is set back",
        off=(off("bot.jobs.tick:follow_clock", gives(0)),),
        breaks="I6",
        seen_in=scene.CLOCK_BACK,
    ),
    Rule(
        name="a loop that died is not started again",
        off=(
            off("bot.db.unit:_is_passing", gives(False)),
            off("bot.runtime.supervise:Supervisor._keep", _once_only),
        ),
        because="a busy database is tried again before anybody dies of it",
        breaks="I7",
        seen_in=scene.LOCKED,
    ),
    Rule(
        name="the rules that a clock goes by are not kept",
        off=(
            off("tests.simulation.desk:keep_own_rules", gives(None)),
            off("bot.usecases.clocks:meet_rules", gives(None)),
        ),
        because="they are kept at the start, and whenever one is met",
        breaks="I19",
        seen_in=scene.CARD,
    ),
    Rule(
        name="a claim does not have the card drawn anew",
        off=(off("bot.usecases.claim:redraw", gives(None)),),
        breaks="I9",
        seen_in=scene.TWO_CLAIMS,
    ),
    Rule(
        name="who claims a ticket is not written down",
        off=(off("bot.db.unit:Tx.record", _not_written_down),),
        breaks="I12",
        seen_in=scene.TWO_CLAIMS,
    ),
    Rule(
        name="whoever loses a claim is told that they won",
        off=(off("tests.simulation.people:claim", _both_won),),
        breaks="I12",
        seen_in=scene.TWO_CLAIMS,
    ),
    Rule(
        name="the same form sends twice",
        off=(off("bot.usecases.reply:_key", _always_another),),
        breaks="I5",
        seen_in=scene.DOUBLE,
    ),
)
