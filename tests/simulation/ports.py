"""What the models of the outside offer to a simulated desk, and what they are given.

The desk's process dies and starts again many times in one world; the models live on. So a model is
an ordinary object with its state in plain attributes. It opens nothing, starts no task and no
thread, keeps no loop, future or event, and makes no choice but with `around.chance`. It may sleep
(`asyncio.sleep`: virtual seconds) inside a call, as a network does.

A call of a model goes like this, so that a crash can fall on either side of its effect:

    around.crash.point("slack.chat.postMessage.before")
    await asyncio.sleep(latency)               # up to seconds; a lost answer sleeps for minutes
    ... faults that say "not done": raise ...
    ... the effect on the model's own state, in one go, no await in it ...
    around.tell("slack", "posts 1700.1 in C0SHOP: root of #4")
    around.crash.point("slack.chat.postMessage.after")
    ... faults that say "done, but": raise ...
    return the answer
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from connectors.contract import Connector
from tests.simulation.faults import Chance


class Killed(SystemExit):
    """The process is dead. A SystemExit, so that no `except Exception` survives it, nor asyncio."""


class Points(Protocol):
    """Where the process may die. `gone` are those of several that did."""

    gone: list[int]

    def point(self, name: str) -> None:
        """Pass the point `name`. Raises Killed when the process dies here, or is dead already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What every model is built with.

    `now` is the world's true time, aware and UTC; it never jumps. The desk's own wall clock does.
    `tell(who, what)` is a line of the story: plain words that a reader of a failure understands.
    The lines make the trace whose hash must not differ between two runs, so nothing in them may
    come from a set's order, an id(), or a desk's id that is not reproducible (ids are).
    """

    now: Callable[[], datetime]
    chance: Chance
    crash: Points
    tell: Callable[[str, str], None]


class SlackModel(Protocol):
    """One workspace: `SlackWorld(around)`."""

    def client(self) -> AsyncWebClient:
        """A client for a process that starts now. Its calls end in this model.

        The desk builds clients of its own from it (`bot.slack.calls.without_retries` takes its
        token, base_url and session), so the model best stands behind `session`: an object with
        the `request(...)` that `AsyncWebClient` uses, and `closed`. That keeps Slack's own client
        and the desk's table of errors in the play.
        """
        ...


class MarketModel(Protocol):
    """One inbox of a marketplace: `ShopWorld(around, inbox=…, plan=…)`.

    What customers write is drawn when the world is made (`sent_at`, `visible_at`), and shown as
    time goes by: nobody has to run for it. What follows from an answer (a bounce, a copy, a second
    question) is added by the model when it takes the answer.
    """

    inbox: str

    def connector(self, clock: Clock) -> Connector:
        """A connector for a process that starts now, over the same marketplace."""
        ...


class Office(Protocol):
    """The desk that runs just now, as people reach it."""

    @property
    def db(self) -> Database:
        """The database of the living process."""
        ...

    @property
    def clock(self) -> Clock:
        """The desk's own clock, which may have been set wrong: use cases get its `now()`."""
        ...

    def desk(self) -> Desk:
        """The configuration."""
        ...


class PeopleModel(Protocol):
    """Agents and managers: `People(around, …)`."""

    async def live(self, office: Office) -> None:
        """Act through the use cases until cancelled. Called anew after each start of the process.

        What a person wanted when the process died is kept and tried again, as people do. A use case
        that raises DBAPIError or TimeoutError is an error message on their screen: tell it, go on.
        Returns never; sleeps between looks. After `leave()` nobody acts any more.
        """
        ...

    def leave(self) -> None:
        """The day is over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Worlds:
    """Everything outside the desk, for whoever runs the desk or checks it."""

    slack: SlackModel
    markets: Mapping[str, MarketModel]
    people: PeopleModel
    desk: Callable[[], Desk]
    told: list[str] = field(default_factory=list)


class Violated(Exception):
    """An invariant does not hold. `invariant` is its number or name, `detail` what was seen.

    Raised by `invariants.check_step(conn, worlds, now)` after a commit and by
    `invariants.check_end(conn, worlds, now)` when faults are over and 120 virtual seconds passed.
    `conn` is a synchronous SQLAlchemy connection of its own, in a read transaction.
    """

    def __init__(self, invariant: str, detail: str) -> None:
        super().__init__(f"{invariant}: {detail}")
        self.invariant = invariant
        self.detail = detail
