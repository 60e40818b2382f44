"""What is stored sealed, and how a connection comes by the keys: as options of its engine.

Words that customers and agents wrote are sealed by whoever has keys (`Keys`), each value for one
place of the database: moved to another row it opens no more. A database that is opened without
keys, as tests and one-off measurements do, is written plainly; what is sealed in it stays shut.

A sealed text is `v1:<key>:<base64 of nonce and ciphertext>`, sealed bytes are a NUL, `v1:<key>:`, nonce
and ciphertext. Whatever else begins like that gets `v0:` in front, so that nothing a customer
writes is ever taken for a sealed value.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import DeskError
from bot.language import marked, tr

KEYS: Final = "threadline_keys"

KEY_ID_LENGTH: Final = 8
"""Hexadecimal digits that name a data key."""

TEXT: Final = "v1:"
BYTES: Final = b"\x00v1:"
_PLAIN_TEXT: Final = "v0:"
_PLAIN_BYTES: Final = b"\x00v0:"
_SEALED_TEXT: Final = re.compile(r"v1:([0-9a-f]{8}):([A-Za-z0-9+/]+={0,2})")
_SEALED_BYTES: Final = re.compile(rb"\x00v1:([0-9a-f]{8}):", re.DOTALL)

WORDS: Final = ("text", "reason")
"""The fields of an event that hold what somebody wrote."""

SHUT: Final = marked("(sealed: this desk has no key that opens it)")


class Keys(Protocol):
    """The data keys of a desk. They stand in its database, wrapped; `conn` leads to new ones."""

    def seal(self, conn: Connection, plain: bytes, *, place: str) -> tuple[str, bytes] | None:
        """The key's id and the sealed bytes; None while the database has no data key yet."""
        ...

    def open(self, conn: Connection, kid: str, sealed: bytes, *, place: str) -> bytes | None:
        """What was sealed there; None where no key opens it."""
        ...

    def open_old(self, sealed: bytes, *, place: str) -> bytes | None:
        """What an earlier version sealed with the instance key itself."""
        ...


class CannotOpen(DeskError):
    """A sealed value without a key that opens it, or one that was changed or moved."""


def with_keys(engine: AsyncEngine, keys: Keys) -> AsyncEngine:
    """The same engine, whose connections keep words sealed."""
    return engine.execution_options(**{KEYS: keys})


def keys_of(conn: Connection) -> Keys | None:
    """The keys of a connection, None where its engine has none."""
    found: Any = conn.get_execution_options().get(KEYS)
    keys: Keys | None = found
    return keys


def keys_in(engine: AsyncEngine) -> Keys | None:
    """The keys of an engine, for another one on the same database."""
    found: Any = engine.sync_engine.get_execution_options().get(KEYS)
    keys: Keys | None = found
    return keys


def seal_text(conn: Connection, text: str, *, place: str) -> str:
    """The stored form of a text. Nothing written stays nothing."""
    if not text:
        return text
    keys = keys_of(conn)
    made = keys.seal(conn, text.encode(), place=place) if keys is not None else None
    if made is None:
        return f"{_PLAIN_TEXT}{text}" if text.startswith((TEXT, _PLAIN_TEXT)) else text
    return f"{TEXT}{made[0]}:{binascii.b2a_base64(made[1], newline=False).decode('ascii')}"


def try_text(conn: Connection, stored: str, *, place: str) -> str | None:
    """The text behind its stored form; None where it is sealed and does not open."""
    if not stored.startswith((TEXT, _PLAIN_TEXT)):
        return stored
    if stored.startswith(_PLAIN_TEXT):
        rest = stored.removeprefix(_PLAIN_TEXT)
        return rest if rest.startswith((TEXT, _PLAIN_TEXT)) else stored
    match = _SEALED_TEXT.fullmatch(stored)
    if match is None:
        return stored
    keys = keys_of(conn)
    if keys is None:
        return None
    opened = keys.open(conn, match[1], base64.b64decode(match[2]), place=place)
    return None if opened is None else opened.decode()


