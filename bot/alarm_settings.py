"""`[alarms]`: how managers hear of a missed deadline while Slack does not take messages."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bot.setting_values import Strict

MailAddress = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^\s<>@\",;:()]+@[^\s<>@\",;:()]+$"),
]
"""One bare e-mail address, without a name."""

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class AlarmSettings(Strict):
    """`[alarms]`: an SMTP account of the company's own, apart from every inbox."""

    mail_to: tuple[MailAddress, ...] = Field(
        min_length=1,
        max_length=20,
        description='who gets the alarm: ["giulia@shop.example"]',
    )
    mail_from: MailAddress = Field(description='the sending address, such as "desk@shop.example"')
    smtp_host: str = Field(
        pattern=r"^[A-Za-z0-9.:_-]{1,253}$",
        description='the SMTP server, such as "mail.shop.example"',
    )
    smtp_port: int = Field(
        default=465, strict=True, ge=1, le=65535, description="a port, 1 to 65535"
    )
    smtp_security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description='"tls", "starttls" or "none" (127.0.0.1 only)'
    )
    smtp_user: str = Field(
        default="", max_length=320, description="the account's name; left out: no log-in"
    )
    smtp_password: str | None = Field(
        default=None, description='"env:NAME" or "file:PATH"; left out where none is needed'
    )

    @model_validator(mode="after")
    def _encrypted_beyond_this_machine(self) -> Self:
        if self.smtp_security == "none" and self.smtp_host not in _HERE:
            raise ValueError(
                'smtp_security = "none" would send the password in clear; use "tls" or "starttls"'
            )
        if bool(self.smtp_user) != (self.smtp_password is not None):
            raise ValueError("smtp_user and smtp_password belong together: give both or neither")
        return self
