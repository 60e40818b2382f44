import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta

from sandbox.day.pace import LoopClock, leaping

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_an_hour_of_waiting_takes_no_time_and_is_an_hour_on_the_clock() -> None:
    with leaping() as loop:
        clock = LoopClock(loop, NOON)
        began = time.monotonic()

        loop.run_until_complete(clock.sleep(3600))

        assert clock.now() - NOON >= timedelta(hours=1)
        assert clock.now() - NOON < timedelta(hours=1, seconds=1)
        assert time.monotonic() - began < 600


def test_what_is_due_first_happens_first() -> None:
    happened: list[float] = []

    async def at(seconds: float) -> None:
        await asyncio.sleep(seconds)
        happened.append(seconds)

    async def all_of_them() -> None:
        await asyncio.gather(*(at(seconds) for seconds in (7200, 1, 86_400, 60)))

    with leaping() as loop:
        loop.run_until_complete(all_of_them())

    assert happened == [1, 60, 7200, 86_400]


def test_time_stands_still_while_a_thread_works() -> None:
    let_go = threading.Event()

    async def work() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(3600, let_go.set)
        began = loop.time()
        await asyncio.to_thread(let_go.wait, 0.1)
        return loop.time() - began

    with leaping() as loop:
        assert loop.run_until_complete(work()) < 1


def test_a_packet_on_loopback_arrives_before_any_later_timer() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def ask() -> float:
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        asleep = asyncio.create_task(asyncio.sleep(3600))
        began = loop.time()
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        took = loop.time() - began
        asleep.cancel()
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return took

    with leaping() as loop:
        assert loop.run_until_complete(ask()) < 1


def test_a_wait_too_short_for_any_clock_ends() -> None:
    async def wait() -> None:
        await asyncio.sleep(40_000)
        await asyncio.sleep(1e-13)

    with leaping() as loop:
        loop.run_until_complete(wait())

        assert loop.time() > 40_000
