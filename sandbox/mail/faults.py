"""What the mail servers can be told to do wrong."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True, kw_only=True)
class Faults:
    """Each stays on until it is reset; all off at first.

    SMTP answers are whole reply lines (`"550 5.1.1 no such user"`). `smtp_cut` breaks the
    connection before anything was handed over, after DATA with the mail taken, or after DATA
    with the mail lost.
    """

    imap_refuse_login: bool = False
    imap_drop_on_connect: bool = False
    imap_silent: bool = False  # accepts the connection and never says a word
    smtp_refuse_login: bool = False
    smtp_mail_from: str | None = None
    smtp_recipient: str | None = None
    smtp_data: str | None = None
    smtp_cut: Literal["connect", "after_data_taken", "after_data_lost"] | None = None
