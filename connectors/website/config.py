"""Settings of a website inbox: the shop's mailbox, and what its website may hand in."""

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from connectors.mail.config import MailConfig

FormSender = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, pattern=r"^[^\s<>@]*@[^\s<>@]+\.[^\s<>@]+$"
    ),
]
"""An address (`mailer@forms.example`), or every address of a domain (`@forms.example`)."""


class Config(MailConfig):
    """`form_senders` write on behalf of customers: there, the customer is in Reply-To.

    `contact_form` opens Threadline's own form to everybody, `thanks_url` is where it leads
    afterwards. `webhook_secret` signs the calls of the shop's back-end; while it is exchanged,
    `webhook_secret_before` is good, too.
    """

    form_senders: tuple[FormSender, ...] = ()
    contact_form: bool = False
    thanks_url: str = Field(default="", max_length=300, pattern=r"^(https://[^\s\"'<>;]+)?$")
    webhook_secret: SecretStr | None = Field(default=None, min_length=16)
    webhook_secret_before: SecretStr | None = Field(default=None, min_length=16)
