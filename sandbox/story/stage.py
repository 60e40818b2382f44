"""The stage the story is played on: a workspace, a mail server and the desk itself, wired together.

The desk runs from a settings file and an environment as it does in production; only its clock may
run faster. Everything lives in a temporary folder and on loopback.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from bot.app import serve
from bot.clock import Clock
from bot.runtime.schema import upgrade
from bot.settings_file import Configuration, load
from bot.slack_manifest import build_manifest
from sandbox.mail.server import SandboxMail
from sandbox.slack.model import Message
from sandbox.slack.person import Person
from sandbox.slack.plain import names_of, to_plain
from sandbox.slack.seed import BEN
from sandbox.slack.server import SandboxSlack
from sandbox.story.letters import AMAZON_MAILBOX, FORM_MAILER, SHOP_MAILBOX
from sandbox.story.stall import Stall
from sandbox.story.stalls import environment, inbox_tables, open_stalls

T = TypeVar("T")

PASSWORD: Final = "sandbox-only"  # noqa: S105 - opens nothing but mailboxes in this process's memory
ROME: Final = ZoneInfo("Europe/Rome")
_PATIENCE: Final = 60.0

SETTINGS: Final = Template("""\
[desk]
name = "Rossi Casa"
timezone = "Europe/Rome"
managers = ["@managers"]
ops_channel = "#threadline-ops"
undo_seconds = 10
$desk

[digests]
daily = "off"
weekly = "off"

[[agents]]
slack = "anna@rossi-casa.example"
name = "Anna"
role = "agent"

[[agents]]
slack = "ben@rossi-casa.example"
name = "Ben"
role = "agent"

[[agents]]
slack = "chiara@rossi-casa.example"
name = "Chiara"
role = "manager"

[calendars.shop]
timezone = "Europe/Rome"
mon = ["09:00-13:00", "14:00-18:00"]
tue = ["09:00-13:00", "14:00-18:00"]
wed = ["09:00-13:00", "14:00-18:00"]
thu = ["09:00-13:00", "14:00-18:00"]
fri = ["09:00-13:00", "14:00-18:00"]

[[inboxes]]
name = "amazon-it"
connector = "amazon"
channel = "#amazon-it"
label = "Amazon.it"
group = ["@amazon-team"]
poll_seconds = $poll

[inboxes.settings]
imap_host = "127.0.0.1"
imap_port = $imap
imap_security = "none"
imap_user = "$amazon"
imap_password = "env:MAIL_PASSWORD"
smtp_host = "127.0.0.1"
smtp_port = $smtp
smtp_security = "none"
smtp_user = "$amazon"
smtp_password = "env:MAIL_PASSWORD"
from_address = "$amazon"

[[inboxes]]
name = "shop"
connector = "website"
channel = "#shop"
label = "rossicasa.example"
$survey
group = ["@amazon-team"]
calendar = "shop"
poll_seconds = $poll

[inboxes.settings]
imap_host = "127.0.0.1"
imap_port = $imap
imap_security = "none"
imap_user = "$shop"
imap_password = "env:MAIL_PASSWORD"
smtp_host = "127.0.0.1"
smtp_port = $smtp
smtp_security = "none"
smtp_user = "$shop"
smtp_password = "env:MAIL_PASSWORD"
from_address = "$shop"
from_name = "Rossi Casa"
form_senders = ["$form"]
""")


# What a past has that the story alone does without: who worked when, and customers who rate.
PAST_DESK: Final = 'public_url = "https://desk.rossicasa.example"'
PAST_SURVEY: Final = 'survey = "csat"'
PAST_SETTINGS: Final = """\
[calendars.day]
timezone = "Europe/Rome"
mon = ["09:00-18:00"]
tue = ["09:00-18:00"]
wed = ["09:00-18:00"]
thu = ["09:00-18:00"]
fri = ["09:00-18:00"]

[calendars.evening]
timezone = "Europe/Rome"
mon = ["18:00-21:00"]
wed = ["18:00-21:00"]
thu = ["18:00-21:00"]
fri = ["18:00-20:00"]

[calendars.tuesday-evening]
timezone = "Europe/Rome"
tue = ["18:00-21:00"]

[shifts.day]
calendar = "day"
agents = ["anna@rossi-casa.example", "ben@rossi-casa.example"]

[shifts.evening]
calendar = "evening"
agents = ["anna@rossi-casa.example", "ben@rossi-casa.example"]

[shifts.tuesday-evening]
calendar = "tuesday-evening"
agents = ["ben@rossi-casa.example"]
"""

MakePast = Callable[[Configuration, datetime], Awaitable[None]]
"""Fills the database of a desk that is not running yet with what happened until then."""


class StageClock(Clock):
    """The story's clock. It can be set back to its first instant before the desk comes up."""

    def begin(self) -> None:
        """It is the first instant now."""
        self._origin = self.monotonic()


class Missed(Exception):
    """Something the story expected never happened."""


def opening_time(today: datetime) -> datetime:
    """Half past nine on the next working day in Rome: the hour at which the story begins."""
    day = today.astimezone(ROME).date() + timedelta(days=1)
    while day.weekday() > 3:  # noqa: PLR2004 - Friday would let the story run into a weekend
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 9, 30, tzinfo=ROME).astimezone(UTC)


