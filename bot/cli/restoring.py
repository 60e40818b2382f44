"""`threadline restore`: how it asks, and what it says that has to be looked at afterwards."""

from datetime import datetime, timedelta
from pathlib import Path

import typer

from bot.cli.console import good, progress, say, warn
from bot.runtime.lock import database_file, only_process
from bot.runtime.storage import restoring as work
from bot.runtime.storage.copying import Manifest
from bot.runtime.storage.keys import opening_secrets
from bot.runtime.storage.restoring import PutBack, RestoreOrder
from bot.settings import Environment
from bot.usecases.restored import Restored


def restore(environment: Environment, file: Path, now: datetime, *, ask: bool) -> None:
    """Put a backup in the place of the database. Asks before anything changes."""

    def agreed(manifest: Manifest) -> bool:
        _describe(manifest, now)
        place = database_file(environment.database_url)
        question = f"Put it in the place of {place}? What is there now is kept under another name."
        return not ask or typer.confirm(question)

    order = RestoreOrder(
        url=environment.database_url,
        file=file,
        now=now,
        secrets=opening_secrets(environment),
        agreed=agreed,
    )
    # No spinner: it would turn over the question.
    say(f"Reading and checking {file} …")
    done = work.restore(order)
    if done is None:
        say("Nothing was changed.")
        return
    _report(environment, done, now)


def in_place(environment: Environment, copied_at: datetime | None, now: datetime) -> None:
    """Say what is so after another tool put the database back."""
    if copied_at is None:
        raise typer.BadParameter("say of when it is: --copied-at 2026-03-10T03:30:00+01:00")
    with only_process(environment.database_url), progress("Looking at what waited then …"):
        found = work.doubt_in_place(environment.database_url, copied_at, now)
    good("The database is ready. Start the desk.")
    _to_look_at(found, now - copied_at)


def _describe(manifest: Manifest, now: datetime) -> None:
    rows = manifest.rows
    say(
        f"A backup of {manifest.created_at:%Y-%m-%d %H:%M} UTC ({_age(now - manifest.created_at)} "
        f"old), made by Threadline {manifest.made_by}: {rows.get('ticket', 0)} tickets, "
        f"{rows.get('message', 0)} messages, {manifest.total} rows in all. It is whole."
    )


def _report(environment: Environment, done: PutBack, now: datetime) -> None:
    good("The backup is in place and verified. Start the desk.")
    if done.kept is not None:
        say(f"What was there before: {done.kept}. Delete it when you no longer need it.")
    if not done.has_key and environment.instance_key is None:
        warn(
            "There is no instance key here. Put the .key file of that desk beside the database, or "
            "set THREADLINE_INSTANCE_KEY, before you start: without it sealed words stay shut."
        )
    _to_look_at(done.found, now - done.manifest.created_at)


def _to_look_at(found: Restored, age: timedelta) -> None:
    say("")
    say("What to look at:")
    if found.answers:
        numbers = ", ".join(f"#{number}" for number in found.answers)
        say(
            f"- {len(found.answers)} answers waited when the copy was made ({numbers}). Each is "
            "looked for at its marketplace; where it is not found, its thread asks a person. None "
            "is sent again by itself."
        )
    say(
        f"- {found.waiting} tickets are open as far as the copy knows. Answers of the last "
        f"{_age(age)} are known again only where the marketplace shows them: look there, or in "
        "the sent folder, before you answer one of them."
    )
    if found.posts:
        say(f"- {found.posts} Slack posts waited. Each is looked for in Slack before it is posted.")
    if found.pings:
        say(f"- {found.pings} pings came due since: one for each deadline, said at once.")
    say(f"- New tickets go on after #{found.last_number}, so that no number names two of them.")
    say(
        "- What was removed since, because its time was up or a person wished it, is there again. "
        "The desk removes it within the hour; `threadline purge` does it now. Wishes that only the "
        "lost database knew have to be said again: `threadline forget` (docs/retention.md)."
    )
    say("- Cards posted since the copy was made stay in Slack; their buttons find no ticket.")


def _age(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    if hours < 1:
        return f"{max(0, int(hours * 60))} minutes"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"  # noqa: PLR2004 - two days
