"""The instance key: it signs our Message-IDs and links, and wraps the keys that seal words.

It comes from the environment, or from a file beside a SQLite database. Former ones still open and
still prove what they signed.
"""

import os
import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from bot.errors import SettingsError
from bot.runtime.lock import database_file
from bot.settings import Environment
from connectors.signing import SigningKey

KEY_BYTES = 32


def instance_key(environment: Environment) -> SigningKey:
    """From `THREADLINE_INSTANCE_KEY`, else from `<database>.key`, which is made when missing.

    Raises:
        SettingsError: several processes share the database and no key was given to all of them,
            or the file is gone whose key sealed the database.
    """
    found = _known(environment)
    if found is not None:
        return SigningKey(found, old=_old(environment))
    file = database_file(environment.database_url)
    if file is None:
        problem = (
            "environment: THREADLINE_INSTANCE_KEY is not set. All processes of one desk need "
            f"the same: make one with `openssl rand -hex {KEY_BYTES}` and keep it."
        )
        raise SettingsError([problem])
    path = _key_file(file)
    if _is_sealed(file):
        problem = (
            f"environment: {file} is sealed, and its key is not here: {path} is gone and "
            "THREADLINE_INSTANCE_KEY is not set. Put the file back, or set the variable to what "
            "the desk ran with. No new key is made: it would open nothing."
        )
        raise SettingsError([problem])
    return SigningKey(_made(path), old=_old(environment))


def known_keys(environment: Environment) -> Sequence[bytes]:
    """The instance key and the former ones, as far as there are any; none is made."""
    found = _known(environment)
    old = _old(environment)
    return old if found is None else (found, *old)


def _known(environment: Environment) -> bytes | None:
    if environment.instance_key is not None:
        return environment.instance_key.get_secret_value().encode()
    file = database_file(environment.database_url)
    if file is None:
        return None
    try:
        return _key_file(file).read_bytes()
    except FileNotFoundError:
        return None


def _old(environment: Environment) -> tuple[bytes, ...]:
    if environment.old_instance_keys is None:
        return ()
    parts = environment.old_instance_keys.get_secret_value().split(",")
    return tuple(each.strip().encode() for each in parts if each.strip())


def _key_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.key")


def _made(path: Path) -> bytes:
    key = secrets.token_hex(KEY_BYTES).encode()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(key)
    return key


def _is_sealed(file: Path) -> bool:
    """Whether the database has data keys. One that cannot be read says so elsewhere."""
    if not file.is_file():
        return False
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return connection.execute("SELECT 1 FROM data_key LIMIT 1").fetchone() is not None
        finally:
            connection.close()
    except sqlite3.Error:
        return False
