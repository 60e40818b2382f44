"""What every test of the suite stands on: one connector, its fake platform, and a small desk."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import pytest
from pydantic import BaseModel, SecretStr

from connectors.contract import (
    Connector,
    Cursor,
    InboundMessage,
    InboxContext,
    RawItem,
    ReplyCommand,
    Verdict,
)
from connectors.errors import ConnectorError, Malformed
from connectors.keep import KeyValue, MemoryKeep
from connectors.registry import ConnectorSpec, load_spec
from connectors.testing.market import Fault, Market
from connectors.testing.virtual_time import VirtualTime
from sla_rules.vocabulary import Author

INSTANCE_KEY = b"contract-suite-instance-key-0001"
PATIENCE = timedelta(seconds=15)
SHORT_PATIENCE = timedelta(seconds=0.3)
"""Real seconds one call may take in the suite: usually, and where a platform is silent."""


def expect(holds: object, otherwise: str) -> None:
    """Fail with a sentence that tells an author what is wrong."""
    if not holds:
        raise AssertionError(otherwise)


@contextmanager
def refusing(*wanted: type[ConnectorError]) -> Iterator[None]:
    """Fail unless the block raises one of `wanted`."""
    names = " or ".join(one.__name__ for one in wanted)
    try:
        yield
    except wanted:
        return
    except ConnectorError as error:
        raise AssertionError(f"{type(error).__name__} was raised, not {names}") from error
    raise AssertionError(f"nothing was raised, {names} was expected")


@dataclass(slots=True, kw_only=True)
class Stage:
    """A running fake, a connector to it, and what a desk keeps of it."""

    market: Market
    time: VirtualTime
    build: Callable[[], Connector]
    connector: Connector
    build_impatient: Callable[[], Connector] | None = None
    cursor: Cursor | None = None
    stored: dict[str, RawItem] = field(default_factory=dict)
    largest_page: int = 0

    async def poll(self, *, stop_after: int | None = None) -> list[InboundMessage]:
        """Fetch as the desk does: each source id once, the cursor of the last whole page."""
        new: list[RawItem] = []
        pages = 0
        # Closed for certain: a desk that stops half-way leaves no half-read answer behind.
        fetching: Any = self.connector.fetch(self.cursor)
        async with aclosing(fetching) as found:
            async for page in found:
                self.largest_page = max(self.largest_page, len(page.items))
                for item in page.items:
                    if item.source_id not in self.stored:
                        new.append(item)
                    self.stored[item.source_id] = item
                self.cursor = Cursor(state=json.loads(json.dumps(dict(page.cursor.state))))
                pages += 1
                if pages == stop_after:
                    break
        return [self.connector.normalise(item) for item in new]

    async def restart(self) -> None:
        """The process ends; another one goes on from what was stored."""
        await self.connector.close()
        self.connector = self.build()

    async def fail(self, fault: Fault) -> None:
        """The platform does this wrong from now on.

        Waiting out a silent one takes real time. Only then is the connector built anew with little
        patience: a call that will be answered is never hurried, so a busy machine fails no test.
        """
        if fault is Fault.SILENT and self.build_impatient is not None:
            await self.connector.close()
            self.connector = self.build_impatient()
        self.market.fail(fault)

    async def asked(self, text: str = "Where is my parcel?") -> InboundMessage:
        """A customer's message that can be answered, fetched and understood."""
        await self.market.says(Author.CUSTOMER, text)
        found = [one for one in await self.poll() if one.verdict is Verdict.CUSTOMER]
        expect(found, "a customer wrote, and fetch and normalise made no CUSTOMER item of it")
        expect(found[-1].reply_context, "a CUSTOMER item has an empty reply_context")
        return found[-1]

    def answer(
        self, message: InboundMessage, text: str = "It leaves today.", **changes: Any
    ) -> ReplyCommand:
        """An agent's answer to `message`."""
        self.time.advance(timedelta(minutes=3))
        command: dict[str, Any] = {
            "reply_id": "901",
            "ticket_number": 17,
            "text": text,
            "context": json.loads(json.dumps(dict(message.reply_context))),
            "agent_name": "Anna Bassi",
            "decided_at": self.time.now(),
        }
        return ReplyCommand(**(command | changes))


