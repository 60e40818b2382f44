"""Mails to stored tickets: a real IMAP server, the real connectors, the real poller."""

import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from typing_extensions import override

from benchmarks.databases import Databases
from benchmarks.desk import START, the_desk
from benchmarks.figures import Figure, Goal, figure, must, ratios
from benchmarks.mail_server import PASSWORD, MailServer, mail_server
from benchmarks.mails import ADDRESS, FORM_MAILER, WEBSITE, Mail, buyer_mails, conversations
from benchmarks.plain import ingest_plainly, read_plainly
from benchmarks.watching import Log, WatchedDatabase
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.domain.effects import EffectKind
from bot.jobs.poll import InboxPoller
from bot.usecases.inboxes import sync_inboxes
from connectors.contract import (
    Connector,
    Cursor,
    Found,
    Health,
    InboundMessage,
    InboxContext,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)
from connectors.mail.channel import MailChannel
from connectors.registry import load_connectors

NAME = "ingest"

PLAIN_MAILS = 300
"""For the comparison, whose cost per mail is constant and whose speed is not worth more time."""

PHASES = ("fetch", "store", "read", "ingest")

_FASTER = Goal(least=2.0, source="eight times a stock helpdesk, itself a quarter of the plain script")
_NOTHING_NEW = Goal(most=0.0, source="invariant 1: reading again has no effect")
_REPEAT = Goal(most=0.5, source="a known mail costs less than half a new one")


