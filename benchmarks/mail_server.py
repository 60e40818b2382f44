"""The sandbox's IMAP server, in a process of its own."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from benchmarks.apart import Pipe, answer, apart
from sandbox.mail.server import SandboxMail

PASSWORD = "bench-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    mailbox: str
    mails: Sequence[bytes]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A running server. Mailboxes come into being with the first delivery."""

    port: int
    _pipe: Pipe

    def deliver(self, mailbox: str, mails: Sequence[bytes], at: datetime) -> None:
        """Put mails into a mailbox, all received `at`; returns when they are there."""
        self._pipe.send(_Delivery(mailbox=mailbox, mails=mails, at=at))
        answer(self._pipe)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server for the length of the block."""
    with apart(_obey) as pipe:
        yield MailServer(port=answer(pipe), _pipe=pipe)


async def _obey(pipe: Pipe) -> None:
    known: set[str] = set()
    async with SandboxMail() as mail:
        pipe.send(mail.imap_port)
        while (delivery := await asyncio.to_thread(pipe.recv)) is not None:
            if delivery.mailbox not in known:
                await mail.add_mailbox(delivery.mailbox, PASSWORD)
                known.add(delivery.mailbox)
            for raw in delivery.mails:
                await mail.deliver(delivery.mailbox, raw, delivery.at)
            pipe.send(len(delivery.mails))
