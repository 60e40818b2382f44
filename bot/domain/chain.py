"""The history as a chain: whoever changes, removes or reorders an event of the past is seen.

Every event has a fingerprint, and every link a seal over its number, that fingerprint and the seal
before it. Both are keyed, so that nobody without the desk's key can make new ones that fit.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from typing_extensions import override

START: Final = b"threadline history v1"
"""What the first link is tied to."""

_SHOWN: Final = 16
"""Hexadecimal digits of a seal that people copy: 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainKey:
    """The key of a chain, and the name it goes by in links. Never shows itself."""

    name: str
    secret: bytes

    @override
    def __repr__(self) -> str:
        return f"ChainKey({self.name})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as its fingerprint sees it: every column."""

    id: int
    ticket_id: int | None
    type: str
    actor: str
    at: datetime
    data: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link. `erased`: personal words were taken out of its event after it was sealed."""

    seq: int
    event_id: int
    key_id: str
    fingerprint: bytes
    seal: bytes
    erased: bool = False


class Fault(StrEnum):
    """How a link does not fit."""

    CHANGED = "changed"  # the event is not what was sealed
    MISSING = "missing"  # the event is gone
    UNTIED = "untied"  # the link itself was changed, removed or moved
    UNKNOWN_KEY = "unknown_key"  # sealed under a key that this desk does not have
    CUT_OFF = "cut_off"  # the chain ends before a seal that was noted down
    UNSEALED = "unsealed"  # an old event that no link knows: written past the desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One place at which the history was tampered with, or cannot be proven."""

    fault: Fault
    seq: int | None
    event_id: int | None


def chain_key(instance_key: bytes) -> ChainKey:
    """The chain's own key: what the instance key seals or signs elsewhere is of no use here."""
    secret = hmac.new(instance_key, START, hashlib.sha256).digest()
    name = hmac.new(secret, b"name", hashlib.sha256).hexdigest()[:16]
    return ChainKey(name=name, secret=secret)


def fingerprint(event: Event, key: ChainKey) -> bytes:
    """32 bytes over everything an event says, the same whatever database gave it back."""
    said = [
        event.id,
        event.ticket_id,
        event.type,
        event.actor,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.data,
    ]
    spelt = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key.secret, spelt.encode(), hashlib.sha256).digest()


def seal(previous: bytes, seq: int, event_id: int, print_: bytes, key: ChainKey) -> bytes:
    """32 bytes over one link and, through `previous`, over every link before it."""
    said = b"|".join((previous, str(seq).encode(), str(event_id).encode(), print_))
    return hmac.new(key.secret, said, hashlib.sha256).digest()


def link_to(previous: Link | None, event: Event, key: ChainKey) -> Link:
    """The link that ties `event` to the end of the chain."""
    seq = 1 if previous is None else previous.seq + 1
    print_ = fingerprint(event, key)
    tied_to = START if previous is None else previous.seal
    return Link(
        seq=seq,
        event_id=event.id,
        key_id=key.name,
        fingerprint=print_,
        seal=seal(tied_to, seq, event.id, print_, key),
    )


def head_of(link: Link) -> str:
    """The end of the chain as people note it down: `1234:9f86d081884c7d65`."""
    return f"{link.seq}:{link.seal.hex()[:_SHOWN]}"


def read_head(text: str) -> tuple[int, str]:
    """What `head_of` wrote. Raises ValueError for anything else."""
    number, colon, shown = text.strip().partition(":")
    if not colon or len(shown) != _SHOWN or set(shown) - set("0123456789abcdef"):
        raise ValueError(text)
    return int(number), shown


class Checker:
    """Walks a chain from its beginning, link by link, and says where it does not fit."""

    def __init__(self, keys: Mapping[str, ChainKey]) -> None:
        self._keys = keys
        self._previous: Link | None = None

    @property
    def last(self) -> Link | None:
        """The link seen last."""
        return self._previous

    def check(self, link: Link, event: Event | None) -> Break | None:
        """Whether `link` follows the one before it and its event is what was sealed."""
        previous, self._previous = self._previous, link
        fault = self._fault(previous, link, event)
        if fault is None:
            return None
        return Break(fault=fault, seq=link.seq, event_id=link.event_id)

    def _fault(self, previous: Link | None, link: Link, event: Event | None) -> Fault | None:
        key = self._keys.get(link.key_id)
        if key is None:
            return Fault.UNKNOWN_KEY
        expected = 1 if previous is None else previous.seq + 1
        tied_to = START if previous is None else previous.seal
        made = seal(tied_to, link.seq, link.event_id, link.fingerprint, key)
        if link.seq != expected or not hmac.compare_digest(made, link.seal):
            return Fault.UNTIED
        if event is None:
            return Fault.MISSING
        if not link.erased and not hmac.compare_digest(fingerprint(event, key), link.fingerprint):
            return Fault.CHANGED
        return None
