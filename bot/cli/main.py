"""The command line: which commands there are and what they take. No logic lives here."""

import asyncio
import os
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import audit, calendar, health, keys, privacy, quarantine, route, rules, storage
from bot.cli import init as init_command
from bot.cli.console import good, say, sentences
from bot.cli.options import Config, loaded, settings_path
from bot.clock import Clock
from bot.log import configure
from bot.process_role import Role

app = typer.Typer(
    name="threadline",
    help="Answer every marketplace message before its deadline, from Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(audit.app, name="audit")
app.add_typer(calendar.app, name="calendar")
app.add_typer(health.app, name="health")
app.add_typer(keys.app, name="keys")
app.add_typer(privacy.app)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(route.app, name="route")
app.add_typer(rules.app, name="rules")
app.add_typer(storage.app)


def main() -> None:
    """Entry point of the `threadline` script and of `python -m bot`."""
    # What the desk writes (database, copies, keys) holds customers' words: for its own user only.
    os.umask(0o077)
    configure(level="warning")
    app(prog_name="threadline")


@app.callback(invoke_without_command=True)
def _root(
    ctx: typer.Context,
    *,
    show_version: Annotated[bool, typer.Option("--version", help="Say the version.")] = False,
) -> None:
    if show_version:
        say(f"threadline {version('threadline')}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        say(ctx.get_help())


@app.command()
def run(
    role: Annotated[
        Role, typer.Argument(help="all: one process (SQLite). worker, slack, web: PostgreSQL.")
    ] = Role.ALL,
    config: Config = None,
) -> None:
    """Run the desk until it is told to stop."""
    from bot.cli import run as command  # noqa: PLC0415 - the other commands start without it

    with sentences():
        command.run(loaded(config), role)


@app.command()
def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="Play without a browser; print a transcript.")
    ] = False,
    speed: Annotated[
        float | None, typer.Option("--speed", min=1.0, help="Desk seconds per real second.")
    ] = None,
    seed_history: Annotated[
        str | None, typer.Option(help="Make up so much of a past first, 1d to 400d: full reports.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another number makes another past.")] = 1,
) -> None:
    """Play a story in a local workspace: mails come in, deadlines run, agents answer."""
    from bot.cli.demo import play  # noqa: PLC0415 - as above

    with sentences():
        code = play(headless=headless, speed=speed, history=seed_history, seed=seed)
    raise typer.Exit(code)


@app.command()
def init(  # noqa: PLR0917 - typer reads options from the signature
    config: Config = None,
    name: Annotated[str | None, typer.Option(help="Name of the desk.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Its time zone.")] = None,
    language: Annotated[
        str | None, typer.Option(help="What it speaks: en, it, fr, de or es.")
    ] = None,
    manager: Annotated[str | None, typer.Option(help="Slack e-mail of the manager.")] = None,
    agent: Annotated[
        list[str] | None,
        typer.Option(help='An agent, as "Anna Rossi=anna@shop.example". Repeatable.'),
    ] = None,
    connector: Annotated[str | None, typer.Option(help="Its channel's key.")] = None,
    channel: Annotated[str | None, typer.Option(help="Slack channel of its tickets.")] = None,
    mailbox: Annotated[str | None, typer.Option(help="Mail address of the inbox.")] = None,
    imap_host: Annotated[str | None, typer.Option(help="Its IMAP server.")] = None,
    smtp_host: Annotated[str | None, typer.Option(help="Its SMTP server.")] = None,
) -> None:
    """Ask what a new desk needs and write its settings file."""
    answers = init_command.Answers(
        name=name,
        timezone=timezone,
        language=language,
        manager=manager,
        agents=agent or (),
        connector=connector,
        channel=channel,
        mailbox=mailbox,
        imap_host=imap_host,
        smtp_host=smtp_host,
    )
    with sentences():
        init_command.init(settings_path(config), answers)


@app.command()
def channels(
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help="A channel: how it is set up.")
    ] = None,
) -> None:
    """List the channels, or say how one of them is set up."""
    from bot.cli import channels as command  # noqa: PLC0415 - as above

    with sentences():
        command.list_channels() if key is None else command.show_channel(key)


@app.command()
def check(config: Config = None) -> None:
    """Validate the settings offline; show two sample deadlines per inbox."""
    from bot.cli import check as command  # noqa: PLC0415 - as above

    with sentences():
        command.check(loaded(config), Clock().now())


@app.command()
def doctor(config: Config = None) -> None:
    """Test the live connections and Slack's scopes, one line each."""
    from bot.cli import doctor as command  # noqa: PLC0415 - as above

    with sentences():
        healthy = asyncio.run(command.doctor(loaded(config), Clock()))
    if healthy:
        good("Everything works.")
    raise typer.Exit(0 if healthy else 1)


@app.command()
def manifest(
    name: Annotated[str, typer.Option(help="The app's name in Slack.")] = "Threadline",
    http: Annotated[
        str | None,
        typer.Option("--http", metavar="URL", help="Public https address, for HTTP mode."),
    ] = None,
    aliases: Annotated[
        bool, typer.Option("--aliases", help="Declare /claim and /reply as well.")
    ] = False,
) -> None:
    """Print the Slack app manifest: Socket Mode, or HTTP with --http."""
    from bot.cli.manifest import print_manifest  # noqa: PLC0415 - as above

    print_manifest(name=name, http=http, aliases=aliases)


@app.command()
def explain(
    ticket: Annotated[int, typer.Argument(metavar="TICKET", help="Its number.", min=1)],
    config: Config = None,
) -> None:
    """Say why each deadline of a ticket is when it is."""
    from bot.cli import explain as command  # noqa: PLC0415 - as above

    with sentences():
        asyncio.run(command.explain(loaded(config), ticket, Clock().now()))


