"""The sandbox's IMAP server in a process of its own, so that its work is not counted as ours."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection

from sandbox.mail.server import SandboxMail

PASSWORD = "bench-only"
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    mailbox: str
    mails: Sequence[bytes]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A running server. Mailboxes come into being with the first delivery."""

    port: int
    _pipe: "Connection[_Delivery | None, int]"

    def deliver(self, mailbox: str, mails: Sequence[bytes], at: datetime) -> None:
        """Put mails into a mailbox, all received `at`; returns when they are there."""
        self._pipe.send(_Delivery(mailbox=mailbox, mails=mails, at=at))
        _answer(self._pipe)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server for the length of the block."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield MailServer(port=_answer(ours), _pipe=ours)
    finally:
        ours.send(None)
        process.join(timeout=_PATIENCE)


def _answer(pipe: "Connection[_Delivery | None, int]") -> int:
    if not pipe.poll(_PATIENCE):
        raise TimeoutError("the mail server does not answer")
    return pipe.recv()


def _serve(pipe: "Connection[int, _Delivery | None]") -> None:
    asyncio.run(_obey(pipe))


async def _obey(pipe: "Connection[int, _Delivery | None]") -> None:
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
