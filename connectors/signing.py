"""Signatures of platforms: made, and checked in constant time before anything is read.

And the desk's own key, with those that signed before it.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Self

from pydantic import SecretStr
from typing_extensions import override


class SigningKey(bytes):
    """A key that may have followed others. What an `old` one signed is still ours."""

    old: Sequence[bytes]

    def __new__(cls, key: bytes, *, old: Sequence[bytes] = ()) -> Self:
        """`key` signs from now on."""
        made = super().__new__(cls, key)
        made.old = tuple(old)
        return made

    @override
    def __repr__(self) -> str:
        return "SigningKey(…)"


def keys_that_signed(key: bytes) -> Sequence[bytes]:
    """Every key under which something of ours may be signed, the present one first."""
    return (key, *key.old) if isinstance(key, SigningKey) else (key,)


def hmac_sha256(secret: SecretStr | str | bytes, message: bytes) -> bytes:
    """The raw HMAC-SHA256 of `message` (RFC 2104)."""
    key = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
    return hmac.new(key.encode() if isinstance(key, str) else key, message, hashlib.sha256).digest()


def hmac_hex(secret: SecretStr | str | bytes, message: bytes) -> str:
    """The HMAC-SHA256 in small hexadecimal letters."""
    return hmac_sha256(secret, message).hex()


def hmac_base64(secret: SecretStr | str | bytes, message: bytes) -> str:
    """The HMAC-SHA256 in base64."""
    return base64.b64encode(hmac_sha256(secret, message)).decode()


def matches(given: str, wanted: Iterable[str]) -> bool:
    """Whether `given` is one of `wanted` (two while a secret is exchanged), in constant time."""
    candidate = given.encode("utf-8", "surrogatepass")
    found = False
    for one in wanted:
        found |= hmac.compare_digest(candidate, one.encode())
    return found


def is_fresh(at: datetime, now: datetime, *, within: timedelta = timedelta(minutes=5)) -> bool:
    """Whether a signed instant is near enough to now that the call is no replay."""
    return abs(now - at) <= within
