"""What a connector does while its platform does something wrong."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from typing_extensions import override

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Unavailable
from connectors.testing.bench import Bench, expect, failure_of, secrets_in
from connectors.testing.market import RETRY_AFTER, Fault
from sla_rules.vocabulary import Author

WANTED: dict[Fault, type[ConnectorError]] = {
    Fault.THROTTLED: RateLimited,
    Fault.THROTTLED_SILENTLY: RateLimited,
    Fault.FAILS: Unavailable,
    Fault.HTML_PAGE: Unavailable,
    Fault.TRUNCATED: Unavailable,
    Fault.SILENT: Unavailable,
    Fault.CUT: Unavailable,
    Fault.REFUSED: AuthExpired,
}
HOUR = 3600.0
"""Seconds after which no fake asks anybody to wait any more."""

PRIVATE = "My IBAN is IT60X0542811101000000123456"


SERVERS = ("aiohttp.server", "mail.log", "pymap", "pysasl")
"""Loggers of the servers that fakes are made of: what was sent to them is theirs to see."""


class _Everything(logging.Handler):
    """Keeps every log line of every logger but the fakes' own."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(SERVERS):
            self.lines.append(f"{record.name}: {self.format(record)}")


@contextmanager
def _all_logs() -> Iterator[list[str]]:
    handler, root = _Everything(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


class Fails(Bench):
    """Error classes, and what errors and logs may show."""

    async def test_03_invariant_11_no_secret_and_no_customers_word_is_shown(self) -> None:
        """Not in a log, an error, its causes, or a repr, whatever the platform does."""
        private: set[str] = set()
        with _all_logs() as shown:
            for fault in sorted(Fault):
                found, secrets = await self._shown_under(fault)
                shown.extend(found)
                private |= secrets
        expect(private, "the settings of the suite hold no secret")
        private.add(PRIVATE)
        leaked = {one[:4] + "…" for one in private if any(one in line for line in shown)}
        expect(not leaked, f"shown in a log, an error or a repr: {sorted(leaked)}")

    async def _shown_under(self, fault: Fault) -> tuple[list[str], set[str]]:
        async with self.running() as stage:
            settings = self.settings(stage.market)
            shown = [repr(settings), str(settings), repr(stage.connector)]
            message = await stage.asked(PRIVATE)
            if fault in stage.market.faults:
                error = await failure_of(stage, fault)
                shown += traceback.format_exception(error) if error is not None else []
                stage.market.fail(fault)
                try:
                    await stage.connector.reply(stage.answer(message, PRIVATE))
                except ConnectorError as refusal:
                    shown += [repr(refusal), *traceback.format_exception(refusal)]
            return shown, secrets_in(settings) | stage.market.secrets

    async def test_04_check_tells_a_good_account_from_a_refused_one(self) -> None:
        """`doctor` shows the one line; it must be true, and it must not be an exception."""
        async with self.running() as stage:
            good = await stage.connector.check()
            expect(good.ok, f"check() says a good account does not work: {good.detail}")
            self.needs(Fault.REFUSED in stage.market.faults, "this fake refuses nobody")
            stage.market.fail(Fault.REFUSED)
            bad = await stage.connector.check()
            expect(not bad.ok and bad.detail, "check() says all is well while we are refused")

    async def test_13_every_fault_has_its_error(self) -> None:
        """The desk acts on the class: waits, tries again, or calls for a person."""
        for fault, wanted in WANTED.items():
            async with self.running() as stage:
                if fault not in stage.market.faults:
                    continue
                await stage.market.says(Author.CUSTOMER, "before the storm")
                error = await failure_of(stage, fault)
                expect(isinstance(error, wanted), f"{fault}: {error!r}, not {wanted.__name__}")
                if fault is Fault.THROTTLED and isinstance(error, RateLimited):
                    off = abs(error.retry_after - RETRY_AFTER)
                    expect(off <= 1, f"told to wait {RETRY_AFTER} s, waits {error.retry_after}")
                await stage.time.sleep(HOUR)
                await stage.restart()
                expect(await stage.poll(), f"after {fault}, a message from before it was lost")

    async def test_32_closing_twice_is_harmless(self) -> None:
        """And closing what was never used."""
        connector = self.asleep()
        await connector.close()
        await connector.close()
