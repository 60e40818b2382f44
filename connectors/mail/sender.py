"""Handing a mail over by SMTP, once. What is not certain is said to be uncertain."""

import ssl
from contextlib import suppress

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
)

from connectors.errors import AuthExpired, ConnectorError, OutcomeUnknown, Rejected, Unavailable
from connectors.mail.access import Access, LogIn, smtp_password
from connectors.mail.config import MailConfig

TIMEOUT = 30.0
"""Seconds until a silent server counts as gone."""

_GOODBYE = 2.0
_PERMANENT = 500
_ACCEPTED = range(200, 300)
_NOT_LOGGED_IN = frozenset({530, 534, 535, 538})
_REASON_CHARACTERS = 300


class MailSender:
    """One SMTP account. A connection per mail: replies are rare, idle connections get cut."""

    def __init__(
        self, config: MailConfig, *, timeout: float = TIMEOUT, access: Access | None = None
    ) -> None:
        self._config = config
        self._timeout = timeout
        self._access = access or smtp_password(config)

    async def send(self, recipient: str, raw: bytes) -> str:
        """Hand `raw` over to be sent from the configured address to `recipient`.

        Returns the server's words. Raises AuthExpired, Unavailable (nothing was handed over),
        Rejected (refused for good) or OutcomeUnknown (the connection broke during or after the
        hand-over: never repeat it unasked).
        """
        client = await self._connected()
        try:
            try:
                await client.mail(self._config.from_address, timeout=self._timeout)
                await client.rcpt(recipient, timeout=self._timeout)
            except (SMTPException, OSError, ValueError) as error:
                raise self._before(error) from None
            return await self._hand_over(client, raw)
        finally:
            await _leave(client)

    async def check(self) -> str:
        """Connect and log in. Raises AuthExpired or Unavailable."""
        await _leave(await self._connected())
        return f"{self._where} took the log-in"

    async def _hand_over(self, client: SMTP, raw: bytes) -> str:
        try:
            answer = await client.data(raw, timeout=self._timeout)
        except SMTPDataError as error:
            if error.code in _ACCEPTED:
                return _words(error)
            raise self._before(error) from None
        except (SMTPException, OSError) as error:
            raise OutcomeUnknown(
                f"{self._where} broke the connection before it confirmed the mail"
                f" ({type(error).__name__})"
            ) from None
        return answer.message[:_REASON_CHARACTERS]

    async def _connected(self) -> SMTP:
        """Connected and logged in; once more with a new log-in if the first was refused."""
        try:
            return await self._connected_as(await self._access.log_in())
        except AuthExpired:
            if not self._access.refused():
                raise
        return await self._connected_as(await self._access.log_in())

    async def _connected_as(self, log_in: LogIn) -> SMTP:
        config = self._config
        client = SMTP(
            hostname=config.smtp_host,
            port=config.smtp_port,
            use_tls=config.smtp_security == "tls",
            start_tls=config.smtp_security == "starttls",
            tls_context=None if config.smtp_security == "none" else ssl.create_default_context(),
            timeout=self._timeout,
            local_hostname=config.from_address.rpartition("@")[2],
        )
        try:
            await client.connect()
            prove = client.auth_xoauth2 if log_in.by_token else client.login
            await prove(log_in.user, log_in.secret)
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise self._before(error) from None
        return client

    def _before(self, error: Exception) -> ConnectorError:
        """What a failure means while nothing was taken over."""
        if isinstance(error, SMTPNotSupported):
            return Unavailable(f"{self._where} does not offer the configured security or log-in")
        if isinstance(error, SMTPConnectError) or not isinstance(error, SMTPResponseException):
            return Unavailable(f"{self._where} is not reachable ({type(error).__name__})")
        if error.code < _PERMANENT:
            return Unavailable(f"{self._where} said {error.code}, try again later")
        if isinstance(error, SMTPAuthenticationError) or error.code in _NOT_LOGGED_IN:
            return AuthExpired("the SMTP server refused the log-in")
        return Rejected(_words(error))

    @property
    def _where(self) -> str:
        return f"SMTP {self._config.smtp_host}:{self._config.smtp_port}"


def _words(error: SMTPResponseException) -> str:
    return f"{error.code} {error.message}"[:_REASON_CHARACTERS]


async def _leave(client: SMTP) -> None:
    """Say goodbye; whether it is heard changes nothing."""
    try:
        with suppress(SMTPException, OSError):
            if client.is_connected:
                await client.quit(timeout=_GOODBYE)
    finally:
        client.close()
