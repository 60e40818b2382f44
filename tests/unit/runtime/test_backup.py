"""Backups: whole while the desk writes, never over another file, and opened by their key only."""

import asyncio
import hashlib
import io
import os
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.runtime.lock import AlreadyRunning, only_process
from bot.runtime.storage import record, sealed_file, shelf
from bot.runtime.storage.copying import read_manifest
from bot.runtime.storage.dump import surroundings
from bot.runtime.storage.making import Order, make_backup
from bot.runtime.storage.problem import StorageProblem
from bot.runtime.storage.restoring import RestoreOrder, restore
from bot.runtime.storage.sealed_file import BACKUP_KEY, INSTANCE_KEY, Secret
from tests.builders import NOW, hours

KEY = Secret(name=BACKUP_KEY, value=b"k" * 32)
OTHER = Secret(name=BACKUP_KEY, value=b"o" * 32)
HEADER = 46


@pytest.fixture
def desk_file(tmp_path: Path, sqlite_template: Path) -> Path:
    file = tmp_path / "desk.db"
    shutil.copy(sqlite_template, file)
    with closing(sqlite3.connect(file)) as db:
        db.execute("INSERT INTO counter VALUES ('ticket', 41)")
        db.commit()
    return file


def order(file: Path, **changed: object) -> Order:
    given = {"url": f"sqlite:///{file}", "now": NOW, "folder": file.parent / "backups"}
    return Order(**{**given, **changed})  # type: ignore[arg-type]


def put_back(file: Path, backup: Path, *secrets: Secret):
    return restore(RestoreOrder(url=f"sqlite:///{file}", file=backup, now=NOW, secrets=secrets))


def counter(file: Path) -> int:
    with closing(sqlite3.connect(file)) as db:
        return int(db.execute("SELECT value FROM counter WHERE name = 'ticket'").fetchone()[0])


def sealed(plain: bytes, *, chunk: int = 10) -> bytes:
    target = io.BytesIO()
    sealed_file.seal(io.BytesIO(plain), target, KEY, chunk=chunk)
    return target.getvalue()


def opened(cipher: bytes, *known: Secret) -> bytes:
    target = io.BytesIO()
    sealed_file.unseal(io.BytesIO(cipher), target, known or (KEY,))
    return target.getvalue()


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 20, 35])
def test_what_is_sealed_opens_and_shows_nothing(size: int):
    plain = bytes(range(size))
    cipher = sealed(plain)

    assert opened(cipher) == plain
    assert size < 9 or plain[:9] not in cipher


@pytest.mark.parametrize("size", [0, 10, 25])
def test_a_sealed_file_that_was_cut_lengthened_or_reordered_does_not_open(size: int):
    cipher = sealed(bytes(range(size)))
    parts = [cipher[at : at + 26] for at in range(HEADER, len(cipher), 26)]
    broken = [cipher[:length] for length in range(len(cipher))]
    broken += [cipher + b"x", cipher + parts[-1]]
    broken += [
        cipher[:at] + bytes([cipher[at] ^ 1]) + cipher[at + 1 :] for at in range(len(cipher))
    ]
    if len(parts) > 1:
        broken += [cipher[:HEADER] + b"".join([parts[1], parts[0], *parts[2:]])]
        broken += [cipher[:HEADER] + b"".join(parts[1:])]

    for each in broken:
        with pytest.raises(StorageProblem):
            opened(each)


def test_another_key_is_told_apart_from_a_damaged_file():
    cipher = sealed(b"words")

    with pytest.raises(StorageProblem, match="sealed with another key"):
        opened(cipher, OTHER)
    with pytest.raises(StorageProblem, match=f"sealed with {BACKUP_KEY}, which is not here"):
        opened(cipher, Secret(name=INSTANCE_KEY, value=KEY.value))
    assert opened(cipher, OTHER, KEY) == b"words"


def test_a_secret_somebody_could_guess_seals_nothing(desk_file: Path):
    short = Secret(name=BACKUP_KEY, value=b"password")

    with pytest.raises(StorageProblem, match="shorter than 32"):
        make_backup(order(desk_file, secret=short))

    assert list((desk_file.parent / "backups").iterdir()) == []


