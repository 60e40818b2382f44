"""Names a platform called about wait for the next poll, bounded, whatever was kept before."""

import pytest

from connectors.called_about import LONGEST_NAME, MOST, CalledAbout
from connectors.keep import MemoryKeep


async def test_names_wait_once_each_until_they_are_looked_at():
    called = CalledAbout(MemoryKeep())
    await called.add(["1", "2"])
    await called.add(["1"])
    waiting = await called.names()
    await called.add(["3"])
    await called.forget(waiting)

    assert list(waiting) == ["2", "1"]
    assert list(await called.names()) == ["3"]


async def test_of_too_many_names_the_newest_are_kept_and_odd_ones_left_out():
    called = CalledAbout(MemoryKeep())
    for number in range(MOST + 5):
        await called.add([f"{number}"])
    await called.add(["", "x" * (LONGEST_NAME + 1)])
    names = await called.names()

    assert len(names) == MOST
    assert (names[0], names[-1]) == ("5", f"{MOST + 4}")


@pytest.mark.parametrize("kept", ["", "{", "{}", "null", '[1, "a", null]'])
async def test_what_cannot_be_read_is_no_name(kept):
    keep = MemoryKeep()
    await keep.put("called_about", kept)

    assert list(await CalledAbout(keep).names()) == (["a"] if "a" in kept else [])
