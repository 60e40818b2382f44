"""Desks to hand, each on a database of its own, and two long plays that go on beside the tests.

All tests of this folder share one event loop, so that what is begun early goes on meanwhile. Where
the files are shared out to several processes, each play begins with the file that waits for it.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.town import ROOT
from tests.e2e.trials import DEMO, KILLED, Ended, a_trial


@pytest.fixture(scope="session")
def new_database(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Callable[..., tuple[Path, str]]:
    """A folder with a new migrated database in it, and the database's URL."""

    def make(folder: Path | None = None) -> tuple[Path, str]:
        folder = folder or tmp_path_factory.mktemp("town")
        shutil.copy(sqlite_template, folder / "threadline.db")
        return folder, f"sqlite:///{folder / 'threadline.db'}"

    return make


@pytest.fixture(scope="session", autouse=True)
def ahead(request: pytest.FixtureRequest) -> None:
    """Begin the plays with the first test of this folder, if there is a test that waits for them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    for name, play in ((DEMO, "demo"), (KILLED, "killing")):
        if any(name in item.name for item in request.session.items):
            request.getfixturevalue(play)


@pytest.fixture(scope="session")
def demo(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """`threadline demo` at work, and its transcript. It takes most of a minute."""
    transcript = tmp_path_factory.mktemp("demo") / "transcript.txt"
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    command = [sys.executable, "-m", "bot", "demo", "--headless", "--speed", "600"]
    with transcript.open("wb") as out:
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=out)
    yield process, transcript
    if process.poll() is None:
        process.kill()
    process.wait()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def killing(
    new_database: Callable[[], tuple[Path, str]],
) -> AsyncIterator["asyncio.Task[Ended]"]:
    """A desk that is killed again and again."""
    folder, url = new_database()
    async with a_trial(folder, url, randomly=2, seed=1) as trial:
        yield trial
