"""Ports for servers that are told theirs beforehand."""

import random
import socket

QUIET = range(20_000, 32_000)
"""Below the ports that systems give to calls that go out, so that none is taken meanwhile."""


def a_free_port() -> int:
    """A port of this machine that nobody listens at."""
    for port in random.sample(QUIET, len(QUIET)):
        with socket.socket() as door:
            try:
                door.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("every port is taken")