class Bench:
    """What an author says of the connector. `package` is its import path; `market` its fake.

    `lookback` is how far back the first poll reads with the `config` given; None where the
    platform decides. `late_by` is how much later than its own time a message may come into view
    and must still be found. `old_cursors` are states that earlier versions left on disk.
    `calls_are_polled` is False where what a webhook brings is found by no `fetch`;
    `calls_are_signed` is False where the platform proves its calls by nothing: such a call may make
    the desk look, and bring nothing itself.
    """

    package: ClassVar[str]
    lookback: ClassVar[timedelta | None] = None
    late_by: ClassVar[timedelta] = timedelta(seconds=60)
    old_cursors: ClassVar[Sequence[Mapping[str, Any]]] = ()
    calls_are_polled: ClassVar[bool] = True
    calls_are_signed: ClassVar[bool] = True

    def market(self, now: Callable[[], datetime]) -> Market:
        """The fake platform, not started."""
        raise NotImplementedError("give the suite a market: a subclass of FakeMarket")

    def config(self, market: Market) -> dict[str, Any]:
        """The settings of an inbox at `market`, secrets included."""
        raise NotImplementedError("give the suite the settings of an inbox")

    @property
    def spec(self) -> ConnectorSpec:
        """The connector under test."""
        return _spec_of(self.package)

    @property
    def fixtures(self) -> Path:
        """Raw items exactly as `fetch` hands them over, one a file, and `expected.toml`."""
        return self.spec.folder / "fixtures"

    async def tour(self, stage: "Stage", message: InboundMessage) -> None:
        """What else the connector can be asked for, so that every route of the fake is used."""

    def needs(self, holds: object, why: str) -> None:
        """Skip, and say why, what this connector does not claim."""
        if not holds:
            self.skip(why)

    def skip(self, why: str) -> NoReturn:
        """Leave a test out; the plugin lists what was left out, and why."""
        pytest.skip(f"{self.package.rpartition('.')[2]}: {why}")

    def settings(self, market: Market) -> BaseModel:
        """The settings as the desk would read them."""
        return self.spec.config_model.model_validate(self.config(market))

    @asynccontextmanager
    async def running(
        self, *, keep: KeyValue | None = None, patience: timedelta = PATIENCE
    ) -> AsyncIterator[Stage]:
        """A started fake and a connector to it, both on virtual time."""
        time = VirtualTime()
        market = self.market(time.now)
        await market.start()
        try:
            context = InboxContext(
                inbox="contract",
                instance_key=INSTANCE_KEY,
                now=time.now,
                keep=keep or MemoryKeep(),
                sleep=time.sleep,
                patience=patience,
            )
            settings, spec = self.settings(market), self.spec
            connector = spec.build(settings, context)
            stage = Stage(
                market=market,
                time=time,
                build=lambda: spec.build(settings, context),
                connector=connector,
                build_impatient=lambda: spec.build(
                    settings, replace(context, patience=min(patience, SHORT_PATIENCE))
                ),
            )
            try:
                yield stage
            finally:
                await stage.connector.close()
        finally:
            await market.stop()

    def asleep(self) -> Connector:
        """A connector that was never connected: for what must be pure."""
        time = VirtualTime()
        context = InboxContext(inbox="contract", instance_key=INSTANCE_KEY, now=time.now)
        return self.spec.build(self.settings(self.market(time.now)), context)

    def raw_fixtures(self) -> dict[str, RawItem]:
        """Every fixture as the item the desk would have stored."""
        at = VirtualTime().now()
        return {
            path.name: RawItem(source_id=path.stem, received_at=at, payload=path.read_bytes())
            for path in sorted(self.fixtures.glob("*"))
            if path.is_file() and path.name not in {"expected.toml", "README.md"}
        }


async def failure_of(stage: Stage, fault: Fault) -> BaseException | None:
    """What a poll raises while the platform does this wrong."""
    await stage.fail(fault)
    try:
        await stage.poll()
    except ConnectorError as error:
        return error
    finally:
        stage.market.fail(None)
    return None


# One package is one connector for as long as a process lives; the rules ask for it at every step.
_spec_of = cache(load_spec)


def secrets_in(settings: BaseModel) -> set[str]:
    """Every secret value of the settings, nested ones too."""
    found: set[str] = set()
    for value in dict(settings).values():
        if isinstance(value, SecretStr):
            found.add(value.get_secret_value())
        elif isinstance(value, BaseModel):
            found |= secrets_in(value)
        elif isinstance(value, tuple | list):
            found |= {one.get_secret_value() for one in value if isinstance(one, SecretStr)}
    return {secret for secret in found if secret}


def understood(connector: Connector, item: RawItem) -> InboundMessage | None:
    """The item, or None where it is Malformed; anything else is the connector's mistake."""
    with suppress(Malformed):
        return connector.normalise(item)
    return None
