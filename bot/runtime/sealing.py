"""Values sealed by a key derived from the instance key itself: AES-256-GCM.

So tokens and order data were kept before there were data keys (`bot.runtime.key_ring`), which seal
them now; what is still kept so is opened here.

A copy of the database is worth nothing to whoever has not the instance key, and a value cannot be
moved to another inbox or name: both are part of what is authenticated.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION: Final = b"1"
NONCE_BYTES: Final = 12
"""Random for each value; NIST SP 800-38D allows 2^32 of them under one key."""

KEY_BYTES: Final = 32

KEEP: Final = b"threadline inbox keep v1"
ORDERS: Final = b"threadline order data v1"
"""Purposes: each has a key of its own, so that nothing sealed for one opens for another."""


class Unsealable(Exception):
    """A sealed value that this key did not seal, or that was changed since."""


def derived(instance_key: bytes, purpose: bytes) -> bytes:
    """A key of its own for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(instance_key)


class Sealer:
    """Seals values for one purpose. Never shows its key or a value."""

    def __init__(self, instance_key: bytes, *, purpose: bytes = KEEP) -> None:
        self._cipher = AESGCM(derived(instance_key, purpose))

    def seal(self, value: str, *, place: str) -> bytes:
        """`value` so that only this key opens it, at this `place` only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, value.encode(), place.encode())

    def open(self, sealed: bytes, *, place: str) -> str:
        """What was sealed. Raises Unsealable."""
        nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if sealed[:1] != VERSION or len(nonce) != NONCE_BYTES:
            raise Unsealable
        try:
            return self._cipher.decrypt(nonce, rest, place.encode()).decode()
        except (InvalidTag, UnicodeDecodeError) as exc:
            raise Unsealable from exc