@app.command()
def recompute(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would move. This is the default.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Move it.")] = False,
    also_past: Annotated[
        bool, typer.Option("--also-past", help="Also tickets that are late by the new rules.")
    ] = False,
    config: Config = None,
) -> None:
    """Bring open tickets under the policies and calendars as they are written now."""
    from bot.cli import recompute as command  # noqa: PLC0415 - as above

    if dry_run and apply:
        raise typer.BadParameter("--dry-run and --apply exclude each other.")
    with sentences():
        command.run(loaded(config), Clock().now(), apply=apply, also_past=also_past)


@app.command()
def whatif(  # noqa: PLR0917 - typer reads options from the signature
    policy: Annotated[
        Path | None,
        typer.Option(help="A file with other [[policies]], [calendars.NAME] or [[inboxes]]."),
    ] = None,
    calendar: Annotated[
        Path | None,
        typer.Option(help="A file whose [calendars.NAME] are tried, whatever else is in it."),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(help="A file whose [shifts.NAME] are tried: answers move, rules stay."),
    ] = None,
    last: Annotated[str, typer.Option(help="How much history, such as 90d.")] = "90d",
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Also draw a chart.")
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Keep the answer for /sla whatif in Slack.")
    ] = False,
    config: Config = None,
) -> None:
    """Say which deadlines of the past other rules or people would have missed or met.

    Reads history and changes nothing. Rules are judged by the answers that were given. With
    --roster each answer takes the person-hours it took under today's [shifts.NAME] and is given
    when the other shifts have worked as many; one given outside every shift keeps its delay.
    """
    from bot.cli import whatif as command  # noqa: PLC0415 - as above
    from bot.cli.whatif_proposal import Files  # noqa: PLC0415 - as above

    files = Files(policy=policy, calendar=calendar, roster=roster)
    wanted = command.Wanted(last=last, chart=chart, share=share)
    with sentences():
        command.run(loaded(config), files, wanted, Clock().now())


@app.command()
def backfill(
    inbox: Annotated[str, typer.Option(help="The inbox, by its name in the settings file.")],
    last: Annotated[str, typer.Option(help="How much of the past: 1d to 400d.")] = "90d",
    folder: Annotated[
        list[str] | None,
        typer.Option(help="A folder to read in place of the inbox's own. Repeatable."),
    ] = None,
    sent_folder: Annotated[
        str | None,
        typer.Option(help='Where the answers are, if it is not found; "none": nowhere.'),
    ] = None,
    database: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Else backfill-INBOX.db beside the settings."),
    ] = None,
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin again, in place of going on.")
    ] = False,
    config: Config = None,
) -> None:
    """Read an inbox's past and print a first report: read-only, no Slack, nothing is sent.

    The conversations are rebuilt in a database of their own. A reading that was stopped goes on
    where it was.
    """
    from bot.cli import backfill as command  # noqa: PLC0415 - as above

    wanted = command.Wanted(
        inbox=inbox,
        last=last,
        folders=tuple(folder or ()),
        sent_folder=sent_folder,
        database=database,
        fresh=fresh,
    )
    with sentences():
        command.run(loaded(config), wanted, Clock())


@app.command()
def report(  # noqa: PLR0917 - typer reads options from the signature
    question: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PERIOD]", help="today, 7d, 30d, 2026-03-01..2026-03-31 [by channel]. Else 7d."
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Cut the figures: channel, inbox, intent, weekday …")
    ] = None,
    inbox: Annotated[list[str] | None, typer.Option(help="Only this one. Repeatable.")] = None,
    told_as: Annotated[
        str, typer.Option("--format", help="table, csv, json, html or png.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; of png, the folder.")
    ] = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="With csv: the tickets and waits behind the figures.")
    ] = False,
    config: Config = None,
) -> None:
    """Print the figures of a period: answered in time, how fast, why not, and what changed."""
    from bot.cli import report as command  # noqa: PLC0415 - as above

    wanted = command.Wanted(
        words=" ".join(question or ()),
        by=by,
        inboxes=tuple(inbox or ()),
        format=told_as,
        output=output,
        rows=rows,
    )
    with sentences():
        command.run(loaded(config), wanted, Clock())


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the files.")],
    what: Annotated[
        str, typer.Option(help="tickets, messages, deadlines, events, waits, or all.")
    ] = "all",
    written_as: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    since: Annotated[str | None, typer.Option(help="The first day, such as 2026-03-01.")] = None,
    until: Annotated[str | None, typer.Option(help="The last day, included.")] = None,
    *,
    with_bodies: Annotated[bool, typer.Option("--with-bodies", help="Also the words.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files.")] = False,
    config: Config = None,
) -> None:
    """Write the desk's rows as files for BI tools, with a manifest; see docs/export.md."""
    from bot.cli import export as command  # noqa: PLC0415 - as above

    wanted = command.Wanted(
        what=what,
        format=written_as,
        output=output,
        since=since,
        until=until,
        with_bodies=with_bodies,
        overwrite=overwrite,
    )
    with sentences():
        command.run(loaded(config), wanted, Clock())


@app.command("forget-orders")
def forget_orders(
    inbox: Annotated[str, typer.Argument(metavar="INBOX", help="Its name in the file.")],
    config: Config = None,
) -> None:
    """Delete what a platform told of the orders of one inbox, and take it off the cards."""
    from bot.cli import order_data as command  # noqa: PLC0415 - as above

    with sentences():
        command.forget(loaded(config), inbox)
