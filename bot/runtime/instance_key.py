"""The key that signs our Message-IDs, so that our own mail is recognised when it comes back."""

import os
import secrets

from bot.errors import SettingsError
from bot.runtime.lock import database_file
from bot.settings import Environment

KEY_BYTES = 32


def instance_key(environment: Environment) -> bytes:
    """From `THREADLINE_INSTANCE_KEY`, else from `<database>.key`, which is made when missing.

    Raises:
        SettingsError: several processes share the database and no key was given to all of them.
    """
    if environment.instance_key is not None:
        return environment.instance_key.get_secret_value().encode()
    file = database_file(environment.database_url)
    if file is None:
        problem = (
            "environment: THREADLINE_INSTANCE_KEY is not set. All processes of one desk need "
            f"the same: make one with `openssl rand -hex {KEY_BYTES}` and keep it."
        )
        raise SettingsError([problem])
    path = file.with_name(f"{file.name}.key")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    key = secrets.token_hex(KEY_BYTES).encode()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(key)
    return key
