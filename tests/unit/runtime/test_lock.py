import subprocess
import sys
from pathlib import Path

import pytest

from bot.runtime.lock import AlreadyRunning, database_file, only_process

HOLD = """
import sys, time
from bot.runtime.lock import only_process
with only_process(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_on_the_file_is_refused_with_the_first_ones_number(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(AlreadyRunning, match=f"process {holder.pid}"), only_process(url):
            pass
    finally:
        holder.kill()
        holder.communicate()


def test_a_killed_process_leaves_no_lock_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.communicate()

    with only_process(url):
        assert (tmp_path / "desk.db.lock").exists()


def test_the_lock_is_free_again_after_its_block(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    with only_process(url):
        pass

    with only_process(url):
        pass


def test_postgresql_and_memory_have_no_file_to_lock() -> None:
    assert database_file("postgresql://desk@db.example/desk") is None
    assert database_file("sqlite://") is None
    with only_process("postgresql://desk@db.example/desk"):
        pass
