"""The sandbox's mail servers, by the standard library's own clients."""

import asyncio
import imaplib
import smtplib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from sandbox.mail.server import SandboxMail
from sandbox.mail.smtp import SentMail

T = TypeVar("T")
RAW = b"From: a@post.example\r\nSubject: hi\r\n\r\nhello\r\n"


@pytest.fixture
async def mail() -> AsyncIterator[SandboxMail]:
    async with SandboxMail() as running:
        await running.add_mailbox("one@seller.example", "first")
        await running.add_mailbox("two@seller.example", "second")
        yield running


async def _imap(
    mail: SandboxMail, user: str, password: str, work: Callable[[imaplib.IMAP4], T]
) -> T:
    def talk() -> T:
        client = imaplib.IMAP4(mail.host, mail.imap_port, 30)
        try:
            client.login(user, password)
            client.select("INBOX")
            return work(client)
        finally:
            client.shutdown()

    return await asyncio.to_thread(talk)


async def _send(mail: SandboxMail, user: str, password: str, to: str) -> None:
    def talk() -> None:
        with smtplib.SMTP(mail.host, mail.smtp_port, timeout=30) as client:
            client.login(user, password)
            client.sendmail(user, [to], RAW)

    await asyncio.to_thread(talk)


def _count(client: imaplib.IMAP4) -> int:
    return len(client.uid("SEARCH", "ALL")[1][0].split())


def _uidvalidity(client: imaplib.IMAP4) -> object:
    return client.response("UIDVALIDITY")[1][0]


async def test_it_starts_in_half_a_second_of_work() -> None:
    began = time.process_time()
    async with SandboxMail() as mail:
        await mail.add_mailbox("one@seller.example", "first")
        assert time.process_time() - began < 0.5


async def test_each_mailbox_has_its_own_mail_and_password(mail: SandboxMail) -> None:
    await mail.deliver("one@seller.example", RAW, datetime(2026, 1, 2, tzinfo=UTC))
    assert await _imap(mail, "one@seller.example", "first", _count) == 1
    assert await _imap(mail, "two@seller.example", "second", _count) == 0
    with pytest.raises(imaplib.IMAP4.error):
        await _imap(mail, "one@seller.example", "second", _count)
    with pytest.raises(imaplib.IMAP4.error):
        await _imap(mail, "three@seller.example", "first", _count)


async def test_sent_mail_is_recorded_delivered_here_and_announced(mail: SandboxMail) -> None:
    heard: list[SentMail] = []

    async def listen(sent: SentMail) -> None:
        heard.append(sent)

    mail.on_sent = listen
    await _send(mail, "one@seller.example", "first", "two@seller.example")
    await _send(mail, "one@seller.example", "first", "buyer@post.example")
    assert [sent.recipients for sent in mail.sent] == [
        ("two@seller.example",),
        ("buyer@post.example",),
    ]
    assert heard == mail.sent
    assert await _imap(mail, "two@seller.example", "second", _count) == 1


async def test_nobody_sends_without_logging_in(mail: SandboxMail) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        await _send(mail, "one@seller.example", "wrong", "buyer@post.example")

    def without_login() -> None:
        with smtplib.SMTP(mail.host, mail.smtp_port, timeout=30) as client:
            client.sendmail("one@seller.example", ["buyer@post.example"], RAW)

    with pytest.raises(smtplib.SMTPSenderRefused):
        await asyncio.to_thread(without_login)
    assert mail.sent == []


async def test_a_restart_keeps_mail_and_ports_and_renumbers(mail: SandboxMail) -> None:
    await mail.deliver("one@seller.example", RAW)
    ports = (mail.imap_port, mail.smtp_port)
    before = await _imap(mail, "one@seller.example", "first", _uidvalidity)
    await mail.restart()
    assert (mail.imap_port, mail.smtp_port) == ports
    assert await _imap(mail, "one@seller.example", "first", _count) == 1
    assert await _imap(mail, "one@seller.example", "first", _uidvalidity) != before


async def test_a_silent_server_accepts_and_says_nothing(mail: SandboxMail) -> None:
    mail.faults.imap_silent = True

    def talk() -> None:
        imaplib.IMAP4(mail.host, mail.imap_port, 0.3)

    with pytest.raises(TimeoutError):
        await asyncio.to_thread(talk)
