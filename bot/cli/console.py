"""How commands speak: one console for answers, one for errors, one way to fail."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from bot.errors import DeskError, SettingsError
from bot.log import redact_tokens

out: Final = Console(soft_wrap=True, highlight=False)
err: Final = Console(stderr=True, soft_wrap=True, highlight=False)

WRONG: Final = 1
"""Exit code: something is wrong, and was said."""


def say(text: str, *, style: str | None = None) -> None:
    """Print `text` as it is; square brackets in it are no markup."""
    out.print(escape(text), style=style)


def good(text: str) -> None:
    """A check that passed."""
    out.print(f"[green]✓[/green] {escape(text)}")


def warn(text: str) -> None:
    """Something that works, but is hardly meant."""
    out.print(f"[yellow]![/yellow] {escape(text)}")


def bad(text: str) -> None:
    """A check that failed."""
    out.print(f"[red]✗[/red] {escape(text)}")


def fail(*sentences: str) -> NoReturn:
    """Say what is wrong and leave with exit code 1."""
    for sentence in sentences:
        err.print(f"[red]✗[/red] {escape(redact_tokens(sentence))}")
    raise typer.Exit(WRONG)


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what the desk refuses, and what the machine denies, into sentences and exit code 1."""
    try:
        yield
    except SettingsError as exc:
        fail(*exc.problems)
    except DeskError as exc:
        fail(str(exc))
    except OSError as exc:
        fail(f"{exc.strerror or type(exc).__name__}: {exc.filename or 'no file involved'}.")


@contextmanager
def progress(what: str) -> Iterator[None]:
    """A spinner on a terminal while something takes longer than a moment; a line elsewhere."""
    if out.is_terminal:
        with out.status(escape(what)):
            yield
    else:
        print(what, file=sys.stderr, flush=True)
        yield
