"""Running commands as a person does: a real process's arguments, a folder, an environment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from bot.cli.console import err, out
from bot.cli.main import app

NAMES = ("DATABASE_URL", "PORT", "MAIL_PASSWORD")
PREFIXES = ("SLACK_", "THREADLINE_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


@contextmanager
def _as_wide_as(columns: int) -> Iterator[None]:
    """The consoles read COLUMNS when the process starts, which this one did long ago."""
    before = out.width, err.width
    out.width = err.width = columns
    try:
        yield
    finally:
        out.width, err.width = before


def threadline(folder: Path, *arguments: str, **environ: str) -> Said:
    """Run one command with `folder` as its place and nothing else of this machine's environment."""
    foreign = {n: None for n in os.environ if n in NAMES or n.startswith(PREFIXES)}
    here = {
        "THREADLINE_CONFIG": str(folder / "threadline.toml"),
        "DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
        "COLUMNS": "200",
    }
    with _as_wide_as(int({**here, **environ}["COLUMNS"])):
        result = CliRunner().invoke(app, arguments, env={**foreign, **here, **environ})
    return Said(code=result.exit_code, out=result.stdout, err=result.stderr)
