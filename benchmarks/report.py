"""Figures for people: a table on the terminal, a CSV, and the table in docs/performance.md."""

import csv
import os
import platform
import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, Result, Skipped

ROOT: Final = Path(__file__).resolve().parents[1]
CSV: Final = ROOT / "build" / "bench.csv"
PAGE: Final = ROOT / "docs" / "performance.md"
BEGIN: Final = "<!-- figures: begin, written by python -m benchmarks --write-docs -->"
END: Final = "<!-- figures: end -->"

_COLUMNS = ("bench", "what", "on", "unit", "min", "median", "max", "rounds", "goal", "met")
_PACKAGES = ("sqlalchemy", "aiosqlite", "asyncpg", "slack-bolt", "imap-tools")


class NoMarkers(Exception):
    """The page lacks the two lines between which the table belongs."""


def number(value: float) -> str:
    """Three digits that mean something."""
    if value == int(value) and abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def show(console: Console, results: Sequence[Result]) -> None:
    """Print one benchmark's results."""
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "on", "min", "median", "max", "", "goal"):
        table.add_column(
            heading, justify="right" if heading in {"min", "median", "max"} else "left"
        )
    for each in results:
        if isinstance(each, Skipped):
            table.add_row(each.what, "", "", "skipped", "", each.reason, style="dim")
        else:
            table.add_row(*_cells(each), _verdict(each))
    console.print(table)


def _cells(each: Figure) -> tuple[str, ...]:
    spread = (number(each.low), number(each.middle), number(each.high))
    return (each.what, each.on, *spread, each.unit)


def _verdict(each: Figure) -> str:
    if each.goal is None:
        return ""
    return f"[green]{each.goal}[/]" if each.met else f"[bold red]{each.goal} missed[/]"


def write_csv(results: Sequence[Result], path: Path = CSV) -> None:
    """Write one line a figure. What was skipped has its reason in the last column."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for each in results:
            if isinstance(each, Skipped):
                blank = [""] * (len(_COLUMNS) - 3)
                writer.writerow([each.bench, each.what, *blank, f"skipped: {each.reason}"])
                continue
            spread = (f"{value:.6g}" for value in (each.low, each.middle, each.high))
            met = "" if each.met is None else str(each.met).lower()
            goal = str(each.goal or "")
            writer.writerow(
                [each.bench, each.what, each.on, each.unit, *spread, each.rounds, goal, met]
            )


def write_page(results: Sequence[Result], at: datetime, path: Path = PAGE) -> None:
    """Put each benchmark's table in the place of its old one. Raises NoMarkers.

    Every table says when and where it was measured; those of benchmarks that were not run stay.
    """
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end:
        raise NoMarkers(f"{path.name} has no {BEGIN!r} and {END!r}")
    sections = _sections(old)
    for bench, found in groupby(results, key=lambda each: each.bench):
        sections[bench] = "\n".join(_markdown(list(found), at))
    tables = "".join(f"\n### {bench}\n{table}\n" for bench, table in sections.items())
    path.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", encoding="utf-8")


def _sections(tables: str) -> dict[str, str]:
    """What stands below each heading."""
    parts = re.split(r"^### ", tables, flags=re.MULTILINE)[1:]
    named = (part.partition("\n") for part in parts)
    return {bench: table.rstrip("\n") for bench, _, table in named}


def _markdown(results: Sequence[Result], at: datetime) -> Iterator[str]:
    yield f"\nRun of {at:%Y-%m-%d}: {machine()}.\n"
    yield "| what | on | min | median | max | unit | goal |"
    yield "| --- | --- | ---: | ---: | ---: | --- | --- |"
    for each in results:
        if isinstance(each, Skipped):
            yield f"| {each.what} | | | skipped | | | {each.reason} |"
            continue
        what, on, *rest = _cells(each)
        goal = "" if each.goal is None else f"{each.goal}{'' if each.met else ' **missed**'}"
        yield f"| {what} | {on} | {' | '.join(rest)} | {goal} |"


def machine() -> str:
    """What the run was made on, in one line."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {versions}"
    )
