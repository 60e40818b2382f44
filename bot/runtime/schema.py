"""Whether the database is at the version this code needs."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.db.unit import Database
from bot.errors import DeskError

MOVING = "moving"
"""The version of a database that a desk is being moved into: none starts on it."""

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


class DatabaseUnreachable(DeskError):
    """The database did not answer, or refused us."""


class WrongSchema(DeskError):
    """The database is older or newer than this code."""


def alembic_config(url: str) -> Config:
    """Alembic's configuration for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["url"] = url
    return config


@cache
def heads() -> frozenset[str]:
    """The revisions this code was written against."""
    return frozenset(ScriptDirectory(str(_MIGRATIONS)).get_heads())


def applied(conn: Connection) -> frozenset[str]:
    """The revisions the database has."""
    return frozenset(MigrationContext.configure(conn).get_current_heads())


async def require_head(database: Database) -> None:
    """Refuse to work on any other version of the schema.

    Raises:
        WrongSchema: naming the command that mends it.
        DatabaseUnreachable: the database did not answer.
    """
    try:
        found = await database.read(applied)
    except (SQLAlchemyError, OSError) as exc:
        why = exc.orig if isinstance(exc, DBAPIError) else exc
        raise DatabaseUnreachable(
            f"The database cannot be opened ({type(why).__name__}: {why}). Check DATABASE_URL."
        ) from None
    if found == heads():
        return
    if not found:
        raise WrongSchema("The database is empty. Run `threadline migrate` first.")
    if found == {MOVING}:
        raise WrongSchema(
            "A move into this database was not finished. Run the same `threadline migrate --from … "
            "--to …` again with --resume."
        )
    known = {revision.revision for revision in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    if found <= known:
        raise WrongSchema(
            f"The database is at version {_names(found)}, this Threadline needs {_names(heads())}. "
            "Back it up, then run `threadline migrate`."
        )
    raise WrongSchema(
        f"The database is at version {_names(found)}, which this Threadline does not know: "
        "a newer one wrote it. Install that version again."
    )


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest version."""
    command.upgrade(alembic_config(url), "head")


def _names(revisions: frozenset[str]) -> str:
    return ", ".join(sorted(revisions)) or "none"
