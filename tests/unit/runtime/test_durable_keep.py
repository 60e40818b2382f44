"""What connectors keep: across processes, and unreadable without the instance key."""

from pathlib import Path

import pytest

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.runtime.durable_keep import DurableKeep
from bot.runtime.sealing import Sealer, Unsealable
from tests.builders import NOW, prepare
from tests.db.reading import rows

KEY = b"a" * 64
TOKEN = "refresh-token-93f1"


def a_keep(db: Database, *, key: bytes = KEY, inbox: str = "shop") -> DurableKeep:
    return DurableKeep(db, Clock(start=NOW), Sealer(key), inbox=inbox, connector="website")


@pytest.mark.postgres
async def test_a_value_outlives_the_process_that_kept_it(db: Database) -> None:
    await a_keep(db).put("token", "first")
    await a_keep(db).put("token", TOKEN)
    assert await a_keep(db).get("token") == TOKEN
    assert await a_keep(db).get("other") is None
    assert await a_keep(db, inbox="else").get("token") is None
    assert len(await rows(db, tables.inbox_keep)) == 1


@pytest.mark.postgres
async def test_a_value_may_be_kept_before_its_inbox_was_ever_read(db: Database, desk) -> None:
    await a_keep(db).put("token", TOKEN)
    await prepare(db, desk)
    assert await a_keep(db).get("token") == TOKEN


async def test_invariant_11_the_database_file_does_not_hold_the_value(
    db: Database, tmp_path: Path
) -> None:
    await a_keep(db).put("token", TOKEN)
    for file in tmp_path.glob("threadline.db*"):
        assert TOKEN.encode() not in file.read_bytes()


async def test_with_another_instance_key_there_is_no_value_and_no_failure(
    db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await a_keep(db).put("token", TOKEN)
    assert await a_keep(db, key=b"b" * 64).get("token") is None
    told = capsys.readouterr()
    assert "keep.unreadable" in told.out + told.err
    assert TOKEN not in told.out + told.err


def test_a_sealed_value_opens_in_its_own_place_only() -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal(TOKEN, place="shop:token")
    assert sealer.open(sealed, place="shop:token") == TOKEN
    assert sealer.seal(TOKEN, place="shop:token") != sealed
    with pytest.raises(Unsealable):
        sealer.open(sealed, place="amazon:token")
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(Unsealable):
            sealer.open(bytes(changed), place="shop:token")
    for cut in (b"", b"1", sealed[:12]):
        with pytest.raises(Unsealable):
            sealer.open(cut, place="shop:token")
