"""A desk whose figures can be asked for over HTTP: a few real tickets, measured, and every door open."""

from datetime import datetime

from pydantic import SecretStr
from typing_extensions import override

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.links import Links
from bot.settings import Environment
from bot.web.doors import Doors
from tests.builders import NOW, SHOP, a_ticket, an_inbound, answer, arrive, hours

TOKEN = "a-program's-token"

BUYER = "Lucia Verdi"
"""A customer whom no answer may name."""

LATER = NOW + hours(30)
"""When everything in `happened` is over."""


class StillClock(Clock):
    """It is always `LATER`, and real time passes only by hand."""

    steady = 1000.0

    @override
    def now(self) -> datetime:
        return LATER

    @override
    def monotonic(self) -> float:
        return self.steady


async def happened(db: Database, desk: Desk) -> None:
    """One answered in time, one answered late, one that still waits, and one in the shop."""
    for took in (2, 26):
        ticket = await a_ticket(db, desk, an_inbound(sender_name=BUYER))
        await answer(db, desk, ticket.id, at=NOW + hours(took))
    await arrive(db, desk, an_inbound(sender_name=BUYER))
    await arrive(db, desk, an_inbound(sender_name=BUYER), inbox=SHOP)


def open_doors(
    db: Database, url: str, desk: Desk, clock: Clock | None = None, *, token: str = TOKEN
) -> Doors:
    """Every door of a desk that has an address and tokens."""
    environment = Environment(
        database_url=url, api_token=SecretStr(token) if token else None, wallboard_token=None
    )
    return Doors(
        environment=environment,
        database=db,
        desk=lambda: desk,
        clock=clock or StillClock(),
        stopping=lambda: False,
    )


def some_links() -> Links:
    """Links of a desk at an invented address."""
    return Links(base_url="https://desk.rossi.example", key=b"a key of a desk")
