"""`threadline purge`, `forget`, `export-person` and `hold`: what goes, who goes, what stays."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from bot.cli.console import fail, good, progress, say, sentences, warn
from bot.cli.desk_database import beside_a_desk, desk_without_slack, opened
from bot.cli.options import Config, loaded
from bot.clock import Clock
from bot.db.hold_rows import Hold, holds
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.retention import keep_of
from bot.settings_file import Configuration
from bot.usecases.forget import Person, may_be_forgotten, people, remember_wish
from bot.usecases.legal_hold import hold_customer, hold_ticket, let_go
from bot.usecases.retention import due_in
from connectors.data_rules import rules_of

if TYPE_CHECKING:
    from bot.jobs.retention import Done, RetentionWatch

T = TypeVar("T")

_MOST: Final = 20
_BY: Final = 80

app = typer.Typer(add_completion=False)
hold = typer.Typer(
    help="Keep what would otherwise be deleted: for a dispute, or a tax audit.",
    no_args_is_help=True,
    add_completion=False,
)
app.add_typer(hold, name="hold")

Customer = Annotated[
    str | None, typer.Option(metavar="HANDLE", help="Their handle or e-mail address.")
]
OfTicket = Annotated[int | None, typer.Option(metavar="NUMBER", help="Whoever wrote this ticket.")]
Inbox = Annotated[str | None, typer.Option(help="This inbox only.")]
By = Annotated[str | None, typer.Option(help="Who says so; else who is logged in here.")]


@app.command()
def purge(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go; change nothing.")
    ] = False,
    inbox: Inbox = None,
    config: Config = None,
) -> None:
    """Remove now what may be kept no longer; the desk does it by itself every hour."""
    with sentences():
        configuration = loaded(config)
        desk = desk_with_rules(configuration)
        if inbox is not None and inbox not in desk.inboxes:
            fail(f'--inbox "{inbox}": there is none of that name in the settings file.')
        if dry_run:
            _show(desk, asyncio.run(_due(configuration, desk, inbox)))
            return
        with progress("Removing what is over its time"):
            done = _beside(configuration, lambda db: _purged(configuration, db, desk, inbox))
    for name, count in done.tickets.items():
        say(f"  {name:<20} {_tickets(count)}")
    if not done.anything:
        good("Nothing is over its time.")
        return
    good(
        f"{_tickets(sum(done.tickets.values()))} emptied, {done.items} raw items, {done.people} people."
    )
    _afterwards(configuration)


@app.command()
def forget(
    *,
    customer: Customer = None,
    ticket: OfTicket = None,
    inbox: Inbox = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the handle again.")] = False,
    config: Config = None,
) -> None:
    """Remove everything of one person: their words, names and files, in every ticket and in Slack."""
    with sentences():
        configuration = loaded(config)
        found = _found(configuration, customer, ticket, inbox)
        ids = [each.id for each in found]
        _reading(configuration, lambda db: db.read(lambda conn: may_be_forgotten(conn, ids)))
        for each in found:
            say(f"{each.handle} in {each.inbox}: {_tickets(len(each.tickets))}{_numbers(each)}")
        if not yes:
            _ask_again(found)
        with progress("Removing it"):
            _beside(configuration, lambda db: _forgotten(configuration, db, found))
    good("Removed from the database.")
    _afterwards(configuration)


@app.command("export-person")
def export_person(
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="A new or empty folder.")
    ],
    customer: Customer = None,
    ticket: OfTicket = None,
    inbox: Inbox = None,
    with_notes: Annotated[
        bool,
        typer.Option(
            "--with-notes", help="Colleagues' notes, too. Read them before you hand over."
        ),
    ] = False,
    config: Config = None,
) -> None:
    """Write all that is kept of one person: JSON, a page to read, and their files."""
    from bot.cli.person_export import write_person  # noqa: PLC0415 - for this command only

    with sentences():
        configuration = loaded(config)
        if output.exists() and (not output.is_dir() or any(output.iterdir())):
            fail(f"--output {output}: name a new or an empty folder.")
        found = _found(configuration, customer, ticket, inbox)
        ids = [each.id for each in found]
        wanted = partial(
            write_person, ids=ids, folder=output, now=Clock().now(), with_notes=with_notes
        )
        count = _reading(configuration, lambda db: db.read(wanted))
    good(f"{output}: {count} files. person.html is for people, person.json for programs.")
    warn("It holds personal data in the clear: hand it over in a safe way, then delete it.")


@hold.command("add")
def add(
    *,
    reason: Annotated[str, typer.Option(help="Why; whoever is refused a deletion reads it.")],
    customer: Customer = None,
    ticket: Annotated[int | None, typer.Option(metavar="NUMBER", help="This ticket.")] = None,
    inbox: Inbox = None,
    by: By = None,
    config: Config = None,
) -> None:
    """Keep a ticket, or everything of a customer, until the hold is ended."""
    with sentences():
        configuration = loaded(config)
        if (customer is None) == (ticket is None):
            raise typer.BadParameter("Name --ticket NUMBER or --customer HANDLE.")
        who = _by(by)
        if ticket is not None:
            steps = [partial(hold_ticket, number=ticket, reason=reason, by=who)]
        else:
            found = _found(configuration, customer, None, inbox)
            steps = [
                partial(hold_customer, customer_id=each.id, reason=reason, by=who) for each in found
            ]

        async def write(db: Database) -> list[int]:
            return [await db.write(step, now=Clock().now()) for step in steps]

        for hold_id in _beside(configuration, write):
            good(f"Hold {hold_id} holds until `threadline hold end {hold_id}`.")


@hold.command("list")
def list_(
    *,
    ended: Annotated[bool, typer.Option("--all", help="Those that ended, too.")] = False,
    config: Config = None,
) -> None:
    """One line a hold: its id, what it keeps, since when, who said so, and why."""
    with sentences():
        configuration = loaded(config)
        found = _reading(configuration, lambda db: db.read(lambda conn: holds(conn, ended=ended)))
    for each in found:
        say(_line(each))
    if not found:
        good("Nothing is held.")


@hold.command("end")
def end(
    hold_id: Annotated[int, typer.Argument(metavar="ID", help="As `list` shows it.")],
    *,
    by: By = None,
    config: Config = None,
) -> None:
    """Let go: what it kept goes when its time is up."""
    with sentences():
        configuration = loaded(config)
        who = _by(by)
        step = partial(let_go, hold_id=hold_id, by=who)
        _beside(configuration, lambda db: db.write(step, now=Clock().now()))
    good(f"Hold {hold_id} ended.")


def desk_with_rules(configuration: Configuration) -> Desk:
    """The desk as these commands need it: its inboxes with what they may keep, and how long."""
    desk = desk_without_slack(configuration)
    chosen = {each.name: each.keep_days for each in configuration.settings.inboxes}
    routes = {
        name: replace(
            route,
            keep_days=chosen[name],
            data_rules=rules_of(configuration.inbox_configs.get(name)),
        )
        for name, route in desk.inboxes.items()
    }
    return replace(desk, inboxes=routes)


def _reading(configuration: Configuration, work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        async with opened(configuration) as database:
            return await work(database)

    return asyncio.run(run())


def _beside(configuration: Configuration, work: Callable[[Database], Awaitable[T]]) -> T:
    """Write beside a desk that runs. What was overwritten leaves SQLite's log, too."""

    async def whole(database: Database) -> T:
        result = await work(database)
        await database.forget_pages()
        return result

    url = configuration.environment.database_url
    with beside_a_desk(url):
        return _reading(configuration, whole)


