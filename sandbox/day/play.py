"""One play: a stage, its people and customers, from the first shift to the last."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.clock import Clock
from sandbox.day.customers import Customers
from sandbox.day.people import Agent, Manager, Rota
from sandbox.day.plan import Plan
from sandbox.day.record import Record, SlackCall
from sandbox.day.script import ROME
from sandbox.day.staff import MANAGER, Habits
from sandbox.day.stage import Stage, build_stage, meanwhile
from sandbox.day.wall import Wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What is left of a play.

    `arrived` is when each customer message came, by inbox and the platform's id; `answers` is what
    reached customers. `people` are Slack ids by handle, `groups` the members of user groups.
    `private` counts messages that only one person saw.
    """

    plan: Plan
    database: Path
    calls: Sequence[SlackCall]
    arrived: Mapping[str, Mapping[str, tuple[str, datetime]]]
    answers: Mapping[str, Sequence[tuple[str, datetime, str]]]
    rota: Rota
    people: Mapping[str, str]
    groups: Mapping[str, Sequence[str]]
    private: int
    automatic: int
    cpu_seconds: float
    wall_seconds: float


async def play(plan: Plan, clock: Clock, folder: Path) -> Played:
    """Play it whole."""
    began, cpu = time.monotonic(), time.process_time()
    async with build_stage(folder, clock, plan) as stage:
        wall, record = Wall(stage.slack), Record(stage.slack.core)
        customers = Customers(plan.conversations, stage.inboxes, clock)
        rota = Rota()
        agents = [_agent(habits, stage, wall, rota, plan) for habits in plan.staff]
        async with meanwhile(
            wall.run(), record.run(), customers.run(), _manager(stage, wall, plan)
        ):
            async with asyncio.TaskGroup() as tasks:
                for agent in agents:
                    tasks.create_task(agent.run())
            left = plan.end + plan.after - clock.now()
            await clock.sleep(left.total_seconds())
        wall.look()
        record.note()
        workspace = stage.slack.workspace
        return Played(
            plan=plan,
            database=stage.database,
            calls=record.calls,
            arrived={inbox.name: inbox.arrived for inbox in stage.inboxes},
            answers={inbox.name: inbox.answers() for inbox in stage.inboxes},
            rota=rota,
            people={one.handle: workspace.user_named(one.handle).id for one in plan.staff},
            groups={each.id: tuple(each.users) for each in workspace.groups.values()},
            private=wall.private,
            automatic=customers.automatic,
            cpu_seconds=time.process_time() - cpu,
            wall_seconds=time.monotonic() - began,
        )


def _agent(habits: Habits, stage: Stage, wall: Wall, rota: Rota, plan: Plan) -> Agent:
    return Agent(
        habits,
        stage.slack.person(habits.handle),
        wall,
        stage.clock,
        rota,
        hours=hours_of(habits, plan),
        chance=random.Random(f"{plan.seed}:{habits.handle}"),
    )


def hours_of(habits: Habits, plan: Plan) -> tuple[datetime, datetime]:
    """From when to when somebody works."""
    if plan.one_shift:
        return plan.start, plan.end
    midnight = plan.start.astimezone(ROME).replace(hour=0, minute=0, second=0, microsecond=0)
    begins, ends = habits.shift.within(midnight)
    return max(begins, plan.start), min(ends, plan.end)


async def _manager(stage: Stage, wall: Wall, plan: Plan) -> None:
    groups = stage.slack.workspace.groups.values()
    group = next(each.id for each in groups if each.handle == "managers")
    chance = random.Random(f"{plan.seed}:{MANAGER}")
    await Manager(stage.slack.person(MANAGER), group, wall, stage.clock, chance).run()