def test_a_backup_while_the_desk_writes_holds_whole_transactions(desk_file: Path):
    """The writer keeps two rows equal in each transaction: a torn copy would tell them apart."""
    stop, commits = threading.Event(), 0

    def write() -> None:
        nonlocal commits
        with closing(sqlite3.connect(desk_file, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("INSERT INTO counter VALUES ('left', 0), ('right', 0)")
            db.execute("CREATE TABLE ballast (words BLOB)")
            while not stop.is_set():
                db.execute("BEGIN IMMEDIATE")
                db.execute("UPDATE counter SET value = value + 1 WHERE name = 'left'")
                db.execute("INSERT INTO ballast VALUES (randomblob(20000))")
                db.execute("UPDATE counter SET value = value + 1 WHERE name = 'right'")
                db.execute("COMMIT")
                commits += 1

    with only_process(f"sqlite:///{desk_file}"):
        writer = threading.Thread(target=write)
        writer.start()
        try:
            while commits < 20:
                stop.wait(0.01)
            before = commits
            made = [make_backup(order(desk_file, now=NOW + timedelta(seconds=n))) for n in range(5)]
            during = commits - before
        finally:
            stop.set()
            writer.join()

    assert during > 0
    seen = []
    for each in made:
        with closing(sqlite3.connect(each.path)) as copy:
            query = "SELECT value FROM counter WHERE name IN ('left', 'right')"
            left, right = (value for (value,) in copy.execute(query))
            (rows,) = copy.execute("SELECT count(*) FROM ballast").fetchone()
        assert left == right == rows
        seen.append(left)
    assert seen == sorted(seen)


def test_a_backup_says_what_it_holds_and_is_for_its_owner_only(desk_file: Path):
    made = make_backup(order(desk_file))

    assert made.path.name == "desk-20260310T090000Z.db"
    assert made.path.stat().st_mode & 0o077 == 0
    manifest = read_manifest(made.path)
    assert manifest.created_at == NOW
    assert manifest.rows == made.rows
    assert manifest.rows["counter"] == 1
    told = shelf.sum_of(made.path).read_text(encoding="utf-8")
    assert told == f"{hashlib.sha256(made.path.read_bytes()).hexdigest()}  {made.path.name}\n"
    kept = record.newest(desk_file)
    assert kept is not None
    assert (kept.at, kept.size) == (NOW, made.size)


def test_keeping_some_deletes_older_ones_of_this_desk_only(desk_file: Path):
    folder = desk_file.parent / "backups"
    folder.mkdir()
    foreign = ["notes.txt", "other-20260101T000000Z.db", "desk-monday.db", "desk-1.db.sealed"]
    for name in foreign:
        (folder / name).write_text("mine", encoding="utf-8")
    made = [make_backup(order(desk_file, now=NOW + hours(n), keep=2)) for n in range(4)]

    assert [path.name for path in made[-1].dropped] == ["desk-20260310T100000Z.db"]
    names = {path.name for path in folder.iterdir()}
    new = {f"desk-20260310T{hour}0000Z.db" for hour in (11, 12)}
    assert names == {*foreign, *new, *(f"{name}.sha256" for name in new)}


def test_a_sealed_backup_is_put_back_and_leaves_nothing_open_behind(desk_file: Path):
    made = make_backup(order(desk_file, secret=KEY))
    assert sealed_file.is_sealed(made.path)
    assert [p.name for p in desk_file.parent.glob(".*")] == []
    desk_file.unlink()

    with pytest.raises(StorageProblem, match="another key"):
        put_back(desk_file, made.path, OTHER)
    assert not desk_file.exists()
    assert put_back(desk_file, made.path, OTHER, KEY) is not None

    assert counter(desk_file) == 1000
    assert desk_file.stat().st_mode & 0o077 == 0
    assert sorted(p.name for p in desk_file.parent.iterdir() if p.is_file()) == [
        "desk.db",
        "desk.db.backup",
        "desk.db.lock",
    ]


def _no_manifest(backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as db:
        db.execute("DROP TABLE threadline_backup")
        db.commit()


def _row_gone(backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as db:
        db.execute("DELETE FROM counter")
        db.commit()


def _newer(backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as db:
        query = 'UPDATE threadline_backup SET content = replace(content, \'"schema": "\', \'"schema": "9\')'
        db.execute(query)
        db.commit()


def _flipped(backup: Path) -> None:
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 0xFF
    backup.write_bytes(content)


def _halved(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])


def _text(backup: Path) -> None:
    backup.write_text("no database", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "with_sum", "said"),
    [
        (_no_manifest, False, "no verified backup"),
        (_row_gone, False, "does not hold the rows"),
        (_row_gone, True, "check sum"),
        (_newer, False, "Install the newer one"),
        (_flipped, True, "check sum"),
        (_halved, False, "backup"),
        (_text, False, "no backup"),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_nothing_changes(
    desk_file: Path, spoil, with_sum: bool, said: str
):
    made = make_backup(order(desk_file))
    spoil(made.path)
    if not with_sum:
        shelf.sum_of(made.path).unlink()
    before = desk_file.read_bytes()

    with pytest.raises(StorageProblem, match=said):
        put_back(desk_file, made.path)

    assert desk_file.read_bytes() == before
    assert [p.name for p in desk_file.parent.glob(".*")] == []


def test_a_database_in_use_is_not_replaced(desk_file: Path):
    made = make_backup(order(desk_file))

    with only_process(f"sqlite:///{desk_file}"), pytest.raises(AlreadyRunning):
        put_back(desk_file, made.path)


def test_a_log_of_the_replaced_database_never_meets_the_new_one(desk_file: Path):
    made = make_backup(order(desk_file))
    crash = f"""
import os, sqlite3
db = sqlite3.connect({str(desk_file)!r}, isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("UPDATE counter SET value = 77 WHERE name = 'ticket'")
os._exit(0)
"""
    asyncio.run(_ends(crash))
    assert desk_file.with_name("desk.db-wal").stat().st_size > 0

    done = put_back(desk_file, made.path)

    assert done is not None
    assert done.kept is not None
    assert counter(done.kept) == 77
    assert done.found.last_number == 77
    assert counter(desk_file) == 77
    with closing(sqlite3.connect(desk_file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def _ends(code: str) -> None:
    import sys  # noqa: PLC0415 - one use

    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await child.wait() == 0


def test_a_damaged_database_is_replaced_and_kept_as_it_was(desk_file: Path):
    made = make_backup(order(desk_file))
    desk_file.write_bytes(b"\xff" * 5000)

    done = put_back(desk_file, made.path)

    assert done is not None
    assert done.kept is not None
    assert done.kept.read_bytes() == b"\xff" * 5000
    assert counter(desk_file) == 1000


def test_the_password_of_postgresql_is_in_no_command_line():
    url = "postgresql://desk:s3cret@db.example:5433/shop?ssl=require"

    found = surroundings(url)

    assert found["PGPASSWORD"] == "s3cret"
    assert (found["PGHOST"], found["PGPORT"], found["PGDATABASE"]) == ("db.example", "5433", "shop")
    assert found["PGSSLMODE"] == "require"
    assert "s3cret" not in repr(Order(url=url, now=NOW, folder=Path(os.curdir)))
