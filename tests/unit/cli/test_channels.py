from pathlib import Path

import pytest

from connectors.registry import load_connectors
from tests.unit.cli.desk import threadline

KEYS = sorted(load_connectors().specs)
MAILBOX = (
    "--mailbox=info@shop.example",
    "--imap-host=imap.shop.example",
    "--smtp-host=smtp.shop.example",
)


@pytest.mark.parametrize("key", KEYS)
def test_a_desk_begun_with_any_channel_is_one_that_check_accepts(key: str, tmp_path: Path) -> None:
    said = threadline(tmp_path, "init", "--manager=g@shop.example", f"--connector={key}", *MAILBOX)
    assert said.code == 0, said.err

    dotenv = (tmp_path / ".env").read_text(encoding="utf-8").splitlines()
    blanks = [name for name, _, value in (line.partition("=") for line in dotenv) if not value]
    blanks = [name for name in blanks if not name.startswith(("#", "SLACK_"))]
    checked = threadline(tmp_path, "check", **dict.fromkeys(blanks, "0" * 32))
    assert checked.code == 0, checked.err
    assert "#support" in (tmp_path / "threadline.toml").read_text(encoding="utf-8")


def test_channels_are_listed_with_how_far_they_are_proven(tmp_path: Path) -> None:
    said = threadline(tmp_path, "channels")

    assert said.code == 0, said.err
    assert [line.split()[0] for line in said.out.splitlines()[1 : len(KEYS) + 1]] == KEYS
    assert "bronze" in said.out


def test_a_channel_says_how_it_is_set_up(tmp_path: Path) -> None:
    said = threadline(tmp_path, "channels", "kaufland")

    assert said.code == 0, said.err
    assert "## Set-up" in said.out
    assert "KAUFLAND_SECRET_KEY" in said.out


def test_an_unknown_channel_is_answered_with_those_there_are(tmp_path: Path) -> None:
    for arguments in (("channels", "amazone"), ("init", "--connector=amazone")):
        said = threadline(tmp_path, *arguments)

        assert said.code == 1
        assert 'no channel "amazone"' in said.err
        assert "amazon," in said.err
