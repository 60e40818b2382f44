"""`threadline audit`: prove that the history is as it was written, and hand it out."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, TextIO

import typer
from sqlalchemy import Connection

from bot.cli.console import fail, good, say, sentences, warn
from bot.cli.days import a_day
from bot.cli.desk_database import opened
from bot.cli.options import Config, loaded
from bot.db.apart import ReadApart
from bot.db.history_rows import the_chain
from bot.db.sealed import keys_in
from bot.domain.chain import Break, ChainKey, Event, Fault, Link, chain_key, read_head
from bot.runtime.instance_key import instance_key
from bot.settings_file import Configuration
from bot.usecases.history import Proof, prove_history
from connectors.signing import keys_that_signed

app = typer.Typer(
    name="audit",
    help="The history of everything that was done: prove it, hand it out.",
    no_args_is_help=True,
    add_completion=False,
)

_MEANING: Final[Mapping[Fault, str]] = {
    Fault.CHANGED: "was changed after it was sealed",
    Fault.MISSING: "is gone",
    Fault.UNTIED: "does not follow the one before it: a link was changed, removed or moved",
    Fault.UNKNOWN_KEY: "is sealed under another instance key: name it in THREADLINE_OLD_INSTANCE_KEYS",
    Fault.CUT_OFF: "was the end that you noted, and the chain does not have it any more",
    Fault.UNSEALED: "is old and was never sealed: something other than the desk wrote it",
}


@app.command()
def verify(
    head: Annotated[
        str | None,
        typer.Option(metavar="SEQ:SEAL", help="An end of the chain that you noted down earlier."),
    ] = None,
    config: Config = None,
) -> None:
    """Walk the whole chain and name every event that was changed, removed or put in."""
    with sentences():
        proof = asyncio.run(_prove(loaded(config), _noted(head)))
    for each in proof.breaks:
        warn(_line(each))
    if proof.further:
        warn(f"… and {proof.further:,} more")
    if not proof.ok:
        fail(
            "The history is not as it was written. Keep this database as it is, compare it with a "
            "backup, and find out who could write to it."
        )
    erased = f", {proof.erased:,} of them emptied on purpose" if proof.erased else ""
    good(f"{proof.links:,} events are as they were written{erased}.")
    if proof.head:
        say(f"The chain ends at {proof.head}. Note it down where nobody of the desk can write.")


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="The new file, JSON lines.")],
    since: Annotated[str | None, typer.Option(help="The first day (UTC): 2026-03-01.")] = None,
    until: Annotated[str | None, typer.Option(help="The last day (UTC), included.")] = None,
    config: Config = None,
) -> None:
    """Write the sealed history, one event a line, with its number and seal. Holds people's names."""
    first, last = _midnight(a_day("since", since)), _midnight(a_day("until", until))
    end = None if last is None else last + timedelta(days=1)
    with sentences():
        if output.exists():
            fail(f"--output {output}: that file exists already. Name a new one.")
        configuration = loaded(config)
        count = asyncio.run(_write(configuration, output, first, end))
    good(f"{output}: {count:,} events")


def _noted(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return None
    try:
        return read_head(head)
    except ValueError:
        fail(
            f'--head "{head}": that is no end of a chain. It looks like 1234:9f86d081884c7d65; '
            "`threadline audit verify` prints the one of today."
        )


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def _keys(configuration: Configuration) -> Mapping[str, ChainKey]:
    made = map(chain_key, keys_that_signed(instance_key(configuration.environment)))
    return {key.name: key for key in made}


async def _apart(configuration: Configuration) -> ReadApart:
    """A way to read that a desk at work does not wait for, once the database is known to be ours."""
    async with opened(configuration) as database:
        return ReadApart(configuration.environment.database_url, keys_in(database.engine))


async def _prove(configuration: Configuration, noted: tuple[int, str] | None) -> Proof:
    keys = _keys(configuration)
    apart = await _apart(configuration)
    return await apart.read(lambda conn: prove_history(conn, keys, noted=noted))


async def _write(
    configuration: Configuration, output: Path, since: datetime | None, end: datetime | None
) -> int:
    apart = await _apart(configuration)

    def read(conn: Connection) -> int:
        with output.open("x", encoding="utf-8") as file:
            return _lines(_between(conn, since, end), file)

    return await apart.read(read)


def _between(
    conn: Connection, since: datetime | None, end: datetime | None
) -> Iterator[tuple[Link, Event]]:
    for link, event in the_chain(conn):
        if event is None or (since and event.at < since) or (end and event.at >= end):
            continue
        yield link, event


def _lines(found: Iterator[tuple[Link, Event]], file: TextIO) -> int:
    count = 0
    for link, event in found:
        file.write(json.dumps(_told(link, event), ensure_ascii=True, sort_keys=True) + "\n")
        count += 1
    return count


def _told(link: Link, event: Event) -> dict[str, Any]:
    return {
        "seq": link.seq,
        "event": event.id,
        "ticket": event.ticket_id,
        "type": event.type,
        "actor": event.actor,
        "at": event.at.isoformat(),
        "data": event.data,
        "erased": link.erased,
        "seal": link.seal.hex(),
    }


def _line(each: Break) -> str:
    where = [f"link {each.seq:,}"] if each.seq is not None else []
    where += [f"event {each.event_id}"] if each.event_id is not None else []
    return f"{', '.join(where)} {_MEANING[each.fault]}"
