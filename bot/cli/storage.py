"""`threadline migrate`, `backup` and `restore`: what they take. The work is in `bot.cli.data`."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import sentences
from bot.cli.options import Config, settings_path
from bot.clock import Clock
from bot.configuration.environment import read_environment, with_dotenv
from bot.settings import Environment

app = typer.Typer(add_completion=False)


@app.command()
def migrate(
    source: Annotated[
        str | None, typer.Option("--from", metavar="URL", help="Move this desk: sqlite:///FILE")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="into this one: postgresql://…")
    ] = None,
    *,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a move that was interrupted.")
    ] = False,
    no_backup: Annotated[
        bool, typer.Option("--no-backup", help="Do not copy the SQLite file first.")
    ] = False,
    config: Config = None,
) -> None:
    """Bring the database to the newest version, or move a desk to PostgreSQL."""
    from bot.cli import data, moving  # noqa: PLC0415 - the other commands start without them

    with sentences():
        if source is None and target is None and not resume:
            url = _environment(config).database_url
            data.migrate(url, Clock().now(), copy_first=not no_backup)
        elif source is None or target is None:
            raise typer.BadParameter("a move needs both --from and --to.")
        else:
            moving.move(source, target, resume=resume)


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The new file.")] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="A folder: the file is named by the time."),
    ] = None,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="With --to: delete all but the newest N.")
    ] = None,
    *,
    encrypt: Annotated[
        bool, typer.Option("--encrypt", help="Seal it with THREADLINE_BACKUP_KEY, else our key.")
    ] = False,
    config: Config = None,
) -> None:
    """Copy the database while it is in use, and verify the copy."""
    from bot.cli import data  # noqa: PLC0415 - as above

    if (file is None) == (folder is None):
        raise typer.BadParameter("name a file, or a folder with --to.")
    if keep is not None and folder is None:
        raise typer.BadParameter("--keep counts the backups in a folder: use it with --to.")
    with sentences():
        wanted = data.Wanted(file=file, folder=folder, keep=keep, encrypt=encrypt)
        data.backup(_environment(config), wanted, Clock().now())


@app.command()
def restore(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="What `threadline backup` made.")
    ] = None,
    copied_at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], help="With --already-in-place: its time."),
    ] = None,
    *,
    already_in_place: Annotated[
        bool,
        typer.Option("--already-in-place", help="Another tool put the database back, say so."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
) -> None:
    """Put a backup in the place of the database; nothing of it is sent again unseen."""
    from bot.cli import restoring  # noqa: PLC0415 - as above

    if (file is None) != already_in_place:
        raise typer.BadParameter("name a backup, or use --already-in-place.")
    with sentences():
        environment, now = _environment(config), Clock().now()
        if file is None:
            restoring.in_place(environment, copied_at, now)
        else:
            restoring.restore(environment, file, now, ask=not yes)


@app.command()
def unseal(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup made with --encrypt.")],
    new: Annotated[Path, typer.Argument(metavar="NEWFILE", help="Where it goes, open.")],
    config: Config = None,
) -> None:
    """Open a sealed backup, to look at it or restore it with other tools."""
    from bot.cli import data  # noqa: PLC0415 - as above

    with sentences():
        data.unseal(_environment(config), file, new)


def _environment(config: Path | None) -> Environment:
    """The environment alone: none of these commands needs a settings file."""
    folder = settings_path(config).parent
    return read_environment(with_dotenv(os.environ, folder))
