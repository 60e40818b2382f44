"""Counting calls: whose they are, and that counting changes nothing of what a process says."""

import io
import logging

import pytest

from bot.log import configure
from bot.runtime.call_meter import count_call, metered

CALLS = "threadline.connectors.http"
"""The logger of the client that all connectors share."""


def test_only_calls_made_inside_are_counted() -> None:
    count_call()
    with metered() as tally:
        count_call()
        count_call()
    count_call()
    assert tally.calls == 2


@pytest.mark.parametrize(("level", "heard"), [("warning", 0), ("info", 2)])
def test_a_process_hears_of_calls_at_the_level_it_was_set_to_counted_or_not(
    level: str, heard: int
) -> None:
    lines = io.StringIO()
    configure(style="json", level=level, stream=lines)
    shared = logging.getLogger(CALLS)
    with metered():
        shared.info("GET / 200")
    shared.info("GET / 200")
    assert lines.getvalue().count("GET / 200") == heard
