"""Builders of settings files for the tests."""

from pathlib import Path

from bot.errors import SettingsError
from bot.settings_file import Configuration, load

SECRETS = {"MAIL_PASSWORD": "correct horse"}

CALENDAR = """
[calendars.milan]
timezone = "Europe/Rome"
mon = ["09:00-13:00", "14:00-18:00"]
tue = ["09:00-13:00", "14:00-18:00"]
wed = ["09:00-13:00", "14:00-18:00"]
thu = ["09:00-13:00", "14:00-18:00"]
fri = ["09:00-13:00", "14:00-18:00"]
"""

MAIL = """
imap_host = "imap.shop.example"
imap_user = "info@shop.example"
imap_password = "env:MAIL_PASSWORD"
smtp_host = "smtp.shop.example"
smtp_user = "info@shop.example"
smtp_password = "env:MAIL_PASSWORD"
from_address = "info@shop.example"
"""


def inbox(
    *, name: str = "shop", extra: str = "", mail: str = MAIL, connector: str = "website"
) -> str:
    """One inbox table."""
    return (
        f'\n[[inboxes]]\nname = "{name}"\nconnector = "{connector}"\nchannel = "#{name}"\n'
        f'calendar = "milan"\n{extra}\n[inboxes.settings]\n{mail}'
    )


DESK = '[desk]\nmanagers = ["giulia@shop.example"]\n'
AGENT = '\n[[agents]]\nslack = "marco@shop.example"\nname = "Marco Bianchi"\n'
GOOD = DESK + AGENT + CALENDAR + inbox()


def write(folder: Path, text: str) -> Path:
    """`threadline.toml` in `folder`."""
    path = folder / "threadline.toml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str, environ: dict[str, str] | None = None) -> Configuration:
    """The configuration of such a file."""
    return load(write(folder, text), SECRETS if environ is None else environ)


def problems(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    """The sentences with which such a file is refused; empty when it is not."""
    try:
        loaded(folder, text, environ)
    except SettingsError as exc:
        return exc.problems
    return []
