"""`threadline health`: how the seller stands with each marketplace, and figures from report files."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import sentences
from bot.cli.options import Config, loaded
from connectors.report_files.formats import Format

app = typer.Typer(
    name="health",
    help="How the shop stands by what marketplaces judge sellers by.",
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def show(
    ctx: typer.Context,
    *,
    inbox: Annotated[str | None, typer.Option(help="One inbox by its name.")] = None,
    config: Config = None,
) -> None:
    """Print every figure with its threshold, how many misses are left, and how it moved."""
    if ctx.invoked_subcommand is not None:
        return
    from bot.cli import health_table as command  # noqa: PLC0415 - others start without reports

    with sentences():
        command.show(loaded(config), inbox)


@app.command("import")
def import_(  # noqa: PLR0917 - typer reads options from the signature
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A report of the marketplace.")],
    inbox: Annotated[str, typer.Option(help="The inbox it is about, by its name.")],
    as_: Annotated[
        Format | None, typer.Option("--as", help="Its format, where it is not found out.")
    ] = None,
    marketplace: Annotated[
        str, typer.Option(help="Its marketplace, such as it or de, where the file is of another.")
    ] = "",
    language: Annotated[
        str, typer.Option(help="The language of its headings, where that is a surprise.")
    ] = "",
    made_on: Annotated[
        str | None,
        typer.Option("--date", help="The day it was made, as 2026-03-10; else today."),
    ] = None,
    config: Config = None,
) -> None:
    """Take the figures of a report file in, each day's once; a corrected file replaces them."""
    from bot.cli import health_table as command  # noqa: PLC0415 - as above

    wanted = command.Wanted(
        file=file,
        inbox=inbox,
        wanted=as_,
        marketplace=marketplace,
        language=language,
        made_on=made_on,
    )
    with sentences():
        command.take(loaded(config), wanted)
