"""Mails to stored tickets: a real IMAP server, the real connectors, the real poller."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from benchmarks.databases import Databases
from benchmarks.desk import START
from benchmarks.figures import TIMES, Figure, Goal, figure, must, ratios
from benchmarks.intake import PHASES, Cost, Stopwatch, intake
from benchmarks.mail_server import MailServer, mail_server
from benchmarks.mails import Mail, buyer_mails
from benchmarks.plain import ingest_plainly, read_plainly
from bot.db import tables
from bot.db.engine import create_engine

NAME = "ingest"

PLAIN_MAILS = 150
"""For the comparison, whose cost per mail is constant and whose speed is not worth more time."""

WARMING_MAILS = 60
"""Read once before anything counts: statements are compiled, modules imported."""

_FASTER = Goal(least=1.25, source="does several times the work of the script, in less time")
_NOTHING_NEW = Goal(most=0.0, source="invariant 1: reading again has no effect")
_REPEAT = Goal(most=0.5, source="a known mail costs less than half a new one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round on one database; all costs are of one mail. `phases` are parts of `first`."""

    first: Cost
    phases: Mapping[str, float]
    again: Cost
    new_tickets_again: int
    tickets: int
    plain: Cost


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark."""
    mails = buyer_mails(100 if quick else 1000, until=START)
    rounds: dict[str, list[Round]] = defaultdict(list)
    parsed: list[Cost] = []
    dice = random.Random(1)
    with mail_server() as server:
        for kind in kinds:
            await _round(kind, mails[:WARMING_MAILS], server, f"{kind.name}-warm".lower())
        for number in range(1 if quick else 3):
            for kind in dice.sample(kinds, len(kinds)):
                mailboxes = f"{kind.name}-{number}".lower()
                rounds[kind.name].append(await _round(kind, mails, server, mailboxes))
            parsed.append(_parse(mails))
    found = [
        figure(NAME, "bare parse by the standard library", _ms(parsed), unit="ms per mail"),
    ]
    for kind in kinds:
        found += _figures(kind.name, rounds[kind.name], parsed, len(mails))
    return found


def _figures(
    on: str, rounds: Sequence[Round], parsed: Sequence[Cost], count: int
) -> Iterator[Figure]:
    def of(what: str, values: Sequence[float], unit: str, goal: Goal | None = None) -> Figure:
        return figure(NAME, what, values, unit=unit, on=on, goal=goal)

    first, again = [each.first for each in rounds], [each.again for each in rounds]
    plain = [each.plain for each in rounds]
    new_again = [each.new_tickets_again for each in rounds]
    yield of("mails taken", [1 / each.seconds for each in first], "per s")
    yield of("tickets stored", [r.tickets / r.first.seconds / count for r in rounds], "per s")
    for phase in PHASES:
        values = [each.phases[phase] * 1e3 for each in rounds]
        yield of(f"of which {phase}", values, "ms per mail")
    yield of("processor time", [each.cpu * 1e3 for each in first], "ms per mail")
    yield of("whole way ÷ bare parse, processor time", _cpu_ratios(first, parsed), TIMES)
    yield of("one-by-one script ÷ whole way", _ratios(plain, first), TIMES, _FASTER)
    yield of("the same, processor time", _cpu_ratios(plain, first), TIMES)
    yield of("second delivery: new tickets", new_again, "tickets", _NOTHING_NEW)
    yield of("second delivery ÷ first", _ratios(again, first), TIMES, _REPEAT)


def _ms(costs: Sequence[Cost]) -> list[float]:
    return [each.seconds * 1e3 for each in costs]


def _ratios(above: Sequence[Cost], below: Sequence[Cost]) -> list[float]:
    return ratios([each.seconds for each in above], [each.seconds for each in below])


def _cpu_ratios(above: Sequence[Cost], below: Sequence[Cost]) -> list[float]:
    return ratios([each.cpu for each in above], [each.cpu for each in below])


def _parse(mails: Sequence[Mail]) -> Cost:
    watch = Stopwatch()
    texts = [read_plainly(mail.raw)["text"] for mail in mails]
    cost = watch.stop()
    must(all(texts), "the standard library read no text")
    return cost.each(len(mails))


async def _round(
    kind: Databases, mails: Sequence[Mail], server: MailServer, mailboxes: str
) -> Round:
    async with intake(kind, server, mailboxes) as reading:
        reading.deliver(mails)
        first, phases = await reading.poll(new=len(mails))
        tickets = await reading.tickets(mails)
        reading.deliver(mails)
        again, _ = await reading.poll(new=0)
        new_again = await reading.tickets(mails) - tickets
    return Round(
        first=first.each(len(mails)),
        phases={phase: seconds / len(mails) for phase, seconds in phases.items()},
        again=again.each(len(mails)),
        new_tickets_again=new_again,
        tickets=tickets,
        plain=await _plain(kind, mails[:PLAIN_MAILS]),
    )


async def _plain(kind: Databases, mails: Sequence[Mail]) -> Cost:
    url = await kind.new()
    engine = create_engine(url)
    watch = Stopwatch()
    await ingest_plainly(engine, [mail.raw for mail in mails])
    cost = watch.stop()
    async with engine.connect() as conn:
        found = await conn.scalar(select(func.count()).select_from(tables.ticket))
    must(found == len(mails), "the one-by-one script lost mails")
    await engine.dispose()
    await kind.drop(url)
    return cost.each(len(mails))
