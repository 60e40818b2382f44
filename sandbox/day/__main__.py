"""`python -m sandbox.day`: play a day and print its table."""

import argparse
import asyncio
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console

from bot.clock import Clock
from bot.log import configure
from sandbox.day.folder import a_folder
from sandbox.day.measure import Numbers, measure
from sandbox.day.pace import LoopClock, leaping
from sandbox.day.plan import Plan
from sandbox.day.play import Played, play
from sandbox.day.presence import presence_of
from sandbox.day.rows import read_rows
from sandbox.day.script import MORNING, SURGE_HOUR, hour_began, write_day, write_rush
from sandbox.day.staff import hire
from sandbox.day.table import markdown

EVENING: Final = timedelta(hours=11, minutes=30)
"""Half past seven, when the last shift ends."""


def main(arguments: list[str] | None = None) -> int:
    """Play; returns 0 where nothing happened that must not."""
    given = _parser().parse_args(arguments)
    console = Console(soft_wrap=True)
    configure(level="error")
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    plan, surge = _plan(given)
    console.print(f"Playing {plan.end - plan.start} of the desk's time, please wait …")
    with a_folder() as folder:
        played = _play(plan, folder, machine=given.machine_clock)
        numbers = measure(played, read_rows(played.database), presence_of(played), surge)
    console.print(markdown(numbers), markup=False, highlight=False)
    for line in (*numbers.pings.examples, *_refusals(numbers)):
        console.print(f"  {line}", markup=False)
    console.print(
        f"{played.wall_seconds:.0f} s on the wall, {played.cpu_seconds:.0f} s of one core "
        "for the desk, Slack, the marketplaces and everybody in them."
    )
    return 0 if holds(numbers) else 1


def holds(numbers: Numbers) -> bool:
    """Whether nothing happened that must not."""
    zeros = numbers.zeros
    return not any(
        (
            zeros.missed_unpinged,
            zeros.two_roots,
            zeros.rootless,
            zeros.sent_twice,
            zeros.lost,
            numbers.pings.twice,
            sum(numbers.pings.needless.values()),
            sum(numbers.traffic.refused.values()),
            numbers.traffic.quarantined,
        )
    )


def _refusals(numbers: Numbers) -> list[str]:
    return [f"Slack refused {what}: {count}" for what, count in numbers.traffic.failed.items()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.day", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="another number, another day")
    parser.add_argument("--tickets", type=int, default=500, help="customers of the day")
    parser.add_argument("--agents", type=int, default=12, help="people of the roster, 16 at most")
    parser.add_argument(
        "--rush",
        type=float,
        metavar="MINUTES",
        help="instead of a day: all customers within so many minutes, all agents there",
    )
    parser.add_argument(
        "--for",
        dest="minutes",
        type=float,
        metavar="MINUTES",
        help="how long a rush is played; twice as long as it lasts unless given",
    )
    parser.add_argument(
        "--machine-clock",
        action="store_true",
        help="let time pass as it does, to compare; a minute takes a minute",
    )
    return parser


def _plan(given: argparse.Namespace) -> tuple[Plan, tuple[datetime, datetime]]:
    """What to play, and when it surges: all of a rush does."""
    staff, noon = hire(given.seed, given.agents), hour_began(MORNING, SURGE_HOUR)
    if given.rush is None:
        day = write_day(given.seed, given.tickets)
        plan = Plan(
            seed=given.seed,
            conversations=day,
            staff=staff,
            start=MORNING,
            end=MORNING + EVENING,
        )
        return plan, (noon, noon + timedelta(hours=1))
    end = noon + timedelta(minutes=given.minutes or 2 * given.rush)
    plan = Plan(
        seed=given.seed,
        conversations=write_rush(given.seed, given.tickets, given.rush),
        staff=staff,
        start=noon,
        end=end,
        one_shift=True,
    )
    return plan, (noon, end)


def _play(plan: Plan, folder: Path, *, machine: bool) -> Played:
    if machine:
        return asyncio.run(play(plan, Clock(start=plan.start), folder))
    with leaping() as loop, asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(play(plan, LoopClock(loop, plan.start), folder))


if __name__ == "__main__":
    raise SystemExit(main())
