"""A real IMAP and SMTP pair on loopback: mailboxes in memory, failures on command.

The IMAP side is pymap, the SMTP side aiosmtpd; both run in the caller's event loop. Mail for an
address that has a mailbox here is delivered into it, everything handed over is recorded. A
restart renumbers every mailbox, as a restored or migrated server does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Self

from typing_extensions import override

from connectors.contract import machine_time
from sandbox.mail.faults import Faults
from sandbox.mail.imap import ImapHost
from sandbox.mail.smtp import SentMail, SmtpHost
from sandbox.mail.xoauth2 import Tokens

HOST = "127.0.0.1"


class SandboxMail:
    """The pair. `faults` may be changed at any time; `now` stamps what arrives by SMTP."""

    def __init__(self, *, now: Callable[[], datetime] = machine_time) -> None:
        self.faults = Faults()
        self.sent: list[SentMail] = []
        self.keep_sent_copies = False  # many providers file what was sent in the Sent folder
        self.on_sent: Callable[[SentMail], Awaitable[None]] | None = None
        self._now = now
        self._passwords: dict[str, str] = {}
        self.tokens = Tokens(self._passwords)  # what XOAUTH2 opens a mailbox with
        self._imap = ImapHost(self.faults, self.tokens)
        self._smtp = SmtpHost(self.faults, self.tokens, self._take, now)
        self._stored: dict[str, list[tuple[bytes, datetime]]] = {}

    @property
    def host(self) -> str:
        """Where both servers listen."""
        return HOST

    @property
    def imap_port(self) -> int:
        """Port of the IMAP server; the same after a restart."""
        return self._imap.port

    @property
    def smtp_port(self) -> int:
        """Port of the SMTP server; the same after a restart."""
        return self._smtp.port

    async def start(self) -> None:
        """Listen on free loopback ports."""
        await self._imap.start(HOST)
        await self._smtp.start(HOST)

    async def stop(self) -> None:
        """Drop every connection and stop listening."""
        await self._smtp.stop()
        await self._imap.stop()

    async def restart(self, *, down_for: float = 0.0) -> None:
        """Go down and come back with the same mail under new numbers (a new UIDVALIDITY).

        Args:
            down_for: Real seconds without a listener.
        """
        await self.stop()
        await asyncio.sleep(down_for)
        await self._smtp.start(HOST)
        await self._imap.start(HOST)
        for name, password in self._passwords.items():
            self._imap.add_user(name, password)
        for name, mails in self._stored.items():
            for raw, at in mails:
                await self._imap.append(name, raw, at)

    async def add_mailbox(self, name: str, password: str) -> None:
        """Open a mailbox that is also an SMTP account. `name` is its address and log-in."""
        self._passwords[name] = password
        self._stored.setdefault(name, [])
        self._imap.add_user(name, password)

    async def change_password(self, name: str, password: str) -> None:
        """Give a mailbox another password, as an owner does who forgets to tell the desk."""
        self._passwords[name] = password
        self._imap.add_user(name, password)

    async def deliver(self, mailbox: str, raw: bytes, at: datetime | None = None) -> None:
        """Put one mail into a mailbox, received `at` (now, if not given)."""
        when = at or self._now()
        self._stored[mailbox].append((raw, when))
        await self._imap.append(mailbox, raw, when)

    async def flags(self, mailbox: str) -> list[frozenset[str]]:
        """The flags of every mail of a mailbox, oldest first: proof that reading changes none."""
        return await self._imap.flags(mailbox)

    async def drop_connections(self) -> None:
        """Cut every open IMAP connection without a word."""
        self._imap.drop_connections()

    async def _take(self, mail: SentMail) -> None:
        self.sent.append(mail)
        if self.keep_sent_copies and mail.sender in self._stored:
            await self._imap.append(mail.sender, mail.content, mail.at, folder="Sent")
        for recipient in mail.recipients:
            if recipient in self._stored:
                await self.deliver(recipient, mail.content, mail.at)
        if self.on_sent is not None:
            await self.on_sent(mail)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.stop)
            await self.start()
            undo.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @override
    def __repr__(self) -> str:
        return f"SandboxMail(imap_port={self.imap_port}, smtp_port={self.smtp_port})"
