"""`threadline quarantine`: items nobody could read, and another try."""

import asyncio
import json
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Annotated, Any

import typer

from bot.cli.console import fail, good, say, sentences
from bot.cli.desk_database import beside_a_desk, opened
from bot.cli.options import Config, loaded
from bot.clock import Clock
from bot.settings_file import Configuration
from bot.usecases.quarantine import (
    Quarantined,
    Retry,
    quarantined,
    quarantined_item,
    retry,
)

MOST_LINES = 200
"""Of a structure that is shown; a hostile item may have a million parts."""

app = typer.Typer(
    name="quarantine",
    help="Items that could not be read: list them, look at one, read them again.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command("list")
def list_(config: Config = None) -> None:
    """One line an item: its id, inbox, age, ticket, and which part is at fault."""
    with sentences():
        items = asyncio.run(_all(loaded(config)))
    for item in items:
        say(_line(item))
    good(f"{_items(len(items))} could not be read." if items else "Everything could be read.")


@app.command()
def show(
    item: Annotated[int, typer.Argument(metavar="ID", help="As `list` shows it.")],
    *,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print it exactly as it came, customers' words included.")
    ] = False,
    config: Config = None,
) -> None:
    """How an item is built, without a word of it; with --raw, all of it."""
    with sentences():
        found = asyncio.run(_one(loaded(config), item))
    if found is None:
        fail(f"No item {item} is in quarantine. `threadline quarantine list` shows those that are.")
    about, payload = found
    say(_line(about))
    if raw:
        say(f"reason: {about.reason}")
        say(_inert(payload.decode("utf-8", "backslashreplace")))
        return
    for number, line in enumerate(structure(payload)):
        if number == MOST_LINES:
            say("…")
            return
        say(_inert(line))


@app.command("retry")
def retry_(
    items: Annotated[
        list[int] | None, typer.Argument(metavar="[ID]...", help="As `list` shows them.")
    ] = None,
    *,
    inbox: Annotated[str | None, typer.Option(help="All of one inbox.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    config: Config = None,
) -> None:
    """Have items read again: at the next look of a running desk, else when it starts."""
    if sum((bool(items), inbox is not None, everything)) != 1:
        raise typer.BadParameter("Name items, or --inbox NAME, or --all.")
    with sentences():
        configuration = loaded(config)
        url = configuration.environment.database_url
        with beside_a_desk(url):
            count = asyncio.run(_retry(configuration, Retry(ids=items or (), inbox=inbox)))
    if not count:
        fail("Nothing to read again: no such item is in quarantine.")
    good(f"{_items(count)} will be read again at the next look into the inbox.")


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _inert(text: str) -> str:
    """Nothing in it steers a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


async def _all(configuration: Configuration) -> list[Quarantined]:
    async with opened(configuration) as database:
        return await database.read(quarantined)


async def _one(configuration: Configuration, item: int) -> tuple[Quarantined, bytes] | None:
    async with opened(configuration) as database:
        return await database.read(lambda conn: quarantined_item(conn, item))


async def _retry(configuration: Configuration, command: Retry) -> int:
    async with opened(configuration) as database:
        return await database.write(lambda tx: retry(tx, command), now=Clock().now())


def _line(item: Quarantined) -> str:
    ticket = f"#{item.ticket}" if item.ticket is not None else "no ticket"
    return (
        f"{item.id}  {item.inbox}  {item.received_at:%Y-%m-%d %H:%M} UTC  {item.size} bytes  "
        f"{ticket}  {item.pointer}"
    )


def structure(payload: bytes) -> Iterator[str]:
    """How an item is built, a line a part: names and sizes, never a value."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        yield from _parts(BytesParser(policy=policy.compat32).parsebytes(payload), depth=0)
        return
    yield from _shape("", value)


def _shape(path: str, value: Any) -> Iterator[str]:
    match value:
        case dict():
            yield f"{path or '(the whole)'}: an object of {len(value)} keys"
            for key, inner in value.items():
                yield from _shape(f"{path}.{key[:60]}".lstrip("."), inner)
        case list():
            yield f"{path or '(the whole)'}: a list of {len(value)}"
            for index, inner in enumerate(value):
                yield from _shape(f"{path}[{index}]", inner)
        case str():
            yield f"{path}: text, {len(value)} characters"
        case None:
            yield f"{path}: null"
        case _:
            yield f"{path}: {type(value).__name__}"


def _parts(message: Message, *, depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}{message.get_content_type()}, {len(message)} headers: {_headers(message)}"
    content = message.get_payload()
    if isinstance(content, list):
        for part in content:
            if isinstance(part, Message):
                yield from _parts(part, depth=depth + 1)
    else:
        yield f"{indent}  {len(str(content))} characters"


def _headers(message: Message) -> str:
    return ", ".join(dict.fromkeys(name[:60] for name in message))
