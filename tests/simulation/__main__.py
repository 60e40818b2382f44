"""The simulator by hand: one world, a sweep of crashes, or as many worlds as fit into minutes."""

import argparse
import sys
import time
from collections import Counter
from dataclasses import replace

from tests.simulation.day import CHECKS
from tests.simulation.faults import FaultKind
from tests.simulation.forks import in_copy
from tests.simulation.running import known_failures, play, remember, warm_up
from tests.simulation.shrink import shrunk
from tests.simulation.soaking import soak
from tests.simulation.stories import STORIES
from tests.simulation.sweep import Sweep
from tests.simulation.telling import told
from tests.simulation.worlds import Outcome, Plan, Size


def main(arguments: list[str] | None = None) -> int:
    """0 when every invariant held, else 1."""
    asked = _parser().parse_args(arguments)
    result: int = asked.do(asked)
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="play one world and tell what became of it")
    run.add_argument("--seed", type=int, default=1)
    run.add_argument("--plan", help="a plan as a failure printed it, instead of a seed")
    run.add_argument("--until", type=float, help="end the day at this virtual second")
    run.add_argument("--without", action="append", default=[], type=FaultKind, metavar="KIND")
    run.add_argument("--shrink", action="store_true", help="search for the least that fails")
    run.add_argument("--story", action="store_true", help="print every step")
    run.add_argument("--workers", type=int, help="processes that share the work")
    _sizes(run)
    run.set_defaults(do=_run)
    sweep = commands.add_parser("sweep", help="die at every point of the canonical stories")
    sweep.add_argument("--every", type=int, default=1, help="only at each so-manieth point")
    sweep.set_defaults(do=_sweep)
    soaking = commands.add_parser("soak", help="play new worlds for some minutes")
    soaking.add_argument("--minutes", type=float, default=10.0)
    soaking.add_argument("--jobs", type=int, default=2)
    soaking.add_argument("--seed", type=int, help="the first seed; by default a new one each time")
    soaking.add_argument("--remember", action="store_true", help="add what fails to seeds.txt")
    _sizes(soaking)
    soaking.set_defaults(do=_soak)
    return parser


def _sizes(parser: argparse.ArgumentParser) -> None:
    usual = Size()
    parser.add_argument("--hours", type=float, default=usual.hours)
    parser.add_argument("--conversations", type=int, default=usual.conversations)
    parser.add_argument("--inboxes", type=int, default=usual.inboxes)
    parser.add_argument("--first", type=int, help="2 begins with the mailbox; drawn by default")


def _size(asked: argparse.Namespace) -> Size:
    return Size(
        hours=asked.hours,
        conversations=asked.conversations,
        inboxes=asked.inboxes,
        first=asked.first,
    )


def _run(asked: argparse.Namespace) -> int:
    plan = Plan.from_json(asked.plan) if asked.plan else Plan.drawn(asked.seed, _size(asked))
    if asked.workers is not None:
        plan = replace(plan, workers=asked.workers)
    for kind in asked.without:
        plan = replace(plan, dials=plan.dials.without(kind))
    if asked.until is not None:
        plan = replace(plan, size=replace(plan.size, hours=asked.until / 3600))
    outcome = play(plan)
    if asked.shrink:
        outcome = shrunk(outcome, play)
    if asked.story:
        _say("\n".join(outcome.story))
    _say(told(outcome))
    return 0 if outcome.violated is None else 1


def _sweep(asked: argparse.Namespace) -> int:
    failures = 0
    for story in STORIES:
        begun = time.monotonic()
        swept = in_copy(Sweep(story, CHECKS, step=asked.every).run)
        seconds = time.monotonic() - begun
        _say(f"{story.name}: {swept.points} crashes, {len(swept.crashes)} bad, {seconds:.0f} s")
        for crash in swept.crashes:
            _say(f"at point {crash.point} ({crash.name}), again after {crash.again_after}")
            _say(told(crash.outcome))
        failures += len(swept.crashes)
    return 1 if failures else 0


def _soak(asked: argparse.Namespace) -> int:
    warm_up()
    for plan in known_failures():
        outcome = play(plan)
        if outcome.violated is not None:
            _say(told(outcome))
            return 1
    first = asked.seed if asked.seed is not None else time.time_ns() // 1_000_000
    faults: Counter[str] = Counter()
    bad: list[Outcome] = []
    count = 0
    for outcome in soak(first, _size(asked), minutes=asked.minutes, jobs=asked.jobs):
        count += 1
        faults.update(outcome.injected)
        if outcome.violated is not None:
            bad.append(_told_smaller(outcome, keep=asked.remember))
    _say(
        f"{count} worlds, {len(bad)} bad, {sum(faults.values())} faults: {dict(sorted(faults.items()))}"
    )
    return 1 if bad else 0


def _told_smaller(outcome: Outcome, *, keep: bool) -> Outcome:
    smaller = shrunk(outcome, play, seconds=60)
    _say(told(smaller))
    if keep and smaller.violated is not None:
        remember(smaller, f"violated {smaller.violated[0]}")
    return smaller


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
