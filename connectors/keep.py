"""A few values of one inbox that outlive the process, such as a refresh token that was exchanged.

The desk gives each inbox its own store. Values may be secrets: whoever implements `KeyValue` on a
disk encrypts them, or keeps the file readable to its owner alone.
"""

from typing import Protocol

from typing_extensions import override


class KeyValue(Protocol):
    """Texts by name. A value that `put` returned from survives the process."""

    async def get(self, key: str) -> str | None:
        """The value, or None where there is none."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Store a value in place of the old one."""
        ...


class MemoryKeep(KeyValue):
    """Values that last as long as the process: for tests, and where nothing has to be kept."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    @override
    async def get(self, key: str) -> str | None:
        return self._values.get(key)

    @override
    async def put(self, key: str, value: str) -> None:
        self._values[key] = value
