"""What must always hold, asked of the rows and of the worlds outside.

The numbers are those of the simulator's list (I1 to I19); the design's own stand in brackets:
I1 and I4 [1], I2 [2], I5 and I6 [3], I7 [4], I9 [5], I10 [6], I11 [7], I17 [10]. Checks of a step
are asked again and again while things go wrong; those of the end when all is calm.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from tests.simulation import checks_desk, checks_inbound, checks_slack
from tests.simulation.checks_desk import Check
from tests.simulation.look import Look, Memory
from tests.simulation.ports import SlackModel, Worlds

STEP_CHECKS: Final[Sequence[Check]] = (
    *checks_desk.STEP,
    checks_slack.i2_one_card,
    checks_slack.remember_stops,
    checks_inbound.i4_cursor,
)
END_CHECKS: Final[Sequence[Check]] = (
    checks_inbound.i1_no_inbound_lost,
    checks_inbound.i1_no_inbound_doubled,
    checks_inbound.i1_answers_seen,
    checks_inbound.i2_one_ticket,
    checks_slack.i2_card_known,
    checks_slack.i3_order,
    checks_slack.i7_pings_told,
    checks_slack.i8_no_late_ping,
    *checks_desk.END,
    checks_slack.i15_nothing_left,
    checks_slack.i9_shown_is_true,
    checks_slack.i16_noise,
    checks_slack.i16_waits,
    checks_inbound.i17_poison,
)

_memories: WeakKeyDictionary[SlackModel, Memory] = WeakKeyDictionary()
"""What was seen of each world, kept by its workspace."""


def memory_of(worlds: Worlds) -> Memory:
    """What the checks remember of a world."""
    return _memories.setdefault(worlds.slack, Memory())


def check_step(conn: Connection, worlds: Worlds, now: datetime) -> None:
    """Ask what holds at any moment. Raises Violated."""
    look = Look(conn, worlds, now, memory_of(worlds))
    for check in STEP_CHECKS:
        check(look)


def check_end(conn: Connection, worlds: Worlds, now: datetime) -> None:
    """Ask everything, when nothing goes wrong any more and nobody acts. Raises Violated."""
    check_step(conn, worlds, now)
    look = Look(conn, worlds, now, memory_of(worlds))
    for check in END_CHECKS:
        check(look)