@dataclass(slots=True)
class Stage:
    """What the scenes act on."""

    clock: Clock
    slack: SandboxSlack
    mail: SandboxMail
    stalls: Sequence[Stall]
    anna: Person
    ben: Person
    chiara: Person

    def while_pass(self, desk_time: timedelta) -> float:
        """The real seconds to wait at most for something that is so much desk time away."""
        return desk_time / self.clock.real(1.0) + _PATIENCE

    async def receive(self, mailbox: str, raw: bytes) -> None:
        """Have one mail arrive now."""
        await self.mail.deliver(mailbox, raw, at=self.clock.now())

    def read(self, message: Message) -> str:
        """A message as Anna reads it now."""
        workspace = self.slack.workspace
        return to_plain(
            workspace.message_json(message), "Europe/Rome", self.clock.now(), names_of(workspace)
        )

    async def card(self, channel: str, words: str, *, within: float = 20.0) -> Message:
        """The root card in `channel` that shows `words`. A list of several tickets is no card."""

        def look() -> Message | None:
            roots = (
                m
                for m in self.slack.workspace.messages(channel)
                if m.thread_ts in {None, m.ts} and m.blocks and m.blocks[0]["type"] == "header"
            )
            return next((m for m in roots if words in self.read(m)), None)

        return await self.until(f"a card in {channel} that says {words!r}", look, within=within)

    async def line(self, card: Message, *words: str, within: float = 20.0) -> Message:
        """The newest message in the card's thread that shows all of `words`."""

        def look() -> Message | None:
            replies = self.slack.workspace.replies(card.channel, card.ts)
            fits = (m for m in reversed(replies) if all(w in self.read(m) for w in words))
            return next((m for m in fits if m.ts != card.ts), None)

        said = " and ".join(repr(w) for w in words)
        return await self.until(
            f"a line under {self.title(card)!r} that says {said}", look, within=within
        )

    async def shows(self, card: Message, *words: str, within: float = 20.0) -> None:
        """Wait until the card itself shows all of `words`."""
        said = " and ".join(repr(w) for w in words)
        await self.until(
            f"the card {self.title(card)!r} to say {said}",
            lambda: all(word in self.read(card) for word in words) or None,
            within=within,
        )

    def title(self, card: Message) -> str:
        """The first line of a card."""
        return self.read(card).splitlines()[0]

    async def until(self, what: str, look: Callable[[], T | None], *, within: float = 20.0) -> T:
        """Wait so many real seconds for `look` to find something.

        Raises:
            Missed: it never did; `what` says what was expected.
        """
        give_up = self.clock.monotonic() + within
        while self.clock.monotonic() < give_up:
            if found := look():
                return found
            await asyncio.sleep(0.02)
        raise Missed(what)


@asynccontextmanager
async def build_stage(
    folder: Path, *, speed: float, port: int = 0, past: MakePast | None = None
) -> AsyncIterator[Stage]:
    """Start everything; stop it in reverse. `past` is made before the desk comes up.

    Raises:
        Missed: the desk did not come up.
    """
    opening = opening_time(datetime.now(UTC))  # noqa: TID251 - the story's first instant
    clock = StageClock(speed=speed, start=opening)
    async with AsyncExitStack() as stack:
        slack = SandboxSlack()
        stack.push_async_callback(slack.stop)
        await slack.start(port=port, clock=clock, manifest=build_manifest())
        slack.workspace.user(BEN).locale = "de-DE"
        mail = await stack.enter_async_context(SandboxMail(now=clock.now))
        for mailbox in (AMAZON_MAILBOX, SHOP_MAILBOX):
            await mail.add_mailbox(mailbox, PASSWORD)
        stalls = await stack.enter_async_context(open_stalls(clock.now))
        environ = write_settings(folder, slack, mail, stalls, with_past=past is not None)
        settings = folder / "threadline.toml"
        if past is not None:
            configuration = load(settings, environ)
            await asyncio.to_thread(upgrade, configuration.environment.database_url)
            await past(configuration, opening)
        clock.begin()
        await stack.enter_async_context(running_desk(settings, environ, clock))
        yield Stage(
            clock=clock,
            slack=slack,
            mail=mail,
            stalls=stalls,
            anna=slack.person("anna"),
            ben=slack.person("ben"),
            chiara=slack.person("chiara"),
        )


def write_settings(
    folder: Path,
    slack: SandboxSlack,
    mail: SandboxMail,
    stalls: Sequence[Stall],
    *,
    with_past: bool = False,
) -> dict[str, str]:
    """Write the settings file; returns the environment the desk needs beside it."""
    text = SETTINGS.substitute(
        desk=PAST_DESK if with_past else "",
        survey=PAST_SURVEY if with_past else "",
        poll=1,
        imap=mail.imap_port,
        smtp=mail.smtp_port,
        amazon=AMAZON_MAILBOX,
        shop=SHOP_MAILBOX,
        form=FORM_MAILER,
    )
    text = f"{text}\n{inbox_tables(stalls, poll=1)}\n{PAST_SETTINGS if with_past else ''}"
    (folder / "threadline.toml").write_text(text, encoding="utf-8")
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'threadline.db'}",
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "MAIL_PASSWORD": PASSWORD,
        **environment(stalls),
        "THREADLINE_INSTANCE_KEY": "story-story-story-story-story-00",
    }


@asynccontextmanager
async def running_desk(
    settings: Path, environ: dict[str, str], clock: Clock
) -> AsyncIterator[None]:
    """The desk, in this process, from its settings file.

    Raises:
        Missed: it did not come up within twenty seconds.
    """
    configuration = load(settings, environ)
    await asyncio.to_thread(upgrade, configuration.environment.database_url)
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(serve(configuration, clock=clock, stop=stop, ready=ready))
    started = asyncio.create_task(ready.wait())
    done, _ = await asyncio.wait({task, started}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    if task in done:
        await task
    if not done:
        raise Missed("the desk to come up within twenty seconds")
    try:
        yield
    finally:
        stop.set()
        await task
