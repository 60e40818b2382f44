"""A dump of a PostgreSQL database by its own tool, which knows it best."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from sqlalchemy import make_url

from bot.runtime.storage.problem import StorageProblem

PROGRAM: Final = "pg_dump"
LISTS: Final = "pg_restore"

_CONNECT_SECONDS: Final = "10"
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PGPASSFILE", "PGSERVICEFILE")


def database_name(url: str) -> str:
    """The name of the database, for the names of its backups."""
    return make_url(url).database or "threadline"


@contextmanager
def dumped(url: str) -> Iterator[IO[bytes]]:
    """What `pg_dump` writes, in its custom format.

    Raises:
        StorageProblem: the tool is not there, or it failed; nothing may be made of the dump then.
    """
    tool = shutil.which(PROGRAM)
    if tool is None:
        raise StorageProblem(
            "`backup` needs pg_dump for PostgreSQL, and it is not on the path. Install the client "
            "tools of your server's version, or use your provider's backups; docs/backup.md says "
            "how."
        )
    command = [tool, "--format=custom", "--no-owner", "--no-privileges", "--no-password"]
    with subprocess.Popen(  # noqa: S603 - our own words; where it connects is in the environment
        command, env=surroundings(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None and running.stderr is not None  # noqa: S101, PT018 - both are pipes
        yield running.stdout
        said = running.stderr.read().decode(errors="replace").strip()
    if running.returncode != 0:
        why = said.splitlines()[-1] if said else f"exit code {running.returncode}"
        raise StorageProblem(f"pg_dump could not copy the database: {why}")


def require_readable(dump: Path) -> None:
    """Have `pg_restore` read the list of what a dump holds, where it is beside `pg_dump`."""
    # One of an older version, from elsewhere, could not read what this one wrote.
    tool = Path(shutil.which(PROGRAM) or PROGRAM).with_name(LISTS)
    if not tool.is_file():
        return
    done = subprocess.run(  # noqa: S603 - our own words, and a file that we just wrote
        [tool, "--list", dump], capture_output=True, check=False
    )
    if done.returncode != 0 or b"alembic_version" not in done.stdout:
        raise StorageProblem("pg_dump's copy holds no desk. Check DATABASE_URL, then try again.")


def surroundings(url: str) -> Mapping[str, str]:
    """The environment for PostgreSQL's tools: everybody may read a command line, not this."""
    parsed = make_url(url)
    query = {name: value for name, value in parsed.query.items() if isinstance(value, str)}
    given = {
        "PGHOST": parsed.host or query.get("host"),
        "PGPORT": str(parsed.port) if parsed.port else query.get("port"),
        "PGUSER": parsed.username or query.get("user"),
        "PGPASSWORD": str(parsed.password) if parsed.password else query.get("password"),
        "PGDATABASE": parsed.database,
        "PGSSLMODE": query.get("sslmode") or query.get("ssl"),
        "PGSSLROOTCERT": query.get("sslrootcert"),
        "PGCONNECT_TIMEOUT": _CONNECT_SECONDS,
    }
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, **{name: value for name, value in given.items() if value}}