def _found(
    configuration: Configuration, customer: str | None, ticket: int | None, inbox: str | None
) -> list[Person]:
    if (customer is None) == (ticket is None):
        raise typer.BadParameter("Name --customer HANDLE or --ticket NUMBER.")
    look = partial(people, handle=customer, ticket=ticket, inbox=inbox)
    found = _reading(configuration, lambda db: db.read(look))
    if not found:
        fail(
            "Nobody is kept by that name. `/ticket find` in Slack searches names and words; the "
            "handle is what the card shows of the customer, or their e-mail address."
        )
    return found


async def _due(configuration: Configuration, desk: Desk, only: str | None) -> dict[str, list[int]]:
    now, found = Clock().now(), dict[str, list[int]]()
    async with opened(configuration) as database:
        for inbox in desk.inboxes if only is None else (only,):
            after: int | None = 0
            found[inbox] = []
            while after is not None:
                look = partial(due_in, desk=desk, inbox=inbox, now=now, after=after)
                after, due = await database.read(look)
                found[inbox] += [row.number for row in due]
    return found


def _show(desk: Desk, found: dict[str, list[int]]) -> None:
    for name, numbers in found.items():
        shortest = keep_of(desk.inboxes[name]).shortest
        kept = "for good" if shortest is None else f"{shortest.days} days"
        shown = ", ".join(f"#{number}" for number in numbers[:_MOST])
        more = f" and {len(numbers) - _MOST} more" if len(numbers) > _MOST else ""
        say(
            f"  {name:<20} kept {kept:<10} {_tickets(len(numbers))} would go{f': {shown}{more}' if shown else ''}"
        )
    good("Nothing was changed.")


