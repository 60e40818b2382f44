"""What the desk is before it does anything: its memory and its start, beside its imports alone."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.databases import Databases
from benchmarks.figures import TIMES, Figure, Goal, figure, must, ratios
from benchmarks.filling import run_script
from benchmarks.planned import fill

NAME = "footing"

_IDLE = Goal(most=1.6, source="an idle desk is little more than the libraries it stands on")
_OPEN = Goal(most=15.0, source="what waits lies in the database, not in memory")
_START = Goal(most=2.0, source="a restart is over before anybody looks for it")

_AGAIN = (
    "DELETE FROM outbox",
    "UPDATE ping SET fired_at = NULL, outcome = NULL WHERE fired_at IS NOT NULL",
)

_CHILD = """
import asyncio, json, sys, time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

def held():
    # What `getrusage` tells of a child begins with its parent's peak; Linux also counts anew.
    status = Path("/proc/self/status")
    if not status.exists():
        return getrusage(RUSAGE_SELF).ru_maxrss / 1024
    told = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(told["VmHWM"].split()[0]) / 1024

began = time.perf_counter()
import bot.app, bot.cli.main
imported = time.perf_counter() - began
bare = held()
url = sys.argv[1]
if url:
    from benchmarks.standing import stand
    ready = asyncio.run(stand(url)) - began
else:
    ready = imported
peak = held()
print(json.dumps({"imported": imported, "ready": ready, "bare": bare, "peak": peak}))
"""


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark; on SQLite, where the desk is one process."""
    kind = kinds[0]
    sizes = (1_000, 20_000) if quick else (1_000, 1_000_000)
    rounds = 1 if quick else 5
    small, large = [await _database(kind, size) for size in sizes]
    bare, few, many = [], [], []
    try:
        for _ in range(rounds):
            bare.append(await _measured(""))
            few.append(await _measured(small))
            many.append(await _measured(large))
            await _have_it_due_again(small, large)
    finally:
        for url in (small, large):
            await kind.drop(url)
    return _figures(sizes, bare, few, many)


async def _database(kind: Databases, size: int) -> str:
    url = await kind.new()
    await fill(url, far=size, strip=1)
    return url


async def _have_it_due_again(*urls: str) -> None:
    """Forget that the one ping that is due was fired and sent."""
    for url in urls:
        await run_script(url, _AGAIN, tables=["ping"])


async def _measured(url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _CHILD, url,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), "MPLCONFIGDIR": home},
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await child.communicate()
    must(child.returncode == 0, "the desk did not start")
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def _figures(
    sizes: Sequence[int],
    bare: Sequence[dict[str, float]],
    few: Sequence[dict[str, float]],
    many: Sequence[dict[str, float]],
) -> list[Figure]:
    def of(rows: Sequence[dict[str, float]], name: str) -> list[float]:
        return [row[name] for row in rows]

    peaks, floor = of(few, "peak"), of(bare, "peak")
    more = [a - b for a, b in zip(of(many, "peak"), peaks, strict=True)]
    tickets = sizes[1] // 10
    return [
        figure(NAME, "imports alone", of(bare, "imported"), unit="s"),
        figure(NAME, f"start → first ping sent, {sizes[1]:,} planned", of(many, "ready"), unit="s"),
        figure(
            NAME,
            "start ÷ imports",
            ratios(of(many, "ready"), of(bare, "imported")),
            unit=TIMES,
            goal=_START,
        ),
        figure(NAME, "memory of the imports", floor, unit="MB"),
        figure(NAME, "memory of an idle desk", peaks, unit="MB"),
        figure(NAME, "idle desk ÷ imports", ratios(peaks, floor), unit=TIMES, goal=_IDLE),
        figure(NAME, f"more with {tickets:,} open tickets", more, unit="MB", goal=_OPEN),
    ]
