"""`threadline run`: the processes of the desk."""

import asyncio
import os
import signal
import sys
import threading
from typing import Final

from bot.app import serve
from bot.cli.console import fail
from bot.clock import Clock
from bot.db.engine import is_sqlite
from bot.log import configure
from bot.process_role import Role
from bot.runtime.lock import only_process
from bot.runtime.memory import settle_memory
from bot.runtime.storage_check import warn_of_storage
from bot.settings_file import Configuration

HARD_STOP: Final = 10.0
"""Seconds from the first signal after which the process ends whatever it is doing."""


def run(configuration: Configuration, role: Role) -> None:
    """Run one process until SIGTERM or SIGINT; SIGHUP has it read its settings file again."""
    environment = configuration.environment
    if role is not Role.ALL and is_sqlite(environment.database_url):
        fail(
            f"`run {role}` needs PostgreSQL, and DATABASE_URL names a SQLite file, which belongs "
            "to one process. Use `threadline run`, or set DATABASE_URL=postgresql://…"
        )
    with only_process(environment.database_url):
        configure(style=environment.log_format, level=environment.log_level)
        warn_of_storage(environment.database_url, Clock().now())
        asyncio.run(_until_signalled(configuration, role))


async def _until_signalled(configuration: Configuration, role: Role) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_stopping, stop)
    reload = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    await serve(
        configuration,
        clock=Clock(),
        role=role,
        stop=stop,
        reload=reload,
        settle=settle_memory,
    )


def _begin_stopping(stop: asyncio.Event) -> None:
    if stop.is_set():
        return
    stop.set()
    # A thread, so that even a loop that hangs is ended; nothing depends on a clean end.
    timer = threading.Timer(HARD_STOP, _give_up)
    timer.daemon = True
    timer.start()


def _give_up() -> None:
    print("Did not stop in time; ending now. Nothing is lost.", file=sys.stderr, flush=True)
    os._exit(1)
