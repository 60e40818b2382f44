import threading
import time

from bot.jobs.reading import MOST_ATTEMPTS, read_items
from bot.usecases.ingest import StoredItem
from connectors.contract import InboundMessage, RawItem
from connectors.errors import Malformed
from tests.builders import NOW, an_inbound


def stored(number: int, attempts: int = 0) -> StoredItem:
    item = RawItem(source_id=str(number), received_at=NOW, payload=b"")
    return StoredItem(raw_id=number, item=item, attempts=attempts)


def plain(item: RawItem) -> InboundMessage:
    return an_inbound(text=item.source_id)


async def test_items_come_back_in_their_order():
    read = await read_items([stored(n) for n in range(5)], plain)
    assert [each.message.text for each in read if each.message] == list("01234")


async def test_a_malformed_item_says_so_at_once_and_stops_no_other():
    def reader(item: RawItem) -> InboundMessage:
        if item.source_id == "1":
            raise Malformed("headers", "no sender")
        return plain(item)

    read = await read_items([stored(n) for n in range(3)], reader)
    assert [each.raw_id for each in read] == [0, 1, 2]
    assert [each.error is not None for each in read] == [False, True, False]


async def test_invariant_10_an_item_that_breaks_its_reader_is_left_out_first_then_given_up():
    def reader(item: RawItem) -> InboundMessage:
        if item.source_id == "1":
            raise RecursionError("a customer's secret words")
        return plain(item)

    first = await read_items([stored(n) for n in range(3)], reader)
    assert [each.raw_id for each in first] == [0, 2]
    assert await read_items([stored(1, attempts=1)], reader) == []
    (last,) = await read_items([stored(1, attempts=MOST_ATTEMPTS - 1)], reader)
    assert last.error is not None
    assert "secret" not in str(last.error)


async def test_invariant_10_an_item_that_stalls_its_reader_holds_up_nothing_that_was_read():
    hold = threading.Event()

    def reader(item: RawItem) -> InboundMessage:
        if item.source_id == "2":
            hold.wait(30)
        return plain(item)

    begun = time.monotonic()
    read = await read_items([stored(n) for n in range(4)], reader, deadline=1.0)
    hold.set()
    assert [each.raw_id for each in read] == [0, 1]
    assert time.monotonic() - begun < 25  # it would hold for 30


async def test_an_item_that_used_up_its_attempts_is_not_read_again():
    def reader(item: RawItem) -> InboundMessage:
        raise AssertionError("read once too often")

    (read,) = await read_items([stored(1, attempts=MOST_ATTEMPTS)], reader)
    assert read.error is not None


async def test_reading_does_not_hold_the_event_loop():
    ours = threading.get_ident()
    seen: list[int] = []

    def reader(item: RawItem) -> InboundMessage:
        seen.append(threading.get_ident())
        return plain(item)

    await read_items([stored(1)], reader)
    assert seen != [ours]


async def test_nothing_to_read_is_nothing():
    assert await read_items([], plain) == []
