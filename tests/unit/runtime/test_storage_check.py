"""What is found about the files of a desk, and what is mended."""

import os
from pathlib import Path

import pytest

from bot.runtime import storage_check
from bot.runtime.storage.record import Newest, remember
from bot.runtime.storage_check import mend_permissions, storage_findings
from tests.builders import NOW, hours


@pytest.fixture
def desk_file(tmp_path: Path) -> Path:
    for name in ("desk.db", "desk.db-wal", "desk.db.key"):
        (tmp_path / name).touch(mode=0o600)
    tmp_path.chmod(0o700)
    file = tmp_path / "desk.db"
    remember(file, Newest(at=NOW - hours(20), size=1, file="x"))
    return file


def found(file: Path) -> list[str]:
    """What is said beside the verdict on this machine's library."""
    said = storage_findings(f"sqlite:///{file}", NOW)
    return [each.sentence for each in said if not each.sentence.startswith("SQLite ")]


def test_a_desk_kept_well_is_fine(desk_file: Path):
    assert found(desk_file) == []


@pytest.mark.parametrize("name", ["desk.db", "desk.db-wal", "desk.db.key"])
def test_a_file_that_others_can_read_is_found_and_closed(desk_file: Path, name: str):
    path = desk_file.with_name(name)
    path.chmod(0o640)

    assert found(desk_file) == [f"{path} can be read by other users of this machine"]
    assert mend_permissions(f"sqlite:///{desk_file}") == [path]
    assert path.stat().st_mode & 0o777 == 0o600
    assert found(desk_file) == []


def test_a_folder_where_anybody_can_replace_files_is_found(desk_file: Path):
    desk_file.parent.chmod(0o777)

    assert "every user" in found(desk_file)[0]


def test_a_log_that_is_never_folded_in_is_found(desk_file: Path):
    os.truncate(desk_file.with_name("desk.db-wal"), storage_check.LARGEST_LOG + 1)

    assert "256 MB" in found(desk_file)[0]


def test_an_old_backup_is_grave_and_none_at_all_is_said(desk_file: Path):
    remember(desk_file, Newest(at=NOW - hours(27), size=1, file="x"))
    (old,) = [f for f in storage_findings(f"sqlite:///{desk_file}", NOW) if "backup" in f.sentence]
    desk_file.with_name("desk.db.backup").write_text("{", encoding="utf-8")
    (none,) = [f for f in storage_findings(f"sqlite:///{desk_file}", NOW) if "no " in f.sentence]

    assert (old.grave, none.grave) == (True, False)
    assert old.sentence == "the newest backup is 27 hours old"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/srv/desk/a.db", "nfs4"), ("/srv/other.db", "ext4"), ("/srv/my desk/a.db", "cifs")],
)
def test_the_file_system_is_the_one_mounted_nearest(path: str, kind: str):
    mounts = (
        "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "30 21 0:40 / /srv/desk rw shared:1 - nfs4 nas:/desk rw\n"
        "31 21 0:41 / /srv/my\\040desk rw - cifs //nas/desk rw\n"
    )

    assert storage_check.file_system(Path(path), mounts) == kind


def test_another_database_has_no_files_to_look_at():
    assert storage_findings("postgresql://desk@db.example/desk", NOW) == []
