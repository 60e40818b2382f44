"""Settings of a website inbox: the shop's mailbox, and who its contact form sends as."""

from typing import Annotated

from pydantic import StringConstraints

from connectors.mail.config import MailConfig

FormSender = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, pattern=r"^[^\s<>@]*@[^\s<>@]+\.[^\s<>@]+$"
    ),
]
"""An address (`mailer@forms.example`), or every address of a domain (`@forms.example`)."""


class Config(MailConfig):
    """`form_senders` write on behalf of customers: there, the customer is in Reply-To."""

    form_senders: tuple[FormSender, ...] = ()
