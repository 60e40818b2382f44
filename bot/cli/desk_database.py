"""The desk's database for commands that look at it, or change it, without the desk."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Final

from bot.cli.console import fail
from bot.db.engine import create_engine, sqlite_takes_two_writers
from bot.db.sealed import with_keys
from bot.db.unit import Database
from bot.domain.desk import Desk, InboxRoute
from bot.domain.roster import Roster
from bot.runtime import schema
from bot.runtime.key_ring import check_keys, reading_ring
from bot.runtime.lock import AlreadyRunning, database_file, only_process
from bot.settings_file import Configuration, RuleBook

_NO_UNDO: Final = timedelta(0)
_TWO_WRITERS: Final = sqlite_takes_two_writers()


@asynccontextmanager
async def opened(configuration: Configuration) -> AsyncIterator[Database]:
    """The database, at the version this code needs.

    Raises:
        WrongSchema: it is at another version.
        DatabaseUnreachable: it did not answer.
        WrongInstanceKey: what is sealed in it cannot be opened.
    """
    file = database_file(configuration.environment.database_url)
    if file is not None and not file.is_file():
        fail(f"There is no database at {file}. Run `threadline migrate` first.")
    ring = reading_ring(configuration.environment)
    engine = create_engine(configuration.environment.database_url)
    database = Database(engine if ring is None else with_keys(engine, ring))
    try:
        await schema.require_head(database)
        await database.read(lambda conn: check_keys(conn, ring))
        yield database
    finally:
        await database.close()


@contextmanager
def beside_a_desk(url: str, *, two_writers: bool = _TWO_WRITERS) -> Iterator[None]:
    """Keep a desk from starting meanwhile; one that runs may go on where two processes may write.

    Raises:
        AlreadyRunning: a desk uses this SQLite file, and its library may lose commits when two write.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(only_process(url))
        except AlreadyRunning:
            if not two_writers:
                raise
        yield


def desk_without_slack(rules: RuleBook) -> Desk:
    """Rules and inboxes as configured. Nobody is on the roster: no person acts through it."""
    return Desk(
        inboxes={
            inbox.name: InboxRoute(
                name=inbox.name,
                connector=inbox.connector,
                channel=inbox.channel,
                label=inbox.label,
                language=inbox.language,
                calendar=inbox.calendar,
                badge=inbox.badge,
                observe=inbox.observe,
                platform=spec.manifest.channel
                if (spec := rules.registry.specs.get(inbox.connector))
                else "",
            )
            for inbox in rules.settings.inboxes
        },
        policies=rules.policies,
        calendars=rules.calendars,
        roster=Roster(agents={}, managers=()),
        ops_channel=None,
        undo_window=_NO_UNDO,
        timezone=rules.settings.desk.timezone,
        language=rules.settings.desk.language,
    )
