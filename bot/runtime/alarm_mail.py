"""The SMTP account of `[alarms]`: hands one mail over, or says why not."""

import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Final

from pydantic import SecretStr

from bot.alarm_settings import AlarmSettings
from bot.jobs.alarm import MailRefusedError

TIMEOUT: Final = 20.0
"""Seconds until a silent server counts as gone."""


def mailer(
    settings: AlarmSettings, password: SecretStr | None
) -> Callable[[EmailMessage], Awaitable[None]]:
    """What sends through that account. It raises MailRefusedError."""

    async def send(mail: EmailMessage) -> None:
        import aiosmtplib  # noqa: PLC0415 - only who sends an alarm needs it

        security = settings.smtp_security
        try:
            await aiosmtplib.send(
                mail,
                sender=settings.mail_from,
                recipients=list(settings.mail_to),
                hostname=settings.smtp_host,
                port=settings.smtp_port,
                username=settings.smtp_user or None,
                password=password.get_secret_value() if password else None,
                use_tls=security == "tls",
                start_tls=security == "starttls",
                tls_context=None if security == "none" else ssl.create_default_context(),
                timeout=TIMEOUT,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
            # What the server says may quote an address: the class of the refusal is enough.
            raise MailRefusedError(
                f"{settings.smtp_host}:{settings.smtp_port} did not take it ({type(exc).__name__})"
            ) from None

    return send
