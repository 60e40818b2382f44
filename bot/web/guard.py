"""What a request from Slack must pass before Bolt sees it: size, form, signature, freshness."""

import re
from collections import OrderedDict
from enum import Enum
from typing import Final

from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

BODY_LIMIT: Final = 256 * 1024
"""Bytes. Slack's largest documented payloads stay far below."""
REMEMBER_SECONDS: Final = 600
"""Twice the five minutes for which Slack's verifier takes a timestamp, ahead or behind."""
REMEMBERED: Final = 50_000
"""Signatures kept at most; at 80 requests a second this is longer than ten minutes."""

_TIMESTAMP: Final = re.compile(r"^[0-9]{9,11}$")
_SIGNATURE: Final = re.compile(r"^v0=[0-9a-f]{64}$")


class Refusal(Enum):
    """Why a request is turned away, and with which status. Repeats nothing of the request."""

    TOO_LARGE = (413, "too large")
    MALFORMED = (401, "malformed signature headers")
    FORGED = (401, "wrong or outdated signature")
    REPLAYED = (401, "seen before")
    SENSELESS = (400, "not understood")
    TOO_SLOW = (408, "too slow")
    TOO_MANY = (429, "too many requests")
    NOT_NOW = (503, "not now")

    @property
    def status(self) -> int:
        """The HTTP status to answer with."""
        return self.value[0]

    @property
    def reason(self) -> str:
        """The body to answer with."""
        return self.value[1]


class SlackGuard:
    """Checks requests of one signing secret. `clock` is the machine's: Slack signs real time."""

    def __init__(self, signing_secret: str, *, clock: SignatureClock | None = None) -> None:
        self._clock = clock or SignatureClock()
        self._verifier = SignatureVerifier(signing_secret, self._clock)
        self._seen: OrderedDict[str, float] = OrderedDict()

    @property
    def remembered(self) -> int:
        """How many signatures are kept."""
        return len(self._seen)

    def refuse(self, body: bytes, timestamp: str, signature: str) -> Refusal | None:
        """Why this request must not reach Bolt, or None. A request that passes counts as seen."""
        if len(body) > BODY_LIMIT:
            return Refusal.TOO_LARGE
        if not (_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature)):
            return Refusal.MALFORMED
        if not (_is_text(body) and self._verifier.is_valid(body, timestamp, signature)):
            return Refusal.FORGED
        if signature in self._seen:
            return Refusal.REPLAYED
        self._remember(signature)
        return None

    def _remember(self, signature: str) -> None:
        now = self._clock.now()
        self._seen[signature] = now
        while self._seen:
            oldest, at = next(iter(self._seen.items()))
            if len(self._seen) <= REMEMBERED and now - at <= REMEMBER_SECONDS:
                return
            del self._seen[oldest]


def _is_text(body: bytes) -> bool:
    """Slack signs UTF-8 only; its verifier raises for anything else."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
