"""One interpreter that has loaded the program, and begins as many lives of it as are wanted."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_NURSERY = """
import json, os, selectors, sys
import bot.cli, bot.cli.run
from bot.assist.lexicon import lexicon
from connectors.registry import load_connectors
load_connectors()
lexicon()
ends = selectors.DefaultSelector()
ends.register(0, selectors.EVENT_READ)

def live(order):
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for out in (1, 2):
        os.dup2(log, out)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(3, 256)
    sys.argv = ["threadline", *order["argv"]]
    code = 1
    try:
        bot.cli.main()
        code = 0
    except SystemExit as ended:
        code = ended.code or 0
    finally:
        sys.stderr.flush()
        os._exit(code)

while True:
    for key, _ in ends.select():
        if key.fileobj == 0:
            order = sys.stdin.readline()
            if not order:
                sys.exit()
            life = os.fork()
            if life == 0:
                live(json.loads(order))
            ends.register(os.pidfd_open(life), selectors.EVENT_READ, life)
            print("began", life, flush=True)
        else:
            ends.unregister(key.fileobj)
            os.close(key.fileobj)
            code = os.waitstatus_to_exitcode(os.waitpid(key.data, 0)[1])
            print("ended", key.data, code, flush=True)
"""
"""The same program, loaded once: each line begins a life, and tells its pid and how it ended.

A life is a process of its own. It begins as `python -m bot` would after its imports and with its
tables of words, which take longer than everything else of a start; and it ends without tidying up
what it shares with the others, which would take longer than everything else of an end.
"""


class Nursery:
    """Begins lives with one environment. Orders come one after the other."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._process: asyncio.subprocess.Process | None = None
        self._hears: asyncio.Task[None] | None = None
        self._one_by_one = asyncio.Lock()
        self._began: asyncio.Queue[int] = asyncio.Queue()
        self._ends: dict[int, asyncio.Future[int]] = {}

    async def begin(self, argv: Sequence[str], log: Path) -> tuple[int, asyncio.Future[int]]:
        """The pid of a new life that writes to `log`, and its exit code once it has ended."""
        async with self._one_by_one:
            if self._process is None:
                self._process = await self._load(log)
                self._hears = asyncio.create_task(self._hear(self._process))
            assert self._process.stdin is not None
            order = json.dumps({"argv": list(argv), "log": str(log)})
            self._process.stdin.write(f"{order}\n".encode())
            pid = await self._began.get()
            assert pid, f"it did not load: {log.read_text('utf-8')[-2000:]}"
            return pid, self._ends[pid]

    async def _load(self, log: Path) -> asyncio.subprocess.Process:
        with log.open("ab") as errors:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _NURSERY,
                env=self._environ,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )

    async def _hear(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            what, pid, *code = line.split()
            if what == b"began":
                self._ends[int(pid)] = asyncio.get_running_loop().create_future()
                self._began.put_nowait(int(pid))
            else:
                self._ends.pop(int(pid)).set_result(int(code[0]))
        self._began.put_nowait(0)

    async def close(self) -> None:
        """No more lives. Those that are left go on."""
        if self._process is not None and self._hears is not None:
            self._process.kill()
            await self._process.wait()
            await self._hears
