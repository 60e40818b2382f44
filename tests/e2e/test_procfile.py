"""The Procfile as a host runs it: every process starts, works, and ends within ten seconds."""

import asyncio
import os
import re
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.town import ROOT, SHOP, Town, a_town

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.postgres,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

STARTED = ("worker", "slack")
MOST_SECONDS = 10.0


def lines_of(process: str, log: Path) -> list[str]:
    """What one process of the Procfile said; the runner puts its name in front."""
    mark = re.compile(rf"\b{process}\.1 +\| (.*)")
    return [
        m.group(1)
        for line in log.read_text("utf-8", "replace").splitlines()
        if (m := mark.search(line))
    ]


def started(process: str, log: Path) -> bool | None:
    return any("desk.started" in each for each in lines_of(process, log)) or None


async def the_runner(town: Town, log: Path, *what: str) -> asyncio.subprocess.Process:
    environ = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        **{name: value for name, value in town.environ.items() if name != "PORT"},
    }
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "honcho", "-f", str(ROOT / "Procfile"), *what,
            env=environ, cwd=ROOT, stdout=out, stderr=out,
        )  # fmt: skip


async def test_a_procfile_runner_starts_the_desk_and_stops_it_in_time(
    tmp_path: Path, postgres_db_url: str
) -> None:
    async with a_town(tmp_path, postgres_db_url) as town:
        log = tmp_path / "honcho.log"
        release = await the_runner(town, log, "run", "alembic", "upgrade", "head")
        assert await release.wait() == 0, log.read_text()

        runner = await the_runner(town, log, "start", "--port", "0", *STARTED)
        try:
            for process in STARTED:
                await town.until(
                    f"{process} to serve:\n{log.read_text()[-3000:]}",
                    partial(started, process, log),
                    within=60,
                    every=0.1,
                )
            await town.until("a socket", lambda: town.slack.core.hub.connections or None)
            await town.customer(SHOP, "where is it?")
            await town.card(SHOP.name, "where is it?")

            began = time.monotonic()
            runner.send_signal(signal.SIGTERM)
            await asyncio.wait_for(runner.wait(), 60)
            took = time.monotonic() - began
        finally:
            if runner.returncode is None:
                runner.kill()
                await runner.wait()

        said = log.read_text("utf-8", "replace")
        assert took < MOST_SECONDS, said[-3000:]
        for process in STARTED:
            assert any("desk.stopped" in each for each in lines_of(process, log)), said[-3000:]
        assert "Traceback" not in said
        assert "left_behind" not in said


async def test_every_process_of_the_procfile_is_one_we_have() -> None:
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    processes = dict(line.split(": ", 1) for line in lines)

    assert processes.pop("release") == "alembic upgrade head"
    assert processes == {name: f"threadline run {name}" for name in ("web", "slack", "worker")}
