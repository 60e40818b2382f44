"""The same mails through django-helpdesk, by turns with the desk, where `make bench-peers` put it."""

import asyncio
import json
import random
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.databases import Databases
from benchmarks.desk import START
from benchmarks.figures import TIMES, Figure, Goal, Result, Skipped, figure, must, ratios
from benchmarks.intake import Cost, intake
from benchmarks.mail_server import MailServer, mail_server
from benchmarks.mails import Mail, buyer_mails, conversations
from benchmarks.tick import Planned, check, fire, idle_tick, planned

NAME = "helpdesk"
INTERPRETER: Final = Path("build/peers-helpdesk/bin/python")
CHILD: Final = Path(__file__).with_name("helpdesk_child.py")
WARMING_MAILS = 60
SMALL = 1_000
"""Open tickets of a sweep that costs next to nothing whoever makes it: it has no goal."""

_FASTER = Goal(least=8.0, source="a tenth of a core where a peer needs a whole one")
_NOTHING_NEW = Goal(most=0.0, source="invariant 1: reading again has no effect")
_SWEEP = Goal(least=5.0, source="the peer asks every open ticket, an index knows the next one")
_FIRING = Goal(
    least=30.0, source="rows by the hundred to a statement, where the peer takes each ticket"
)


@dataclass(slots=True, kw_only=True)
class Rounds:
    """What each round cost: of one mail, ours and the peer's, and tickets of the second delivery."""

    ours: list[Cost] = field(default_factory=list)
    theirs: list[Cost] = field(default_factory=list)
    ours_again: list[float] = field(default_factory=list)
    theirs_again: list[float] = field(default_factory=list)


class Peer:
    """The other interpreter, which answers a request a line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, what: str) -> dict[str, float]:
        """Have it do something. Raises WrongResult where it does not answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n".encode())
        line = await self._process.stdout.readline()
        must(bool(line), f"django-helpdesk ended at {what!r}")
        answer: dict[str, float] = json.loads(line)
        return answer


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Result]:
    """Every figure of this benchmark; on SQLite, as both are first installed."""
    if not INTERPRETER.exists():
        reason = "django-helpdesk is not installed; `make bench-peers` does it"
        return [Skipped(bench=NAME, what="django-helpdesk ÷ ours", reason=reason)]
    mails = buyer_mails(60 if quick else 1000, until=START)
    sizes = (SMALL,) if quick else (SMALL, 100_000)
    with tempfile.TemporaryDirectory(prefix="threadline-bench-") as folder:
        async with _peer(Path(folder)) as peer:
            rounds = await _rounds(kinds[0], peer, mails, Path(folder), 1 if quick else 3)
            found: list[Result] = [*_figures(kinds[0].name, rounds)]
            for size in sizes:
                found += await _swept(kinds[0], peer, size, 1 if quick else 3)
    return found


