"""How long an owner may do nothing, as the file says it: for the desk, and for one inbox."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.settings.files import GOOD, loaded, problems

INBOX = 'name = "shop"\n'


@pytest.mark.parametrize(
    ("desk", "inbox", "expected"),
    [
        ("", "", None),
        ('claim_expires = "2h"', "", timedelta(hours=2)),
        ('claim_expires = "off"', "", None),
        ("", 'claim_expires = "90m"', timedelta(minutes=90)),
        ('claim_expires = "2h"', 'claim_expires = "1h30m"', timedelta(minutes=90)),
        ('claim_expires = "2h"', 'claim_expires = "off"', None),
    ],
)
def test_an_inbox_says_it_over_the_desk(
    tmp_path: Path, desk: str, inbox: str, expected: timedelta | None
) -> None:
    text = GOOD.replace("[desk]\n", f"[desk]\n{desk}\n").replace(INBOX, f"{INBOX}{inbox}\n")
    settings = loaded(tmp_path, text).settings
    (shop,) = settings.inboxes
    assert settings.claim_expires_in(shop) == expected


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"soon"', 'is no length of time. Write a number and a unit, such as "24h"'),
        ("7200", 'is no text. Write it in quotes with a unit, such as "2h"'),
        ('"2m"', "is too short to be warned of. Write five minutes or more"),
    ],
)
def test_what_is_no_length_is_told_with_its_line_and_remedy(
    tmp_path: Path, written: str, said: str
) -> None:
    (found,) = problems(tmp_path, f"[desk]\nclaim_expires = {written}\n")
    assert found.startswith("threadline.toml:2: desk → claim_expires")
    assert said in found
