"""What is stored sealed, and how a connection comes by the key: as an option of its engine.

Whoever opens the database without one (a report, a repair) reads such rows as if they were not
there.
"""

from typing import Any, Final, Protocol

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

OPTION: Final = "threadline_box"


class Box(Protocol):
    """Seals and opens texts. What was sealed at one `place` opens there only."""

    def seal(self, value: str, *, place: str) -> bytes:
        """The text, unreadable without the key."""
        ...

    def open(self, sealed: bytes, *, place: str) -> str | None:
        """The text; None where another key sealed it, or it was changed since."""
        ...


def with_box(engine: AsyncEngine, box: Box) -> AsyncEngine:
    """The same engine, whose connections seal and open."""
    return engine.execution_options(**{OPTION: box})


def box_of(conn: Connection) -> Box | None:
    """The box of a connection, None where its engine has none."""
    found: Any = conn.get_execution_options().get(OPTION)
    box: Box | None = found
    return box