class StopwatchConnector(Connector):
    """A mail connector with a stopwatch on its two ways in. `seconds` are by phase."""

    def __init__(self, inner: MailChannel, seconds: dict[str, float]) -> None:
        self._inner = inner
        self._seconds = seconds

    @override
    async def check(self) -> Health:
        return await self._inner.check()

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        pages = aiter(self._inner.fetch(cursor))
        while True:
            began = time.perf_counter()
            page = await anext(pages, None)
            self._seconds["fetch"] += time.perf_counter() - began
            if page is None:
                return
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        began = time.perf_counter()
        try:
            return self._inner.normalise(item)
        finally:
            self._seconds["read"] += time.perf_counter() - began

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        return self._inner.preview(command)

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        return await self._inner.reply(command)

    @override
    async def probe(self, command: ReplyCommand) -> Found | Unknown:
        return Unknown()

    async def close(self) -> None:
        await self._inner.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One reading of both mailboxes."""

    seconds: float
    cpu: float
    phases: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round on one database. `plain` is seconds per mail of the one-by-one script."""

    first: Pass
    again: Pass
    new_tickets_again: int
    tickets: int
    plain: float


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark."""
    mails = buyer_mails(200 if quick else 1000, until=START)
    rounds: dict[str, list[Round]] = defaultdict(list)
    reading: list[float] = []
    dice = random.Random(1)
    with mail_server() as server:
        for number in range(1 if quick else 3):
            for kind in dice.sample(kinds, len(kinds)):
                mailboxes = f"{kind.name}-{number}".lower()
                rounds[kind.name].append(await _round(kind, mails, server, mailboxes))
            reading.append(_read(mails))
    parsed = [seconds / len(mails) for seconds in reading]
    found = [figure(NAME, "bare parse by the standard library", _ms(parsed), unit="ms per mail")]
    for kind in kinds:
        found += _figures(kind.name, rounds[kind.name], parsed, len(mails))
    return found


def _figures(on: str, rounds: Sequence[Round], parsed: Sequence[float], count: int) -> list[Figure]:
    def of(what: str, values: Sequence[float], unit: str, goal: Goal | None = None) -> Figure:
        return figure(NAME, what, values, unit=unit, on=on, goal=goal)

    first = [each.first.seconds / count for each in rounds]
    again = [each.again.seconds / count for each in rounds]
    plain = [each.plain for each in rounds]
    return [
        of("mails taken", [1 / each for each in first], "per s"),
        of("tickets stored", [each.tickets / each.first.seconds for each in rounds], "per s"),
        *(
            of(f"of a mail's time: {phase}", _ms([r.first.phases[phase] / count for r in rounds]), "ms")
            for phase in PHASES
        ),
        of("processor time of ours", _ms([r.first.cpu / count for r in rounds]), "ms per mail"),
        of("whole way ÷ bare parse", ratios(first, parsed), "×"),
        of("one-by-one script ÷ whole way", ratios(plain, first), "×", _FASTER),
        of("second delivery: new tickets", [r.new_tickets_again for r in rounds], "tickets", _NOTHING_NEW),
        of("second delivery ÷ first", ratios(again, first), "×", _REPEAT),
    ]


def _ms(seconds: Sequence[float]) -> list[float]:
    return [each * 1e3 for each in seconds]


def _read(mails: Sequence[Mail]) -> float:
    began = time.perf_counter()
    for mail in mails:
        must(bool(read_plainly(mail.raw)["text"]), "the standard library read no text")
    return time.perf_counter() - began


async def _round(
    kind: Databases, mails: Sequence[Mail], server: MailServer, mailboxes: str
) -> Round:
    url = await kind.new()
    db = WatchedDatabase(create_engine(url))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(kind.drop, url)
        stack.push_async_callback(db.close)
        clock, desk = Clock(start=START), the_desk()
        await db.write(lambda tx: sync_inboxes(tx, desk), now=clock.now())
        seconds: dict[str, float] = defaultdict(float)
        pollers = []
        for inbox in desk.inboxes:
            connector = StopwatchConnector(_connector(inbox, mailboxes, server, clock), seconds)
            stack.push_async_callback(connector.close)
            pollers.append(
                InboxPoller(
                    db=db,
                    desk=lambda: desk,
                    clock=clock,
                    inbox=inbox,
                    connector=connector,
                    owner="bench",
                )
            )
        _deliver(server, mailboxes, mails)
        first = await _poll(db, pollers, seconds, stored=len(mails))
        tickets = await _checked(db, mails)
        _deliver(server, mailboxes, mails)
        again = await _poll(db, pollers, seconds, stored=0)
        after = await _checked(db, mails)
    return Round(
        first=first,
        again=again,
        new_tickets_again=after - tickets,
        tickets=tickets,
        plain=await _plain(kind, mails[:PLAIN_MAILS]),
    )


def _connector(inbox: str, mailboxes: str, server: MailServer, clock: Clock) -> MailChannel:
    spec = load_connectors().specs[inbox]
    config = {
        "imap_host": "127.0.0.1",
        "imap_port": server.port,
        "imap_security": "none",
        "imap_user": f"{inbox}-{mailboxes}",
        "imap_password": PASSWORD,
        "smtp_host": "127.0.0.1",
        "smtp_user": "nobody",
        "smtp_password": PASSWORD,
        "from_address": ADDRESS[inbox],
    }
    if inbox == WEBSITE:
        config["form_senders"] = [FORM_MAILER]
    context = InboxContext(inbox=inbox, instance_key=b"bench" * 8, now=clock.now)
    built = spec.build(spec.config_model.model_validate(config), context)
    assert isinstance(built, MailChannel)
    return built


def _deliver(server: MailServer, mailboxes: str, mails: Sequence[Mail]) -> None:
    for inbox in ADDRESS:
        raws = [mail.raw for mail in mails if mail.inbox == inbox]
        server.deliver(f"{inbox}-{mailboxes}", raws, START)


async def _poll(
    db: WatchedDatabase, pollers: Sequence[InboxPoller], phases: dict[str, float], *, stored: int
) -> Pass:
    phases.clear()
    with db.watched() as log:
        began, cpu = time.perf_counter(), time.process_time()
        reports = [await poller.poll() for poller in pollers]
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    must(all(report.error is None for report in reports), f"a poll failed: {reports}")
    must(sum(report.stored for report in reports) == stored, f"{reports} instead of {stored} new")
    return Pass(seconds=seconds, cpu=cpu, phases=dict(phases) | _transactions(log))


def _transactions(log: Log) -> dict[str, float]:
    return {
        "store": sum(each.seconds for each in log if each.did("INSERT INTO raw_inbound")),
        "ingest": sum(each.seconds for each in log if each.did("UPDATE raw_inbound SET state")),
    }


async def _checked(db: WatchedDatabase, mails: Sequence[Mail]) -> int:
    """The number of tickets, once it is certain that every mail led where it should."""

    def look(conn: Connection) -> tuple[int, int, int, int]:
        def count(table: object, *where: object) -> int:
            return conn.scalar(select(func.count()).select_from(table).where(*where)) or 0

        done = tables.raw_inbound.c.state.in_(["done", "ignored"])
        root = tables.outbox.c.kind == EffectKind.POST_ROOT
        running = tables.deadline.c.state == "running"
        return (
            count(tables.raw_inbound, done),
            count(tables.ticket),
            count(tables.outbox, root),
            conn.scalar(select(func.count(tables.deadline.c.ticket_id.distinct())).where(running)) or 0,
        )

    raw, tickets, cards, ticking = await db.read(look)
    expected = conversations(mails)
    must(raw == len(mails), f"{raw} of {len(mails)} mails were understood")
    must(tickets == expected, f"{tickets} tickets for {expected} conversations")
    must((cards, ticking) == (expected, expected), f"{cards} cards, {ticking} tickets with a clock")
    return tickets


async def _plain(kind: Databases, mails: Sequence[Mail]) -> float:
    url = await kind.new()
    engine = create_engine(url)
    began = time.perf_counter()
    await ingest_plainly(engine, [mail.raw for mail in mails])
    seconds = time.perf_counter() - began
    async with engine.connect() as conn:
        found = await conn.scalar(select(func.count()).select_from(tables.ticket))
    must(found == len(mails), "the one-by-one script lost mails")
    await engine.dispose()
    await kind.drop(url)
    return seconds / len(mails)
