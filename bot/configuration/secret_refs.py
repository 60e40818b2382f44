"""`env:NAME` and `file:PATH`: how the file names a secret without holding it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.configuration.problems import Found, Problem
from bot.configuration.source import Source
from sla_rules.toml_lines import Place

LONGEST_SECRET = 64 * 1024
"""Bytes read from a `file:` secret; a key file is smaller, a mistyped path may not be."""


class Unresolved(ValueError):
    """A reference that leads to nothing. `remedy` says what to do."""

    def __init__(self, wrong: str, remedy: str) -> None:
        super().__init__(wrong)
        self.remedy = remedy


def is_reference(value: str) -> bool:
    """Whether `value` names a secret rather than being one."""
    return value.startswith(("env:", "file:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Where references are looked up. Relative paths are beside the settings file."""

    environ: Mapping[str, str]
    base: Path

    def resolve(self, reference: str) -> str:
        """The secret itself.

        Raises:
            Unresolved: the variable is not set, or the file cannot be read or is empty.
        """
        kind, _, name = reference.partition(":")
        if not name:
            raise Unresolved("leads nowhere.", 'Write "env:NAME" or "file:PATH".')
        if kind == "env":
            value = self.environ.get(name, "")
            if not value:
                raise Unresolved(
                    f"the environment variable {name} is not set.",
                    f"Put {name}=… into the environment, or into `.env` beside the file.",
                )
            return value
        path = self.base / Path(name).expanduser()
        try:
            with path.open(encoding="utf-8") as file:
                value = file.read(LONGEST_SECRET).strip()
        except (OSError, UnicodeDecodeError):
            raise Unresolved(
                f"the file {path} cannot be read.", "Check the path and who may read it."
            ) from None
        if not value:
            raise Unresolved(f"the file {path} is empty.", "Put the secret into it.")
        return value


def secret_at(
    source: Source, table: str, key: str, secrets: Secrets, problems: Found
) -> SecretStr | None:
    """The secret that a table's key names; None where it names none, or becomes a problem."""
    found = source.table.get(table)
    written = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(written, str) or not written.strip():
        return None
    where, place = f"{table} → {key}", (table, key)
    if not is_reference(written):
        problems.append(written_out(where, place))
        return None
    try:
        return SecretStr(secrets.resolve(written))
    except Unresolved as exc:
        problems.append(leads_nowhere(written, exc, where, place))
        return None


def written_out(where: str, place: Place) -> Problem:
    """A secret that stands in the file itself."""
    return Problem(
        where=where,
        wrong="a secret may not stand in the file.",
        remedy='Write "env:NAME" or "file:PATH" and keep the secret there.',
        place=place,
    )


def leads_nowhere(reference: str, exc: Unresolved, where: str, place: Place) -> Problem:
    """A reference without a secret behind it."""
    return Problem(
        where=where, value=f'"{reference}":', wrong=str(exc), remedy=exc.remedy, place=place
    )
