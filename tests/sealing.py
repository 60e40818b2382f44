"""A test's database as a process opens it that has an instance key."""

from bot.db.sealed import with_keys
from bot.db.unit import Database
from bot.runtime import key_ring
from bot.runtime.key_ring import KeyRing
from tests.builders import NOW

KEY = b"a key of the environment"


async def sealing(db: Database, *keys: bytes) -> Database:
    """The same database; of more instance keys, the first one wraps."""
    ring = KeyRing(keys or (KEY,))
    opened = Database(with_keys(db.engine, ring))
    await key_ring.prepare(opened, ring, NOW)
    return opened
