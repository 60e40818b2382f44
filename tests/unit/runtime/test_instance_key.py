"""Where the instance key comes from, and what a former one is still good for."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.configuration.environment import read_environment
from bot.db.engine import create_engine
from bot.db.sealed import with_keys
from bot.db.unit import Database
from bot.domain.links import BadLink, Links
from bot.errors import SettingsError
from bot.runtime.instance_key import instance_key, known_keys
from bot.runtime.key_ring import KeyRing, prepare
from bot.settings import Environment
from connectors.mail.message_id import own_message_id, read_own_id
from connectors.signing import SigningKey
from tests.builders import NOW

OLD = b"the key of before"


def at(file: Path, **given: str) -> Environment:
    return read_environment({"DATABASE_URL": f"sqlite:///{file}", **given})


def test_a_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "threadline.db"
    assert known_keys(at(file)) == ()
    made = instance_key(at(file))
    assert instance_key(at(file)) == made
    assert known_keys(at(file)) == (made,)
    assert (tmp_path / "threadline.db.key").stat().st_mode & 0o077 == 0


def test_former_keys_come_from_the_environment() -> None:
    environment = read_environment(
        {"THREADLINE_INSTANCE_KEY": "now", "THREADLINE_OLD_INSTANCE_KEYS": " one, two ,,"}
    )
    key = instance_key(environment)
    assert (bytes(key), tuple(key.old)) == (b"now", (b"one", b"two"))
    assert known_keys(environment) == (b"now", b"one", b"two")
    assert "now" not in repr(key)


async def test_no_new_key_is_made_for_a_database_that_is_sealed(
    tmp_path: Path, sqlite_template: Path
) -> None:
    file = tmp_path / "threadline.db"
    shutil.copy(sqlite_template, file)
    ring = KeyRing([instance_key(at(file))])
    database = Database(with_keys(create_engine(f"sqlite:///{file}"), ring))
    await prepare(database, ring, NOW)
    await database.close()
    (tmp_path / "threadline.db.key").unlink()
    with pytest.raises(SettingsError) as caught:
        instance_key(at(file))
    assert "No new key is made" in caught.value.problems[0]
    assert not (tmp_path / "threadline.db.key").exists()


def test_what_a_former_key_signed_is_still_ours() -> None:
    key = SigningKey(b"the key of now", old=[OLD])
    name = own_message_id(OLD, ticket_number=7, reply_id="42", domain="shop.example")
    found = read_own_id(key, name)
    assert found is not None
    assert found.ticket_number == 7
    assert read_own_id(SigningKey(b"the key of now"), name) is None

    lasts = timedelta(hours=1)
    token = Links(base_url="", key=OLD).token("report", {"a": 1}, now=NOW, lasts=lasts)
    assert Links(base_url="", key=key).read("report", token, NOW) == {"a": 1}
    with pytest.raises(BadLink):
        Links(base_url="", key=b"the key of now").read("report", token, NOW)
    made = Links(base_url="", key=key).token("report", {"a": 1}, now=NOW, lasts=lasts)
    assert Links(base_url="", key=b"the key of now").read("report", made, NOW) == {"a": 1}
