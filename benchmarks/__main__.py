"""`python -m benchmarks [NAME …] [--quick] [--write-docs]`: measure, print, write build/bench.csv."""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import (
    ack,
    beside,
    calls,
    capacity,
    deadline,
    footing,
    growth,
    helpdesk,
    ingest,
    lateness,
    reports,
    scale,
    statements,
    storing,
    surge,
    tick,
    whatif,
)
from benchmarks.databases import Databases, SqliteFiles, postgres_server
from benchmarks.figures import Figure, NotHere, Result, Skipped, WrongResult
from benchmarks.report import CSV, PAGE, machine, show, write_csv, write_page
from bot.clock import Clock
from bot.log import configure

Run = Callable[..., Awaitable[Sequence[Result]]]

BENCHES: Final[Mapping[str, Run]] = {
    ingest.NAME: ingest.run,
    storing.NAME: storing.run,
    helpdesk.NAME: helpdesk.run,
    tick.NAME: tick.run,
    lateness.NAME: lateness.run,
    footing.NAME: footing.run,
    ack.NAME: ack.run,
    beside.NAME: beside.run,
    calls.NAME: calls.run,
    capacity.NAME: capacity.run,
    surge.NAME: surge.run,
    statements.NAME: statements.run,
    deadline.NAME: deadline.run,
    whatif.NAME: whatif.run,
    reports.NAME: reports.run,
    growth.NAME: growth.run,
    scale.NAME: scale.run,
}


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Leaves the process with a sentence where that makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--quick", action="store_true", help="small and short, under 30 s")
    parser.add_argument(
        "--write-docs", action="store_true", help=f"put the tables into docs/{PAGE.name}"
    )
    asked = parser.parse_args(given)
    unknown = [name for name in asked.names if name not in BENCHES]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; choose from {', '.join(BENCHES)}")
    if asked.write_docs and asked.quick:
        parser.error("--write-docs needs a real run: leave out --quick")
    return asked


async def measure(names: Sequence[str], console: Console, *, quick: bool) -> list[Result]:
    """Run the benchmarks one after the other and print each as it ends. Raises WrongResult."""
    results: list[Result] = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="threadline-bench-")))
        kinds: list[Databases] = [SqliteFiles(folder)]
        try:
            kinds.append(await stack.enter_async_context(postgres_server(folder / "postgres")))
        except NotHere as missing:
            results.append(Skipped(bench="PostgreSQL", what="everything", reason=str(missing)))
        for name in names:
            began = time.monotonic()
            with console.status(f"measuring {name} …"):
                found = await BENCHES[name](kinds, quick=quick)
            console.print(f"[bold]{name}[/] [dim]{time.monotonic() - began:.0f} s[/]")
            show(console, found)
            console.print()
            results += found
    return results


def main(given: Sequence[str]) -> int:
    """Measure what is asked for. 1: the measured work went wrong, or a goal was missed.

    A quick run is too short to miss a goal: it shows that everything measured still works.
    """
    asked = arguments(given)
    console = Console(soft_wrap=True)
    configure(level="error")
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    console.print(f"[dim]{machine()}[/]\n")
    try:
        results = asyncio.run(measure(asked.names or list(BENCHES), console, quick=asked.quick))
    except WrongResult as wrong:
        console.print(f"[bold red]✗ What was measured went wrong:[/] {wrong}")
        return 1
    write_csv(results)
    console.print(f"[dim]written to {CSV}[/]")
    if asked.write_docs:
        write_page(results, Clock().now())
        console.print(f"[dim]written to {PAGE}[/]")
    missed = [each for each in results if isinstance(each, Figure) and each.met is False]
    for each in missed:
        console.print(f"[bold red]✗[/] {each.bench}, {each.on}: {each.what} is not {each.goal}")
    if not missed:
        console.print("[bold green]✓ Every goal was met.[/]")
    return 1 if missed and not asked.quick else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