async def _purged(
    configuration: Configuration, database: Database, desk: Desk, inbox: str | None
) -> "Done":
    watch = _watch(configuration, database, desk)
    return await watch.purge(inbox)


async def _forgotten(configuration: Configuration, database: Database, found: list[Person]) -> int:
    from bot.runtime.instance_key import instance_key  # noqa: PLC0415 - for this command only

    key = instance_key(configuration.environment)
    for each in found:
        await database.write(partial(remember_wish, person=each, key=key), now=Clock().now())
    return await _watch(configuration, database, desk_with_rules(configuration)).forget_wished()


def _watch(configuration: Configuration, database: Database, desk: Desk) -> "RetentionWatch":
    from bot.jobs.retention import RetentionWatch  # noqa: PLC0415 - for these commands only
    from bot.runtime.instance_key import instance_key  # noqa: PLC0415

    key = instance_key(configuration.environment)
    return RetentionWatch(database, lambda: desk, Clock(), key)


def _ask_again(found: list[Person]) -> None:
    typed = typer.prompt("This cannot be undone. Type the handle again").strip()
    if typed.casefold() not in {each.handle.casefold() for each in found}:
        fail("That is another handle. Nothing was removed.")


def _afterwards(configuration: Configuration) -> None:
    say("Slack: a desk that runs removes the posts now, about 30 a minute; else the next one does.")
    if not configuration.environment.database_url.startswith("sqlite"):
        say("PostgreSQL: run VACUUM; archived WAL and dumps lose it with their own age.")
    say("Backups made before still hold it: docs/retention.md.")


def _by(name: str | None) -> str:
    return (name or getpass.getuser())[:_BY]


def _tickets(count: int) -> str:
    return "1 ticket" if count == 1 else f"{count} tickets"


def _numbers(person: Person) -> str:
    shown = ", ".join(f"#{number}" for number in person.tickets[:_MOST])
    return f" ({shown}{', …' if len(person.tickets) > _MOST else ''})" if shown else ""


def _line(each: Hold) -> str:
    of = f"#{each.number}" if each.number is not None else f"customer {each.handle}"
    until = f", ended {each.ended_at:%Y-%m-%d}" if each.ended_at else ""
    return f"{each.id}  {of}  since {each.at:%Y-%m-%d}{until}  {each.by}: {each.reason}"