@asynccontextmanager
async def _peer(home: Path) -> AsyncIterator[Peer]:
    process = await asyncio.create_subprocess_exec(
        INTERPRETER.absolute(), "-P", CHILD, cwd=home, env={"TMPDIR": str(home)},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Peer(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _rounds(
    kind: Databases, peer: Peer, mails: Sequence[Mail], folder: Path, count: int
) -> Rounds:
    found, dice = Rounds(), random.Random(5)
    with mail_server() as server:
        warm = _folder(mails[:WARMING_MAILS], folder / "warm")
        await peer.ask(f"intake {warm}")
        await _ours(kind, mails[:WARMING_MAILS], server, "warm", Rounds())
        for number in range(count):
            # Mails of its own in each round: none of them answers one of another.
            source = _folder(mails, folder / str(number))
            ours = _ours(kind, mails, server, f"round-{number}", found)
            for turn in dice.sample([ours, _theirs(peer, mails, source, found)], 2):
                await turn
    return found


def _folder(mails: Sequence[Mail], folder: Path) -> Path:
    folder.mkdir()
    for number, mail in enumerate(mails):
        (folder / f"{number:06d}.eml").write_bytes(mail.raw)
    return folder


async def _ours(
    kind: Databases, mails: Sequence[Mail], server: MailServer, mailboxes: str, found: Rounds
) -> None:
    async with intake(kind, server, mailboxes) as reading:
        reading.deliver(mails)
        cost, _ = await reading.poll(new=len(mails))
        tickets = await reading.tickets(mails)
        reading.deliver(mails)
        await reading.poll(new=0)
        found.ours.append(cost.each(len(mails)))
        found.ours_again.append(await reading.tickets(mails) - tickets)


async def _theirs(peer: Peer, mails: Sequence[Mail], source: Path, found: Rounds) -> None:
    first = await peer.ask(f"intake {source}")
    must(first["left"] == 0, f"django-helpdesk left {first['left']} mails unread")
    must(first["followups"] > 0, "django-helpdesk read nothing")
    must(first["tickets"] >= conversations(mails) / 2, "django-helpdesk opened few tickets")
    again = await peer.ask(f"intake {source}")
    found.theirs.append(Cost(seconds=first["seconds"], cpu=first["cpu"]).each(len(mails)))
    found.theirs_again.append(again["tickets"])


async def _swept(kind: Databases, peer: Peer, size: int, rounds: int) -> list[Figure]:
    """Their sweep over so many open tickets and our look at what is due, ten pings to a ticket."""
    due, dice = size // 100, random.Random(6)
    ours: list[float] = []
    theirs: list[float] = []
    async with planned(kind, 10 * size, strip=(rounds + 1) * due) as pings:
        idle = (await peer.ask(f"sweep {size}"))["seconds"] / await idle_tick(pings)
        for _ in range(rounds + 1):
            turns = [_fired(pings, due, ours), _escalated(peer, due, theirs)]
            for turn in dice.sample(turns, 2):
                await turn
        await check(pings)
    return _sweeps(kind.name, size, idle, ours[1:], theirs[1:])


async def _fired(pings: Planned, due: int, to: list[float]) -> None:
    to.append(await fire(pings, due))


async def _escalated(peer: Peer, due: int, to: list[float]) -> None:
    told = await peer.ask(f"escalate {due}")
    must(told["escalated"] == due, f"django-helpdesk escalated {told['escalated']} of {due}")
    to.append(told["seconds"])


def _sweeps(
    on: str, size: int, idle: float, ours: Sequence[float], theirs: Sequence[float]
) -> list[Figure]:
    def of(what: str, values: Sequence[float], unit: str, goal: Goal | None = None) -> Figure:
        return figure(NAME, what, values, unit=unit, on=on, goal=goal if size > SMALL else None)

    opened = f"{size // 1000} k open tickets"
    return [
        of(f"nothing due, {opened}: django-helpdesk ÷ ours", [idle], TIMES, _SWEEP),
        of(f"1 % due, {opened}: ours", [each * 1e3 for each in ours], "ms"),
        of(f"1 % due, {opened}: django-helpdesk", [each * 1e3 for each in theirs], "ms"),
        of(f"1 % due, {opened}: django-helpdesk ÷ ours", ratios(theirs, ours), TIMES, _FIRING),
    ]


def _figures(on: str, rounds: Rounds) -> list[Figure]:
    def of(what: str, values: Sequence[float], unit: str, goal: Goal | None = None) -> Figure:
        return figure(NAME, what, values, unit=unit, on=on, goal=goal)

    ours, theirs = rounds.ours, rounds.theirs
    return [
        of("mails taken, ours", [1 / each.seconds for each in ours], "per s"),
        of("mails taken, django-helpdesk", [1 / each.seconds for each in theirs], "per s"),
        of("processor time, ours", [each.cpu * 1e3 for each in ours], "ms per mail"),
        of("processor time, django-helpdesk", [each.cpu * 1e3 for each in theirs], "ms per mail"),
        of(
            "django-helpdesk ÷ ours",
            ratios([each.seconds for each in theirs], [each.seconds for each in ours]),
            TIMES,
        ),
        of(
            "the same, processor time",
            ratios([each.cpu for each in theirs], [each.cpu for each in ours]),
            TIMES,
            _FASTER,
        ),
        of("second delivery: new tickets, ours", rounds.ours_again, "tickets", _NOTHING_NEW),
        of("second delivery: new tickets, django-helpdesk", rounds.theirs_again, "tickets"),
    ]
