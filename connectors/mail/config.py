"""The settings every mail-based inbox has: where mail is read, where replies are handed over."""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from connectors.mail.oauth import MailOAuth

Security = Literal["tls", "starttls", "none"]

Address = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=254, pattern=r"^[^\s<>@\",;:()]+@[^\s<>@\",;:()]+$"
    ),
]
"""One bare e-mail address, without a name."""

Host = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9.:_-]{1,253}$")]


_USUAL_SECURITY: Mapping[int, Security] = {
    993: "tls",
    465: "tls",
    143: "starttls",
    25: "starttls",
    587: "starttls",
}


class MailConfig(BaseModel):
    """One mailbox and one SMTP account. Unencrypted connections are for this machine only.

    Both log in with their passwords, or both with tokens (`oauth`).
    `own_addresses` are further addresses of the seller: mail from them is never a customer's.
    `trusted_authserv` is the name our own mail provider signs `Authentication-Results` with;
    such headers of anybody else are ignored. `since_days` is how far back the first run reads.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    imap_host: Host
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_security: Security = "tls"
    imap_user: str = Field(min_length=1, max_length=320)
    imap_password: SecretStr | None = None
    folder: str = Field(default="INBOX", min_length=1, max_length=200)
    smtp_host: Host
    smtp_port: int = Field(default=465, ge=1, le=65535)
    smtp_security: Security = "tls"
    smtp_user: str = Field(min_length=1, max_length=320)
    smtp_password: SecretStr | None = None
    oauth: MailOAuth | None = None
    from_address: Address
    from_name: str = Field(default="", max_length=120)
    own_addresses: tuple[Address, ...] = ()
    since_days: int = Field(default=7, ge=0, le=365)
    trusted_authserv: str = Field(default="", max_length=253)

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        for what, password in (("imap", self.imap_password), ("smtp", self.smtp_password)):
            if self.oauth is None and password is None:
                raise ValueError(f"{what}_password is missing (or a table oauth in its place)")
            if self.oauth is not None and password is not None:
                raise ValueError(f"{what}_password and oauth: give one of the two")
        return self

    @model_validator(mode="after")
    def _encrypted_beyond_this_machine(self) -> Self:
        for what, security, host in (
            ("imap", self.imap_security, self.imap_host),
            ("smtp", self.smtp_security, self.smtp_host),
        ):
            if security == "none" and not _is_this_machine(host):
                raise ValueError(
                    f'{what}_security = "none" would send the password in clear to {host}; '
                    'use "tls" or "starttls" ("none" is for 127.0.0.1 only)'
                )
        return self

    @model_validator(mode="after")
    def _ports_that_speak_it(self) -> Self:
        for what, security, port in (
            ("imap", self.imap_security, self.imap_port),
            ("smtp", self.smtp_security, self.smtp_port),
        ):
            other = _USUAL_SECURITY.get(port, security)
            if security not in {"none", other}:
                raise ValueError(
                    f'{what}_security = "{security}" does not go with {what}_port = {port}, which '
                    f'speaks "{other}"; change one of the two'
                )
        return self

    @property
    def addresses(self) -> frozenset[str]:
        """Every address of the seller, lower case."""
        return frozenset(address.lower() for address in (self.from_address, *self.own_addresses))


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
