"""Pings in all their forms, lists of several tickets, storms and digests, for the golden files."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.domain.called import Called
from bot.domain.card import CardStage
from bot.domain.digests import Counts, Digest, DigestKind
from bot.domain.quiet_hours import PingWay, read_quiet
from bot.domain.roster import Agent, Role
from bot.domain.surge import Mode
from bot.language import Language
from bot.slack.blocks import thread
from bot.slack.blocks.board import render_board, render_over, render_surge
from bot.slack.blocks.called import called_words
from bot.slack.blocks.digest import render_digest
from bot.slack.blocks.preferences import render_preferences
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.together import render_together
from bot.slack.request import COMMANDS
from bot.usecases.surge import SurgeNow
from sla_rules.vocabulary import Scope
from tests.unit.slack.scenes import (
    GIULIA,
    MANAGERS,
    MARCO,
    NOON,
    a_clock,
    a_desk,
    a_ping,
    a_row,
    a_ticket,
)

HOUR = timedelta(hours=1)
DESK = a_desk()
LATE = a_clock(due_at=NOON - 4 * HOUR)
ON_IT = a_ticket(assignee=MARCO, acknowledged_by=MARCO, clocks=(LATE,))
SPARED = Called(mentioned=(MANAGERS,), spared=(GIULIA,), back_at=NOON + 9 * HOUR)
WOKEN = Called(mentioned=(GIULIA,), woken=(GIULIA,), back_at=NOON + 9 * HOUR)
ROWS = [
    a_row(number=18, next_scope=Scope.MARKETPLACE),
    a_row(card_stage=CardStage.MISSED, next_due_at=NOON - HOUR, assignee=MARCO),
    a_row(number=19, card_stage=CardStage.MISSED, next_due_at=NOON - 2 * HOUR, permalink=None),
]
PERSON = Agent(slack_id=GIULIA, name="Giulia Conti", role=Role.AGENT, timezone="Europe/Rome")
COUNTS = (
    Counts(inbox="amazon-it", received=38, answered=41, missed=1),
    Counts(inbox="shop", received=0, answered=0, missed=0),
)


def _quiet(called: Called) -> Rendered:
    ticket = a_ticket(assignee=GIULIA)
    words = called_words(called, ticket, DESK, NOON)
    return thread.render_ping(ticket, [a_ping()], DESK, NOON, called.mentioned, called=words)


PING_MESSAGES: Mapping[str, Callable[[], Rendered]] = {
    "ping_on_it": lambda: thread.render_ping(
        ON_IT, [a_ping("on_it", clock=LATE)], DESK, NOON, [MANAGERS]
    ),
    "ping_quiet_hours": lambda: _quiet(SPARED),
    "ping_woken": lambda: _quiet(WOKEN),
    "ping_nobody_called": lambda: _quiet(replace(SPARED, mentioned=())),
    "ping_direct": lambda: thread.render_ping(
        a_ticket(assignee=GIULIA), [a_ping()], DESK, NOON, [], direct=True
    ),
    "pings_together": lambda: render_together(ROWS, 2, DESK, NOON, [MANAGERS]),
    "pings_in_a_storm": lambda: render_together(ROWS[:1], 0, DESK, NOON, [MARCO]),
    "storm_board": lambda: render_board(ROWS, 12, DESK, NOON),
    "storm_board_empty": lambda: render_board([], 0, DESK, NOON),
    "storm_over": lambda: render_over(NOON - HOUR, DESK, NOON),
    "answer_surge": lambda: render_surge(SurgeNow(mode=Mode.AUTO, channels=("C0AMAZON",))),
    "digest_daily": lambda: render_digest(
        Digest(kind=DigestKind.DAILY, counts=COUNTS, at_risk=ROWS, more=2), DESK, NOON
    ),
    "digest_quiet_night": lambda: render_digest(
        Digest(kind=DigestKind.DAILY, counts=COUNTS[1:], at_risk=ROWS[:1]), DESK, NOON
    ),
    "digest_weekly": lambda: render_digest(
        Digest(kind=DigestKind.WEEKLY, counts=COUNTS), DESK, NOON
    ),
    "answer_me": lambda: render_preferences(
        PERSON, spoken=Language.EN, changed=False, names=COMMANDS
    ),
    "answer_me_changed": lambda: render_preferences(
        replace(PERSON, quiet=read_quiet("20:00-08:00", "Europe/Rome"), pings=PingWay.DM),
        spoken=Language.IT,
        changed=True,
        names=COMMANDS,
    ),
}
