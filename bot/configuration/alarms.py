"""`[alarms]`: the password of its account is resolved, and never stands in the file."""

from collections.abc import Mapping

from pydantic import SecretStr

from bot.configuration.problems import Found, Problem
from bot.configuration.secret_refs import Secrets, Unresolved, is_reference
from bot.configuration.source import Source


def alarm_password(source: Source, secrets: Secrets, problems: Found) -> SecretStr | None:
    """The password, where the table names one; what cannot be used becomes a problem."""
    table = source.table.get("alarms")
    written = table.get("smtp_password") if isinstance(table, Mapping) else None
    if not isinstance(written, str) or not written.strip():
        return None
    where, place = "alarms → smtp_password", ("alarms", "smtp_password")
    if not is_reference(written):
        problems.append(
            Problem(
                where=where,
                wrong="a secret may not stand in the file.",
                remedy='Write "env:NAME" or "file:PATH" and keep the secret there.',
                place=place,
            )
        )
        return None
    try:
        return SecretStr(secrets.resolve(written))
    except Unresolved as exc:
        problems.append(
            Problem(
                where=where, value=f'"{written}":', wrong=str(exc), remedy=exc.remedy, place=place
            )
        )
        return None
