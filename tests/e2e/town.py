"""A town on loopback: a workspace, mail servers, a settings file, and the desk that serves them.

The desk runs in this process (`desk_in`) or, to be killed, in a process of its own (`Process`).
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar

from typing_extensions import override

from bot.app import serve
from bot.clock import Clock
from bot.process_role import Role
from bot.settings_file import load
from bot.slack_manifest import build_manifest
from sandbox.mail.server import SandboxMail
from sandbox.slack.admin import Admin
from sandbox.slack.limits import LimitSettings
from sandbox.slack.model import Message
from sandbox.slack.person import Person, Post
from sandbox.slack.plain import names_of, to_plain
from sandbox.slack.server import SandboxSlack

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "quiet"
OPS = "threadline-ops"
INSTANCE_KEY = "town-town-town-town-town-town-00"


LISTS = ("most urgent first:", "At risk now", "Nothing is at risk now", "It has calmed down")
"""What is in lists of tickets; they begin with a number, as cards do."""


class SetClock(Clock):
    """The machine's clock with hands that a test may turn."""

    def __init__(self) -> None:
        super().__init__()
        self._turned = timedelta(0)
        self._passed = 0.0

    @override
    def now(self) -> datetime:
        return super().now() + self._turned

    @override
    def monotonic(self) -> float:
        return super().monotonic() + self._passed

    def turn(self, by: timedelta) -> None:
        """Set the clock on the wall; the steady one does not notice."""
        self._turned += by

    def pass_(self, by: timedelta) -> None:
        """Let time pass on both clocks."""
        self._turned += by
        self._passed += by.total_seconds()


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """One `[[inboxes]]` table; its mailbox is `name@rossicasa.example`, its channel `#name`."""

    name: str
    connector: str = "website"
    poll_seconds: int = 1
    extra: str = ""
    imap_port: int | None = None  # a way round to the mail server

    @property
    def mailbox(self) -> str:
        return f"{self.name}@rossicasa.example"

    def table(self, mail: SandboxMail) -> str:
        return (
            f'[[inboxes]]\nname = "{self.name}"\nconnector = "{self.connector}"\n'
            f'channel = "#{self.name}"\nlabel = "{self.name}"\ngroup = ["@amazon-team"]\n'
            f'calendar = "round"\npoll_seconds = {self.poll_seconds}\n[inboxes.settings]\n'
            f'imap_host = "127.0.0.1"\nimap_port = {self.imap_port or mail.imap_port}\nimap_security = "none"\n'
            f'imap_user = "{self.mailbox}"\nimap_password = "env:MAIL_PASSWORD"\n'
            f'smtp_host = "127.0.0.1"\nsmtp_port = {mail.smtp_port}\nsmtp_security = "none"\n'
            f'smtp_user = "{self.mailbox}"\nsmtp_password = "env:MAIL_PASSWORD"\n'
            f'from_address = "{self.mailbox}"\n{self.extra}\n'
        )


AMAZON = Inbox(name="amazon-it", connector="amazon")
SHOP = Inbox(name="shop")

