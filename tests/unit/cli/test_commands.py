import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.unit.cli.desk import threadline
from tests.unit.settings.files import GOOD, inbox, write

ROOT = Path(__file__).resolve().parents[3]
ANSWERS = (
    "--manager=giulia@shop.example",
    "--mailbox=info@shop.example",
    "--imap-host=imap.shop.example",
    "--smtp-host=smtp.shop.example",
)


def test_init_writes_a_file_that_check_accepts(tmp_path: Path) -> None:
    said = threadline(tmp_path, "init", *ANSWERS, "--agent=Marco Bianchi=marco@shop.example")

    assert said.code == 0, said.err
    assert '"slash_commands"' in said.out
    assert [f"  {step}." in said.out for step in (1, 2, 3)] == [True] * 3
    assert threadline(tmp_path, "check", MAIL_PASSWORD="x").code == 0


@pytest.mark.parametrize(
    ("options", "environ", "written"),
    [
        (["--language=it"], {}, "it"),
        (["--language=Deutsch"], {"LANG": "fr_FR.UTF-8"}, "de"),
        ([], {"LANG": "fr_FR.UTF-8"}, "fr"),
        ([], {"LANG": "C.UTF-8"}, "en"),
    ],
)
def test_init_writes_the_language_that_is_given_else_that_of_the_machine(
    tmp_path: Path, options: list[str], environ: dict[str, str], written: str
) -> None:
    said = threadline(tmp_path, "init", *ANSWERS, *options, **environ)

    assert said.code == 0, said.err
    assert f'language = "{written}"' in (tmp_path / "threadline.toml").read_text(encoding="utf-8")


def test_init_refuses_a_language_that_is_not_spoken(tmp_path: Path) -> None:
    said = threadline(tmp_path, "init", *ANSWERS, "--language=klingon")

    assert said.code == 1
    assert '"klingon" is no language it speaks. Write en, it, fr, de or es.' in said.err
    assert list(tmp_path.iterdir()) == []


def test_init_leaves_an_existing_file_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, "# mine\n")

    said = threadline(tmp_path, "init", *ANSWERS)

    assert said.code == 1
    assert "exists" in said.err
    assert path.read_text(encoding="utf-8") == "# mine\n"


def test_init_without_a_terminal_names_the_options_it_misses(tmp_path: Path) -> None:
    said = threadline(tmp_path, "init", "--manager=giulia@shop.example")

    assert said.code == 1
    assert "--mailbox, --imap-host, --smtp-host" in said.err
    assert list(tmp_path.iterdir()) == []


def test_init_keeps_the_secrets_file_to_its_owner(tmp_path: Path) -> None:
    threadline(tmp_path, "init", *ANSWERS)

    dotenv = tmp_path / ".env"
    assert dotenv.stat().st_mode & 0o077 == 0
    assert "THREADLINE_INSTANCE_KEY=" in dotenv.read_text(encoding="utf-8")


def test_an_answer_with_quotes_does_not_break_the_file(tmp_path: Path) -> None:
    threadline(tmp_path, "init", *ANSWERS, '--agent=Léa "L" \\Martin=lea@shop.example')

    assert threadline(tmp_path, "check", MAIL_PASSWORD="x").code == 0


def test_check_shows_two_deadlines_per_inbox_in_local_time(tmp_path: Path) -> None:
    write(tmp_path, GOOD)

    said = threadline(tmp_path, "check", MAIL_PASSWORD="x")

    assert said.code == 0, said.err
    friday, morning = (line for line in said.out.splitlines() if "a message on" in line)
    # Two business hours: Friday evening's are used up on Monday at eleven, a morning's at noon.
    assert "Fri" in friday
    assert "18:30" in friday
    assert "internal by Mon" in friday
    assert "11:00" in friday
    assert "10:00" in morning
    assert "12:00" in morning
    assert "tzdata" in said.out


def test_check_says_everything_that_is_wrong_and_exits_with_1(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("managers", "manager").replace("09:00-13:00", "9-13"))

    said = threadline(tmp_path, "check", MAIL_PASSWORD="x")

    assert said.code == 1
    assert 'Did you mean "managers"?' in said.err
    assert '"9" is no time of day' in said.err
    assert "Traceback" not in said.err


