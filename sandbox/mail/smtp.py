"""The SMTP half: takes mail from known accounts, records it, and fails on command."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from typing_extensions import override

from sandbox.mail.faults import Faults
from sandbox.mail.xoauth2 import REFUSAL, Tokens, initial_response

_SIZE_LIMIT = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """One mail as it was handed over: envelope, whole content, when."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: datetime


class _Protocol(SMTP):
    """aiosmtpd's protocol, able to hang up at the door."""

    def __init__(self, host: "SmtpHost") -> None:
        super().__init__(
            host,
            data_size_limit=_SIZE_LIMIT,
            hostname="mail.sandbox.example",
            ident="sandbox",
            auth_require_tls=False,
            authenticator=host.authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._host = host

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if isinstance(transport, asyncio.Transport):
            self._host.connected(transport)


class SmtpHost:
    """Listens, and is aiosmtpd's handler at the same time."""

    def __init__(
        self,
        faults: Faults,
        tokens: Tokens,
        take: Callable[[SentMail], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self.port = 0
        self._faults = faults
        self._tokens = tokens
        self._take = take
        self._now = now
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Transport] = set()

    async def start(self, host: str) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Protocol(self), host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for transport in tuple(self._open):
            transport.abort()
        self._open.clear()
        await asyncio.sleep(0)

    def connected(self, transport: asyncio.Transport) -> None:
        self._open = {one for one in self._open if not one.is_closing()}
        self._open.add(transport)
        if self._faults.smtp_cut == "connect":
            transport.abort()

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        good = (
            isinstance(data, LoginPassword)
            and not self._faults.smtp_refuse_login
            and self._tokens.passwords.get(data.login.decode("utf-8", "replace"))
            == data.password.decode("utf-8", "replace")
        )
        return AuthResult(success=good, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        account = self._tokens.account_of(initial_response(args[-1]))
        if account is not None and not self._faults.smtp_refuse_login:
            return AuthResult(success=True, handled=False)
        await server.challenge_auth(REFUSAL)
        return AuthResult(success=False, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks the handler up by this name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 authentication required"
        if self._faults.smtp_mail_from:
            return self._faults.smtp_mail_from
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self._faults.smtp_recipient:
            return self._faults.smtp_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self._faults.smtp_data:
            return self._faults.smtp_data
        if self._faults.smtp_cut != "after_data_lost":
            await self._take(self._recorded(envelope))
        if self._faults.smtp_cut in {"after_data_taken", "after_data_lost"}:
            transport = server.transport
            if isinstance(transport, asyncio.Transport):
                transport.abort()
        return "250 2.0.0 taken"

    def _recorded(self, envelope: Envelope) -> SentMail:
        content = envelope.content or b""
        return SentMail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=content if isinstance(content, bytes) else content.encode(),
            at=self._now(),
        )
