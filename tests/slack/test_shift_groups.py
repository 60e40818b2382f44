"""A user group of a workspace as strict as Slack follows who is on shift."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.roster import WorkShift
from bot.jobs.shift_groups import GroupWatch
from bot.outbox.dispatcher import Dispatcher
from bot.slack.group_executor import GroupExecutor
from bot.slack.limits import SlackLimits
from bot.usecases.away import ComeBack, GoAway, come_back, go_away
from sandbox.slack.faults import FaultKind
from sandbox.slack.model import User, UserGroup
from sla_rules.calendar import BusinessCalendar
from tests.builders import ANNA, BRUNO, hours
from tests.slack.executor_world import Story, story

MORNING = BusinessCalendar("UTC", {"tue": [("08:00", "10:00")], "wed": [("08:00", "10:00")]})
NOON = BusinessCalendar("UTC", {"tue": [("10:00", "12:00")]})
HANDLE = "support-it"
GROUP = "S0SUPPORT1"
UPDATE = "usergroups.users.update"


def ready(s: Story) -> None:
    shifts = tuple(
        WorkShift(name=name, calendar=open_at, people=frozenset(people), user_group=HANDLE)
        for name, open_at, people in (("am", MORNING, {ANNA, BRUNO}), ("noon", NOON, {BRUNO}))
    )
    s.desk = replace(s.desk, roster=replace(s.desk.roster, shifts=shifts))
    for who in (ANNA, BRUNO):
        s.slack.workspace.users[who] = User(id=who, name=who.lower(), real_name=who)
    group = UserGroup(id=GROUP, handle=HANDLE, name="Support")
    s.slack.workspace.groups[GROUP] = group
    groups = GroupExecutor(s.client, s.db, lambda: s.desk, s.clock)
    executors: dict[str, Any] = dict.fromkeys(s.executor.kinds, s.executor)
    s.sender = Dispatcher(
        s.db, {**executors, **dict.fromkeys(groups.kinds, groups)}, s.clock, SlackLimits()
    )


def people(s: Story) -> Sequence[str]:
    return sorted(s.slack.workspace.groups[GROUP].users)


async def looks(s: Story, *, after: timedelta = timedelta(0)) -> None:
    s.clock.move(after.total_seconds())
    await GroupWatch(s.db, lambda: s.desk, s.clock).look()
    await s.send(rounds=2)


def said(s: Story) -> list[str]:
    channel = s.desk.ops_channel or ""
    return [each.text for each in s.slack.workspace.messages(channel) if "user group" in each.text]


async def test_the_group_has_who_is_on_shift_and_here(db: Any) -> None:
    async with story(db) as s:
        ready(s)
        await looks(s)
        assert people(s) == [ANNA, BRUNO]
        away = GoAway(actor=ANNA, who=ANNA)
        await s.db.write(lambda tx: go_away(tx, s.desk, away), now=s.clock.now())
        await looks(s, after=timedelta(minutes=1))
        assert people(s) == [BRUNO]
        back = ComeBack(actor=ANNA, who=ANNA)
        await s.db.write(lambda tx: come_back(tx, s.desk, back), now=s.clock.now())
        await looks(s, after=timedelta(minutes=1))
        assert people(s) == [ANNA, BRUNO]
        await looks(s, after=hours(1))
        assert people(s) == [BRUNO]


async def test_slack_is_asked_once_while_nothing_changes_and_hourly_after_that(db: Any) -> None:
    async with story(db) as s:
        ready(s)
        await looks(s)
        await looks(s, after=timedelta(minutes=10))
        assert s.calls("usergroups.") == ["usergroups.list", "usergroups.users.list", UPDATE]
        s.slack.workspace.groups[GROUP].users = []
        await looks(s, after=timedelta(minutes=51))
        assert people(s) == [BRUNO]


async def test_a_group_that_is_so_already_is_left_alone(db: Any) -> None:
    async with story(db) as s:
        ready(s)
        s.slack.workspace.groups[GROUP].users = [BRUNO, ANNA]
        await looks(s)
        assert UPDATE not in s.calls("usergroups.")


async def test_with_nobody_on_shift_the_group_stays_and_that_is_said_once(db: Any) -> None:
    async with story(db) as s:
        ready(s)
        await looks(s)
        for after in (hours(4), hours(1), hours(19), hours(4)):
            await looks(s, after=after)
        assert people(s) == [ANNA, BRUNO]
        (line,) = said(s)
        assert "stays as it was" in line


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("missing_scope", "lacks a permission"),
        ("plan_upgrade_required", "has no user groups"),
        ("paid_teams_only", "has no user groups"),
        ("permission_denied", "does not let the app change user groups"),
    ],
)
async def test_a_refusal_is_said_once_stops_nothing_else_and_is_tried_again_after_a_day(
    db: Any, code: str, words: str
) -> None:
    async with story(db) as s:
        ready(s)
        s.fault(UPDATE, FaultKind.ERROR, code=code, times=2)
        await looks(s)
        await looks(s, after=hours(1))
        (line,) = said(s)
        assert words in line
        assert s.calls(UPDATE) == [UPDATE]
        await looks(s, after=hours(23))
        assert s.calls(UPDATE) == [UPDATE] * 2
        assert len(said(s)) == 1
        await looks(s, after=hours(24))
        assert s.calls(UPDATE) == [UPDATE] * 2


async def test_a_group_that_slack_does_not_have_is_named(db: Any) -> None:
    async with story(db) as s:
        ready(s)
        del s.slack.workspace.groups[GROUP]
        await looks(s)
        (line,) = said(s)
        assert "Slack has no user group @support-it" in line


@pytest.mark.parametrize("change", ["deleted", "is_restricted"])
async def test_who_left_slack_or_is_a_guest_does_not_keep_the_others_out(
    db: Any, change: str
) -> None:
    async with story(db) as s:
        ready(s)
        setattr(s.slack.workspace.user(ANNA), change, True)
        await looks(s)
        assert people(s) == [BRUNO]
        assert said(s) == []


async def test_without_such_a_shift_slack_is_not_asked(db: Any) -> None:
    async with story(db) as s:
        ready(s)
        plain = tuple(replace(each, user_group=None) for each in s.desk.roster.shifts)
        s.desk = replace(s.desk, roster=replace(s.desk.roster, shifts=plain))
        await looks(s)
        assert s.calls("usergroups.") == []
