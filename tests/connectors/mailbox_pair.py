"""A connector over the sandbox's real IMAP and SMTP servers, and mails to feed it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import connectors
from connectors.contract import Cursor, InboxContext, Page, RawItem, ReplyCommand
from connectors.mail.channel import MailChannel
from connectors.registry import load_connectors
from sandbox.mail.server import SandboxMail

KEY = b"fixture-instance-key"
NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
SEEN = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse"
ADDRESSES = {"amazon": "amazon@seller.example", "website": "shop@seller.example"}
EXTRAS: dict[str, dict[str, Any]] = {
    "amazon": {"trusted_authserv": "mx.seller.example"},
    "website": {"form_senders": ["mailer@forms.example", "wordpress@seller.example"]},
}
BOTH = ("amazon", "website")


def settings(channel: str, **changes: Any) -> dict[str, Any]:
    address = ADDRESSES[channel]
    return {
        "imap_host": "imap.seller.example",
        "imap_user": address,
        "imap_password": PASSWORD,
        "smtp_host": "smtp.seller.example",
        "smtp_user": address,
        "smtp_password": PASSWORD,
        "from_address": address,
        "from_name": "Bottega Salici",
        **EXTRAS[channel],
        **changes,
    }


def connector(
    channel: str, now: Callable[[], datetime] = lambda: NOW, **changes: Any
) -> MailChannel:
    spec = load_connectors().specs[channel]
    config = spec.config_model.model_validate(settings(channel, **changes))
    built = spec.build(config, InboxContext(inbox=channel, instance_key=KEY, now=now))
    assert isinstance(built, MailChannel)
    return built


def fixture(channel: str, name: str) -> bytes:
    folder = Path(next(iter(connectors.__path__))) / channel / "fixtures"
    return (folder / f"{name}.eml").read_bytes()


def raw_item(raw: bytes, received_at: datetime = SEEN, source_id: str = "s-1") -> RawItem:
    return RawItem(source_id=source_id, received_at=received_at, payload=raw)


def plain_mail(number: int, *, body: str = "hello", extra: str = "") -> bytes:
    return (
        f"From: Nora Quist <nora{number}@post.example>\r\n"
        f"To: shop@seller.example\r\n"
        f"Subject: question {number}\r\n"
        f"Date: Wed, 11 Mar 2026 08:00:00 +0000\r\n"
        f"Message-ID: <m{number}@post.example>\r\n{extra}\r\n{body}\r\n"
    ).encode()


def command(channel: str, *, text: str = "We will look into it.", **changes: Any) -> ReplyCommand:
    to = {
        "amazon": "k3v9qzt41mno2xa+133a066e@marketplace.amazon.it",
        "website": "nora@post.example",
    }
    context = {
        "to": to[channel],
        "subject": "Re: Re: AW: a question",
        "in_reply_to": "last@post.example",
        "references": ["first@post.example", "last@post.example"],
        **changes,
    }
    return ReplyCommand(reply_id="901", ticket_number=17, text=text, context=context)


@dataclass(slots=True)
class Desk:
    """What the desk does with pages: store each source once, keep the cursor of the last page."""

    stored: dict[str, RawItem] = field(default_factory=dict)
    repeats: int = 0
    cursor: Cursor | None = None
    pages: list[Page] = field(default_factory=list)

    def store(self, page: Page) -> None:
        self.pages.append(page)
        for item in page.items:
            self.repeats += item.source_id in self.stored
            self.stored[item.source_id] = item
        self.cursor = page.cursor

    async def poll(self, channel: MailChannel, *, stop_after: int | None = None) -> int:
        before = len(self.stored)
        count = 0
        async for page in channel.fetch(self.cursor):
            self.store(page)
            count += 1
            if stop_after is not None and count >= stop_after:
                break
        return len(self.stored) - before


@dataclass(slots=True)
class Pair:
    channel: str
    mail: SandboxMail
    connector: MailChannel

    @property
    def address(self) -> str:
        return ADDRESSES[self.channel]

    def settings(self, **changes: Any) -> dict[str, Any]:
        return {
            "imap_host": self.mail.host,
            "imap_port": self.mail.imap_port,
            "imap_security": "none",
            "smtp_host": self.mail.host,
            "smtp_port": self.mail.smtp_port,
            "smtp_security": "none",
            **changes,
        }

    async def deliver(self, raw: bytes, at: datetime = SEEN) -> None:
        await self.mail.deliver(self.address, raw, at)


@asynccontextmanager
async def pair(channel: str, **changes: Any) -> AsyncIterator[Pair]:
    async with SandboxMail(now=lambda: NOW) as mail:
        await mail.add_mailbox(ADDRESSES[channel], PASSWORD)
        running = Pair(channel, mail, connector(channel))
        running.connector = connector(channel, **running.settings(**changes))
        try:
            yield running
        finally:
            await running.connector.close()
