"""Links that are good for one purpose, for a while: whoever holds one needs no other proof.

Signed with a key derived from the desk's own, so that nothing has to be kept to know them again.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.errors import DeskError
from bot.language import tr
from connectors.signing import keys_that_signed

_DIGEST: Final = hashlib.sha256
_SIGNATURE_BYTES: Final = 20
_LONGEST: Final = 2_000
"""Characters of a token; ours stay far below."""

Claims = Mapping[str, str | int | None]


class BadLink(DeskError):
    """A link that this desk did not make for this purpose, or that is over."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Links:
    """Makes links and reads them again. `base_url` is the desk's address without a closing slash.

    `purpose` separates kinds of links: what was signed for one is good for no other.
    """

    base_url: str
    key: bytes

    def make(self, purpose: str, claims: Claims, *, now: datetime, lasts: timedelta) -> str:
        """A full link to `/<purpose>/<token>`, good until `now` + `lasts`."""
        return f"{self.base_url}/{purpose}/{self.token(purpose, claims, now=now, lasts=lasts)}"

    def token(self, purpose: str, claims: Claims, *, now: datetime, lasts: timedelta) -> str:
        """The token of such a link."""
        until = int((now + lasts).timestamp())
        said = json.dumps({**claims, "until": until}, separators=(",", ":"), sort_keys=True)
        body = _encoded(said.encode())
        return f"{body}.{self._signature(purpose, body, self.key)}"

    def read(self, purpose: str, token: str, now: datetime) -> Claims:
        """What a token says.

        Raises:
            BadLink: it is forged, of another purpose, or over.
        """
        body, dot, signature = token.partition(".")
        if len(token) > _LONGEST or not dot or not token.isascii():
            raise _forged()
        signed = (self._signature(purpose, body, each) for each in keys_that_signed(self.key))
        if not any(hmac.compare_digest(signature, one) for one in signed):
            raise _forged()
        said = json.loads(_decoded(body))
        if now.timestamp() >= said.pop("until"):
            raise BadLink(tr("This link is no longer valid. Ask for a new one."))
        claims: Claims = said
        return claims

    def _signature(self, purpose: str, body: str, desk_key: bytes) -> str:
        key = hmac.digest(desk_key, f"threadline link {purpose} v1".encode(), "sha256")
        return _encoded(hmac.new(key, body.encode(), _DIGEST).digest()[:_SIGNATURE_BYTES])


def _forged() -> BadLink:
    return BadLink(tr("This link is not valid. Copy it whole, or ask for a new one."))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
