"""A table of settings that may be left out is read like any other: its secrets are looked up."""

from pathlib import Path

from connectors.mail.config import MailConfig
from tests.unit.settings.files import AGENT, CALENDAR, DESK, MAIL, inbox, loaded, problems

TOKENS = {"CLIENT_SECRET": "client horse", "REFRESH_TOKEN": "refresh horse"}
OAUTH = """
[inboxes.settings.oauth]
provider = "google"
client_id = "c-1"
client_secret = "env:CLIENT_SECRET"
refresh_token = "env:REFRESH_TOKEN"
"""
PLAIN = "\n".join(line for line in MAIL.splitlines() if "password" not in line)
WITH_OAUTH = DESK + AGENT + CALENDAR + inbox(mail=PLAIN + OAUTH)


def test_secrets_of_a_nested_table_are_looked_up(tmp_path: Path) -> None:
    config = loaded(tmp_path, WITH_OAUTH, TOKENS).inbox_configs["shop"]
    assert isinstance(config, MailConfig)
    assert config.oauth is not None
    assert config.oauth.refresh_token is not None
    assert config.oauth.refresh_token.get_secret_value() == "refresh horse"


def test_a_secret_of_a_nested_table_that_leads_nowhere_is_told_by_its_place(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, WITH_OAUTH, {"CLIENT_SECRET": "x"})
    assert "oauth → refresh_token" in told
    assert "REFRESH_TOKEN" in told


def test_a_secret_written_out_in_a_nested_table_is_refused(tmp_path: Path) -> None:
    text = WITH_OAUTH.replace('"env:REFRESH_TOKEN"', '"abc"')
    assert any("may not stand in the file" in told for told in problems(tmp_path, text, TOKENS))


def test_an_inbox_without_any_log_in_says_what_it_needs(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, DESK + AGENT + CALENDAR + inbox(mail=PLAIN))
    assert "imap_password is missing" in told
