"""Days that commands are told."""

from datetime import date
from typing import Final

from bot.cli.console import fail

_FIRST_YEAR: Final = 2000


def a_day(option: str, text: str | None) -> date | None:
    """The day that `--option` says; None where it says nothing. Ends the command for anything else."""
    if text is None:
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        fail(f'--{option} "{text}": that is no date. Write one like 2026-03-01.')
    if not _FIRST_YEAR <= found.year < date.max.year:
        fail(f"--{option} {text}: no desk was there in that year. Write one like 2026-03-01.")
    return found