_ROUND = '[calendars.round]\ntimezone = "Europe/Rome"\n' + "".join(
    f'{day} = ["00:00-24:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
_AGENTS = "".join(
    f'[[agents]]\nslack = "{name.lower()}@rossi-casa.example"\nname = "{name}"\nrole = "{role}"\n'
    for name, role in (("Anna", "agent"), ("Ben", "agent"), ("Chiara", "manager"))
)


def policy(name: str, channel: str, target: str, *, warn: Sequence[str] = ("50%", "20%")) -> str:
    """A policy that takes the place of the built-in one of that name."""
    return (
        f'[[policies]]\nname = "{name}"\nsource = "this test"\n'
        f'match = {{ channel = "{channel}", kind = "message" }}\n[[policies.clock]]\n'
        f'metric = "response"\nscope = "internal"\ntarget = "{target}"\ncalendar = "always"\n'
        f"warn = {json.dumps(list(warn))}\n"
    )


@dataclass(kw_only=True)
class Town:
    """Everything around a desk."""

    slack: SandboxSlack
    mail: SandboxMail
    clock: Clock
    folder: Path
    database_url: str
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Path:
        return self.folder / "threadline.toml"

    @property
    def anna(self) -> Person:
        return self.slack.person("anna")

    @property
    def ben(self) -> Person:
        return self.slack.person("ben")

    @property
    def chiara(self) -> Person:
        return self.slack.person("chiara")

    def channel(self, name: str) -> str:
        return self.slack.workspace.channel_named(name).id

    # What people read.

    def roots(self, channel: str) -> list[Message]:
        """The bot's messages of a channel that are in no thread: cards, and lines for the desk's keepers.

        Lists of several tickets are no cards: those of pings, and the one of a channel in a storm.
        """
        bot = self.slack.core.app.bot_user
        return [
            m
            for m in self.slack.workspace.messages(self.channel(channel))
            if m.user == bot and not m.is_reply and not any(said in m.text for said in LISTS)
        ]

    def read(self, message: Message) -> str:
        """A message as somebody in Rome reads it now."""
        workspace = self.slack.workspace
        shape = workspace.message_json(message)
        return to_plain(shape, "Europe/Rome", self.clock.now(), names_of(workspace))

    def private(self, posts: Iterable[Post]) -> str:
        """Private answers as they read."""
        names = names_of(self.slack.workspace)
        return "\n".join(to_plain(p.json, "Europe/Rome", self.clock.now(), names) for p in posts)

    def thread(self, card: Message) -> list[str]:
        """What is below a card."""
        replies = self.slack.workspace.replies(card.channel, card.ts)
        return [self.read(m) for m in replies if m.ts != card.ts]

    def ops(self) -> list[str]:
        return [self.read(m) for m in self.roots(OPS)]

    async def card(self, channel: str, words: str, *, within: float = 40.0) -> Message:
        """The root card that shows `words`."""

        def look() -> Message | None:
            return next((m for m in self.roots(channel) if words in self.read(m)), None)

        return await self.until(f"a card in #{channel} with {words!r}", look, within=within)

    async def line(self, card: Message, *words: str, within: float = 40.0) -> Message:
        """The newest message below a card that shows all of `words`."""

        def look() -> Message | None:
            replies = reversed(self.slack.workspace.replies(card.channel, card.ts))
            fits = (m for m in replies if m.ts != card.ts)
            return next((m for m in fits if all(w in self.read(m) for w in words)), None)

        return await self.until(f"a line with {words!r}", look, within=within)

    async def shows(self, card: Message, *words: str, within: float = 40.0) -> str:
        """The card's own words, once it shows all of `words`."""

        def look() -> str | None:
            text = self.read(card)
            return text if all(word in text for word in words) else None

        return await self.until(f"the card to show {words!r}", look, within=within)

    async def told(self, *words: str, within: float = 40.0) -> str:
        """The line of the ops channel that has all of `words`."""

        def look() -> str | None:
            return next((line for line in self.ops() if all(w in line for w in words)), None)

        return await self.until(f"#{OPS} to say {words!r}", look, within=within)

    async def until(
        self, what: str, look: Callable[[], T | None], *, within: float = 40.0, every: float = 0.02
    ) -> T:
        """Wait so many real seconds for `look` to find something."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + within
        while loop.time() < give_up:
            if found := look():
                return found
            await asyncio.sleep(every)
        raise AssertionError(f"never: {what}\n--- the workspace ---\n{self.picture()}")

    def picture(self) -> str:
        """Every channel and thread, for the message of a failed test."""
        lines: list[str] = []
        for channel in self.slack.workspace.channels.values():
            if channel.is_im:
                continue
            for root in self.roots(channel.id):
                lines += [f"#{channel.name}: {self.read(root)[:300]!r}"]
                lines += [f"    ↳ {line[:200]!r}" for line in self.thread(root)]
        return "\n".join(lines)

    def number(self, card: Message) -> int:
        """The ticket's number on a card."""
        found = re.search(r"#(\d+)", self.read(card))
        assert found is not None, self.read(card)
        return int(found[1])

    # What happens.

    async def customer(
        self,
        inbox: Inbox,
        text: str,
        *,
        name: str = "Lucia Verdi",
        subject: str | None = None,
        address: str | None = None,
    ) -> str:
        """A customer writes to a website's inbox; the Message-ID."""
        now = self.clock.now()
        handle = name.split(" ", maxsplit=1)[0].lower()
        raw, message_id = letter(
            inbox, text, name=name, subject=subject, address=address or handle, at=now
        )
        await self.mail.deliver(inbox.mailbox, raw, now)
        return message_id

    async def close(self) -> None:
        await self.mail.stop()
        await self.slack.stop()


def letter(
    inbox: Inbox,
    text: str,
    *,
    name: str,
    subject: str | None,
    address: str,
    at: datetime,
) -> tuple[bytes, str]:
    """An ordinary mail and its Message-ID. `address` without `@` is a name at the customers' host."""
    sender = address if "@" in address else f"{address}@customer.example"
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["From"] = f'"{name}" <{sender}>'
    mail["To"] = inbox.mailbox
    mail["Subject"] = subject or text[:60]
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{os.urandom(6).hex()}@customer.example>"
    mail.set_content(text)
    return mail.as_bytes(), str(mail["Message-ID"])


@asynccontextmanager
async def a_town(
    folder: Path,
    database_url: str,
    *,
    inboxes: Sequence[Inbox] = (AMAZON, SHOP),
    policies: str = "",
    undo_seconds: int = 1,
    clock: Clock | None = None,
    limits: LimitSettings | None = None,
    manifest: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[Town]:
    """A workspace and mail servers, and the settings that would connect a desk to both."""
    clock = clock or SetClock()
    async with AsyncExitStack() as stack:
        slack = SandboxSlack(limits=limits)
        stack.push_async_callback(slack.stop)
        await slack.start(clock=clock, manifest=manifest or build_manifest())
        mail = await stack.enter_async_context(SandboxMail(now=clock.now))
        town = Town(slack=slack, mail=mail, clock=clock, folder=folder, database_url=database_url)
        known = {channel.name for channel in slack.workspace.channels.values()}
        for inbox in inboxes:
            await mail.add_mailbox(inbox.mailbox, PASSWORD)
            if inbox.name not in known:
                everybody = ["anna", "ben", "chiara", "dario", slack.core.app.bot_user]
                Admin(slack.core).new_channel({"name": inbox.name, "members": everybody})
        desk = (
            f'[desk]\nname = "Rossi Casa"\nmanagers = ["@managers"]\nops_channel = "#{OPS}"\n'
            f"undo_seconds = {undo_seconds}\n"
            '[digests]\ndaily = "off"\nweekly = "off"\n'
        )
        tables = "".join(inbox.table(mail) for inbox in inboxes)
        town.settings.write_text(desk + _AGENTS + _ROUND + tables + policies, encoding="utf-8")
        town.environ = {
            "DATABASE_URL": database_url,
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "MAIL_PASSWORD": PASSWORD,
            "THREADLINE_INSTANCE_KEY": INSTANCE_KEY,
            "THREADLINE_CONFIG": str(town.settings),
            "THREADLINE_LOG_FORMAT": "json",
            **(environ or {}),
        }
        yield town


@asynccontextmanager
async def desk_in(town: Town, role: Role = Role.ALL) -> AsyncIterator[Town]:
    """The desk of a town, in this process, hearing what people do."""
    stop, ready = asyncio.Event(), asyncio.Event()
    configuration = load(town.settings, town.environ)
    task = asyncio.create_task(
        serve(configuration, clock=town.clock, stop=stop, role=role, ready=ready)
    )
    try:
        await town.until("the desk to serve", lambda: ready.is_set() or task.done() or None)
        if task.done():
            await task
        if town.environ.get("SLACK_APP_TOKEN"):
            await town.until("its socket", lambda: town.slack.core.hub.connections or None)
        yield town
    finally:
        stop.set()
        await task
