"""How people are called, and when digests come: mistakes in the file."""

from pathlib import Path

import pytest

from tests.unit.settings.files import DESK, problems


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('quiet = "noon"', 'quiet: "noon"'),
        ('quiet = "08:00-08:00"', "is all day. Write a part of it"),
        ('quiet = "00:00-24:00"', "is all day. Write a part of it"),
        ('pings = "loud"', 'pings: "loud"'),
        ('timezone = "Rome"', 'timezone: "Rome"'),
    ],
)
def test_how_a_person_is_called_is_checked(tmp_path: Path, key: str, said: str) -> None:
    text = DESK + f'[[agents]]\nslack = "U0ANNA1"\nname = "Anna"\n{key}\n'

    found = [each for each in problems(tmp_path, text) if "agents" in each]

    assert len(found) == 1
    assert said in found[0]
    assert found[0].startswith("threadline.toml:")


@pytest.mark.parametrize("key", ['daily = "9"', 'daily = "25:00"', 'weekly = "someday 09:00"'])
def test_the_times_of_digests_are_checked(tmp_path: Path, key: str) -> None:
    (said,) = [
        each for each in problems(tmp_path, f"[digests]\n{key}\n" + DESK) if "digests" in each
    ]

    assert said.startswith(f"threadline.toml:2: digests → {key.split(maxsplit=1)[0]}: ")
    assert '"off"' in said
