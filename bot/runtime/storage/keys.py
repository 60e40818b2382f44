"""The secrets that backups are sealed with, and opened."""

from collections.abc import Sequence

from bot.runtime.instance_key import instance_key, known_keys
from bot.runtime.storage.sealed_file import BACKUP_KEY, INSTANCE_KEY, Secret
from bot.settings import Environment


def sealing_secret(environment: Environment) -> Secret:
    """`THREADLINE_BACKUP_KEY` where it is set, else the instance key. Raises SettingsError."""
    own = _backup_key(environment)
    if own is not None:
        return own
    instance_key(environment)
    return Secret(name=INSTANCE_KEY, value=known_keys(environment)[0])


def opening_secrets(environment: Environment) -> Sequence[Secret]:
    """Everything a backup may have been sealed with, as far as it is here."""
    own = _backup_key(environment)
    instance = [Secret(name=INSTANCE_KEY, value=key) for key in known_keys(environment)]
    return instance if own is None else (own, *instance)


def _backup_key(environment: Environment) -> Secret | None:
    given = environment.backup_key
    if given is None:
        return None
    return Secret(name=BACKUP_KEY, value=given.get_secret_value().encode())