DROPPED = (
    '\n[[policies]]\nname = "gold"\nmatch = { inbox = "amazon-it", kind = "message", tag = "gold" }\n'
    '[[policies.clock]]\nmetric = "response"\nscope = "internal"\ntarget = "1h"\n'
)


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_a_rule_that_drops_the_channels_limit_is_a_warning_with_its_line(
    tmp_path: Path, command: str
) -> None:
    text = GOOD + inbox(name="amazon-it", connector="amazon").replace("info@", "amazon@") + DROPPED
    write(tmp_path, text)
    line = text.count("\n", 0, text.index("[[policies]]")) + 1

    said = threadline(tmp_path, command, MAIL_PASSWORD="x")

    assert f'threadline.toml:{line}: policies "gold": wins over "amazon.message"' in said.out
    assert "Add the clock to it as well." in said.out


def test_migrate_then_backup_gives_a_copy_that_opens(tmp_path: Path) -> None:
    assert threadline(tmp_path, "migrate").code == 0
    copy = tmp_path / "copy.db"

    said = threadline(tmp_path, "backup", str(copy))

    assert said.code == 0, said.err
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (0,)
    assert not (tmp_path / "copy.db-wal").exists()
    assert copy.stat().st_mode & 0o077 == 0


HOLD = """
import sys, sqlite3
from bot.runtime.lock import only_process
with only_process(sys.argv[1]):
    db = sqlite3.connect(sys.argv[2])
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("INSERT INTO counter VALUES ('late', 7)")
    db.commit()
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def a_running_desk(file: Path) -> Iterator[None]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, f"sqlite:///{file}", str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
    finally:
        holder.kill()
        holder.communicate()


def test_a_backup_beside_a_running_desk_holds_its_last_commit(tmp_path: Path) -> None:
    threadline(tmp_path, "migrate")
    copy = tmp_path / "copy.db"

    with a_running_desk(tmp_path / "desk.db"):
        said = threadline(tmp_path, "backup", str(copy))

    assert said.code == 0, said.err
    with closing(sqlite3.connect(copy)) as connection:
        query = "SELECT value FROM counter WHERE name = 'late'"
        assert connection.execute(query).fetchone() == (7,)


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    threadline(tmp_path, "migrate")
    (tmp_path / "copy.db").write_text("mine", encoding="utf-8")

    said = threadline(tmp_path, "backup", str(tmp_path / "copy.db"))

    assert said.code == 1
    assert (tmp_path / "copy.db").read_text(encoding="utf-8") == "mine"


def test_migrate_does_not_touch_a_database_in_use(tmp_path: Path) -> None:
    threadline(tmp_path, "migrate")

    with a_running_desk(tmp_path / "desk.db"):
        said = threadline(tmp_path, "migrate")

    assert said.code == 1
    assert "is using" in said.err


def test_backup_of_postgresql_names_its_own_tool(tmp_path: Path) -> None:
    said = threadline(tmp_path, "backup", "x.db", DATABASE_URL="postgresql://desk@db.example/desk")

    assert said.code == 1
    assert "pg_dump" in said.err


@pytest.mark.parametrize("role", ["worker", "slack", "web"])
def test_a_single_role_is_refused_on_sqlite(tmp_path: Path, role: str) -> None:
    write(tmp_path, GOOD)

    said = threadline(tmp_path, "run", role, MAIL_PASSWORD="x")

    assert said.code == 1
    assert "PostgreSQL" in said.err


def test_explain_of_an_unknown_number_is_a_sentence(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    threadline(tmp_path, "migrate")

    said = threadline(tmp_path, "explain", "4711", MAIL_PASSWORD="x")

    assert said.code == 1
    assert "There is no ticket #4711." in said.err


def test_explain_before_the_first_migration_says_what_to_run(tmp_path: Path) -> None:
    write(tmp_path, GOOD)

    said = threadline(tmp_path, "explain", "1", MAIL_PASSWORD="x")

    assert said.code == 1
    assert "threadline migrate" in said.err


def test_manifest_prints_json_and_nothing_else(tmp_path: Path) -> None:
    said = threadline(tmp_path, "manifest")

    assert said.code == 0
    assert json.loads(said.out)["settings"]["socket_mode_enabled"] is True


def test_manifest_for_http_refuses_an_address_slack_cannot_call(tmp_path: Path) -> None:
    said = threadline(tmp_path, "manifest", "--http", "http://localhost:8080")

    assert said.code == 1
    assert "https" in said.err


def test_a_misused_command_exits_with_2(tmp_path: Path) -> None:
    assert threadline(tmp_path, "explain", "seventeen").code == 2
    assert threadline(tmp_path, "run", "everything").code == 2


def test_python_m_bot_is_the_same_command() -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
    )

    assert done.returncode == 0
    assert "doctor" in done.stdout