def open_text(conn: Connection, stored: str, *, place: str) -> str:
    """The text, for what is decided by it or sent.

    Raises:
        CannotOpen: it is sealed, and there is no key that opens it.
    """
    opened = try_text(conn, stored, place=place)
    if opened is None:
        raise _cannot_open(place)
    return opened


def shown_text(conn: Connection, stored: str, *, place: str) -> str:
    """The text, for people to read; where it does not open, a word about that."""
    opened = try_text(conn, stored, place=place)
    return tr(SHUT) if opened is None else opened


def seal_bytes(conn: Connection, content: bytes, *, place: str) -> bytes:
    """The stored form of bytes. None at all stay none."""
    if not content:
        return content
    keys = keys_of(conn)
    made = keys.seal(conn, content, place=place) if keys is not None else None
    if made is None:
        return _PLAIN_BYTES + content if content.startswith((BYTES, _PLAIN_BYTES)) else content
    return b"%s%s:%s" % (BYTES, made[0].encode("ascii"), made[1])


def try_bytes(conn: Connection, stored: bytes, *, place: str) -> bytes | None:
    """The bytes behind their stored form; None where they are sealed and do not open."""
    if not stored.startswith((BYTES, _PLAIN_BYTES)):
        return stored
    if stored.startswith(_PLAIN_BYTES):
        rest = stored.removeprefix(_PLAIN_BYTES)
        return rest if rest.startswith((BYTES, _PLAIN_BYTES)) else stored
    match = _SEALED_BYTES.match(stored)
    if match is None:
        return stored
    keys = keys_of(conn)
    if keys is None:
        return None
    return keys.open(conn, match[1].decode("ascii"), stored[match.end() :], place=place)


def open_bytes(conn: Connection, stored: bytes, *, place: str) -> bytes:
    """The bytes.

    Raises:
        CannotOpen: they are sealed, and there is no key that opens them.
    """
    opened = try_bytes(conn, stored, place=place)
    if opened is None:
        raise _cannot_open(place)
    return opened


def seal_secret(
    conn: Connection, value: str, *, place: str, keys: Keys | None = None
) -> bytes | None:
    """A value that is kept sealed or not at all: None where there is no key to seal it.

    `keys` are for connections that have none of their own.
    """
    keys = keys_of(conn) or keys
    made = keys.seal(conn, value.encode(), place=place) if keys is not None else None
    return None if made is None else b"%s%s:%s" % (BYTES, made[0].encode("ascii"), made[1])


def open_secret(
    conn: Connection, sealed: bytes, *, place: str, keys: Keys | None = None
) -> str | None:
    """What `seal_secret` sealed, now or in an earlier version; None where it does not open."""
    keys = keys_of(conn) or keys
    if keys is None:
        return None
    match = _SEALED_BYTES.match(sealed)
    found = (
        keys.open_old(sealed, place=place)
        if match is None
        else keys.open(conn, match[1].decode("ascii"), sealed[match.end() :], place=place)
    )
    return None if found is None else found.decode()


def seal_data(conn: Connection, event_id: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """What an event tells, with the words in it sealed."""
    return {
        name: seal_text(conn, value, place=event_place(event_id, name))
        if name in WORDS and isinstance(value, str)
        else value
        for name, value in data.items()
    }


def open_data(conn: Connection, event_id: int, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """What an event tells, for people and decisions; words that do not open say so."""
    return {
        name: shown_text(conn, value, place=event_place(event_id, name))
        if name in WORDS and isinstance(value, str)
        else value
        for name, value in (stored or {}).items()
    }


def event_place(event_id: int, field: str) -> str:
    """The place of one field of an event."""
    return f"ticket_event.data.{field}:{event_id}"


def draft_place(column: str, ticket_id: int, agent: str) -> str:
    """The place of a draft's text: one that is kept again keeps its row, whatever its id."""
    return f"draft.{column}:{ticket_id}:{agent}"


def _cannot_open(place: str) -> CannotOpen:
    return CannotOpen(
        f"A sealed value ({place}) does not open: its key is missing, or the row was changed. "
        "`threadline keys status` says which keys there are."
    )
