"""The keys of a desk at work: data keys that seal words, wrapped by one made from the instance key.

The newest data key seals. It stands in the database, wrapped by the instance key, which does not:
so another instance key changes a row or two, and a copy of the database alone is worth nothing.
Either may be changed while what older ones sealed still opens.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection
from typing_extensions import override

from bot.db.key_rows import PURPOSE, DataKey, add_key, data_keys, lock_keys, wrap_again
from bot.db.sealed import KEY_ID_LENGTH, Keys
from bot.db.unit import Database, Tx
from bot.errors import SettingsError
from bot.runtime.instance_key import known_keys
from bot.runtime.sealing import KEEP, KEY_BYTES, NONCE_BYTES, ORDERS, Sealer, Unsealable, derived
from bot.settings import Environment

_WRAPS: Final = b"threadline data keys v1"
_NAMED: Final = b"threadline data keys v1 name"
_NAME_BYTES: Final = 8


class WrongInstanceKey(SettingsError):
    """The database was sealed under an instance key that this process does not have."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Wrapper:
    """What wraps data keys. `name` tells it from others, and nothing about the key."""

    name: str
    cipher: AESGCM

    def wrap(self, key: bytes, kid: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self.cipher.encrypt(nonce, key, _place(kid))

    def unwrap(self, wrapped: bytes, kid: str) -> bytes | None:
        try:
            return self.cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _place(kid))
        except (InvalidTag, ValueError):
            return None


def _place(kid: str) -> bytes:
    return f"data_key:{PURPOSE}:{kid}".encode("ascii")


def _wrapper(instance_key: bytes) -> _Wrapper:
    name = derived(instance_key, _NAMED)[:_NAME_BYTES].hex()
    return _Wrapper(name=name, cipher=AESGCM(derived(instance_key, _WRAPS)))


class KeyRing(Keys):
    """The data keys of one database, opened by any of some instance keys; the first one wraps.

    Another process may add keys: one that is not known yet is looked for once.
    """

    def __init__(self, instance_keys: Sequence[bytes]) -> None:
        found = [_wrapper(each) for each in instance_keys]
        self._wrappers = {each.name: each for each in found}
        self._wraps = found[0]
        self._old = [Sealer(each, purpose=use) for each in instance_keys for use in (KEEP, ORDERS)]
        self._ciphers: Mapping[str, AESGCM] = {}
        self._newest: str | None = None
        self._loaded = False
        self._lost: frozenset[str] = frozenset()

    @property
    def wraps(self) -> str:
        """The name of the instance key that wraps."""
        return self._wraps.name

    @property
    def known(self) -> Sequence[str]:
        """The names of all instance keys, the one that wraps first."""
        return tuple(self._wrappers)

    @property
    def newest(self) -> str | None:
        """The data key that seals; None before the first."""
        return self._newest

    def load(self, conn: Connection) -> None:
        """Learn the data keys that there are now.

        Raises:
            WrongInstanceKey: one of them is wrapped by an instance key that is not known.
        """
        rows = data_keys(conn)
        opened = {each.kid: self._unwrapped(each) for each in rows}
        foreign = sorted({each.wrapped_by for each in rows if opened[each.kid] is None})
        if foreign:
            raise wrong_key(foreign, self.known)
        self._ciphers = {kid: AESGCM(key) for kid, key in opened.items() if key is not None}
        self._newest = next((e.kid for e in reversed(rows) if e.retired_at is None), None)
        self._loaded = True

    def _unwrapped(self, key: DataKey) -> bytes | None:
        wrapper = self._wrappers.get(key.wrapped_by)
        return None if wrapper is None else wrapper.unwrap(key.wrapped, key.kid)

    @override
    def seal(self, conn: Connection, plain: bytes, *, place: str) -> tuple[str, bytes] | None:
        if not self._loaded:
            self.load(conn)
        kid = self._newest
        if kid is None:
            return None
        nonce = secrets.token_bytes(NONCE_BYTES)
        return kid, nonce + self._ciphers[kid].encrypt(nonce, plain, place.encode())

    @override
    def open(self, conn: Connection, kid: str, sealed: bytes, *, place: str) -> bytes | None:
        cipher = self._ciphers.get(kid) or self._looked_for(conn, kid)
        if cipher is None:
            return None
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            return None

    def _looked_for(self, conn: Connection, kid: str) -> AESGCM | None:
        """A data key that another process made meanwhile; what is not there now never will be."""
        if kid not in self._lost:
            self.load(conn)
            if kid not in self._ciphers:
                self._lost |= {kid}
        return self._ciphers.get(kid)

    @override
    def open_old(self, sealed: bytes, *, place: str) -> bytes | None:
        for sealer in self._old:
            try:
                return sealer.open(sealed, place=place).encode()
            except Unsealable:
                continue
        return None

    def add(self, tx: Tx) -> str:
        """Make a data key that seals from the commit on; returns its name.

        Nothing is sealed by it in this transaction, nor before a `load` after it: a key that is
        rolled back would take the words with it.
        """
        kid = secrets.token_hex(KEY_ID_LENGTH // 2)
        key = AESGCM.generate_key(KEY_BYTES * 8)
        add_key(tx, kid, self._wraps.wrap(key, kid), self._wraps.name)
        return kid

    def rewrap(self, tx: Tx) -> int:
        """Wrap every data key by the present instance key; returns how many were not.

        Raises:
            WrongInstanceKey: one of them is wrapped by an instance key that is not known.
        """
        lock_keys(tx)
        self.load(tx.conn)
        others = [each for each in data_keys(tx.conn) if each.wrapped_by != self.wraps]
        for each in others:
            key = self._unwrapped(each)
            if key is not None:
                wrap_again(tx, each.kid, self._wraps.wrap(key, each.kid), self.wraps)
        return len(others)


def reading_ring(environment: Environment) -> KeyRing | None:
    """The ring of a command that looks at a desk's database; None where no instance key is known."""
    known = known_keys(environment)
    return KeyRing(known) if known else None


def check_keys(conn: Connection, ring: KeyRing | None) -> None:
    """Make sure that what is sealed here can be opened.

    Raises:
        WrongInstanceKey: it was sealed under an instance key that is not known.
    """
    if ring is not None:
        ring.load(conn)
    elif keys := data_keys(conn):
        raise wrong_key(sorted({each.wrapped_by for each in keys}), ())


async def prepare(database: Database, ring: KeyRing, now: datetime) -> None:
    """Learn the data keys, and make the first one where there is none.

    Raises:
        WrongInstanceKey: the keys there are belong to another instance key.
    """

    def first(tx: Tx) -> None:
        lock_keys(tx)
        if not data_keys(tx.conn):
            ring.add(tx)

    await database.read(ring.load)
    if ring.newest is None:
        await database.write(first, now=now, urgent=True)
        await database.read(ring.load)


def wrong_key(foreign: Sequence[str], known: Sequence[str]) -> WrongInstanceKey:
    """What to tell somebody whose instance key is not the one that sealed the database."""
    has = f"this process has {', '.join(known)}" if known else "this process has none"
    problem = (
        "environment: this database was sealed under another instance key "
        f"({', '.join(foreign)}; {has}). Set THREADLINE_INSTANCE_KEY to what it was, or put "
        "the former key into THREADLINE_OLD_INSTANCE_KEYS; where it was kept in a file, put "
        "the `.key` file back beside the database. Without it the words stay sealed."
    )
    return WrongInstanceKey([problem])
