"""Our own Message-IDs: they carry the ticket and the reply, signed, and never change on a retry."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from connectors.signing import keys_that_signed

_OWN = re.compile(r"t(\d{1,12})\.([A-Za-z0-9_-]{1,64})\.([a-z2-7]{16})@[^<>\s@]+")
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnId:
    """What one of our Message-IDs says."""

    ticket_number: int
    reply: str


def own_message_id(key: bytes, *, ticket_number: int, reply_id: str, domain: str) -> str:
    """`t{number}.{reply}.{signature}@domain`, the same for the same arguments for ever.

    Without angle brackets, as ids are kept everywhere but on the wire. Short enough (about 60 characters) that no mail program folds or re-encodes it.
    """
    reply = (
        reply_id if _PLAIN.fullmatch(reply_id) else hashlib.sha256(reply_id.encode()).hexdigest()
    )
    reply = reply[:64]
    return f"t{ticket_number}.{reply}.{_signature(key, ticket_number, reply)}@{domain}"


def read_own_id(key: bytes, message_id: str) -> OwnId | None:
    """What the id says if we made it; None for anybody else's, however alike."""
    match = _OWN.fullmatch(message_id)
    if match is None:
        return None
    number, reply = int(match.group(1)), match.group(2)
    signed = (_signature(each, number, reply) for each in keys_that_signed(key))
    if not any(hmac.compare_digest(match.group(3), one) for one in signed):
        return None
    return OwnId(ticket_number=number, reply=reply)


def _signature(key: bytes, number: int, reply: str) -> str:
    digest = hmac.new(key, f"{number}|{reply}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode("ascii").lower()
