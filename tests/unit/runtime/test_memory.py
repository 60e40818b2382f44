"""What lives when a process is ready is left alone by later collections, and freed when it is garbage."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from bot.runtime.memory import settle_memory


class Circle:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_alive_is_passed_over_by_later_collections() -> None:
    kept = Circle()
    settle_memory()

    assert gc.get_freeze_count() > 10_000
    assert not any(each is kept for each in gc.get_objects())


def test_what_was_settled_and_is_garbage_now_is_freed_the_next_time() -> None:
    kept = Circle()
    settle_memory()
    gone = weakref.ref(kept)
    del kept
    gc.collect()
    assert gone() is not None

    settle_memory()
    assert gone() is None
