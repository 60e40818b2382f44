"""eBay's pushes: the address proves itself, each call proves itself, and then the inbox is read.

What a push says is not taken over: it only makes the next poll come sooner, so that a push that
is late, lost or repeated changes nothing.
"""

import base64
import hashlib
import json
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib.util import find_spec
from typing import Final

from pydantic import SecretStr

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import InboxContext
from connectors.ebay.config import Config
from connectors.errors import ConnectorError, Malformed, RateLimited, Unavailable, WebhookRefused
from connectors.fields import Fields

KEYS_LIVE: Final = timedelta(hours=1)
"""Keys are kept that long, as eBay asks (Notification API guide)."""

MOST_KEYS: Final = 16
MOST_LOOKUPS: Final = 6
"""Keys asked for in a minute. Anybody can name a key, and each look takes from the day's calls."""

POLLS_FOR: Final = frozenset({"NEW_MESSAGE", "BUYER_QUESTION", "FEEDBACK_RECEIVED"})

NEEDS_PACKAGE: Final = "pushes need the Python package cryptography"

_HEADER: Final = "x-ebay-signature"
_LONGEST_KEY_ID: Final = 80
_UNPROVEN: Final = HTTPStatus.PRECONDITION_FAILED

FetchKey = Callable[[str], Awaitable[str]]


class Pushes:
    """Answers eBay's calls to one address. `fetch_key` gets a public key by its id."""

    def __init__(self, config: Config, context: InboxContext, fetch_key: FetchKey) -> None:
        self._config = config
        self._context = context
        self._fetch_key = fetch_key
        self._keys: dict[str, tuple[str, datetime]] = {}
        self._looked: deque[datetime] = deque(maxlen=MOST_LOOKUPS)

    async def answer(self, request: WebhookRequest) -> WebhookOutcome:
        """The outcome of one call. Raises WebhookRefused for what is not proven to be eBay's."""
        token = self._config.verification_token
        if token is None:
            raise WebhookRefused("pushes are not set up", status=HTTPStatus.NOT_FOUND)
        if request.method == "GET":
            return self._challenged(request.query.get("challenge_code", ""), token)
        await self._prove(request)
        call = Fields.of(request.body)
        note = call.inner("notification")
        topic = call.inner("metadata").text("topic", default="")
        return WebhookOutcome(
            poll=topic in POLLS_FOR, delivery_id=note.id("notificationId", default="") or None
        )

    def _challenged(self, code: str, token: SecretStr) -> WebhookOutcome:
        if not code:
            raise WebhookRefused("a challenge without a code", status=HTTPStatus.BAD_REQUEST)
        said = code + token.get_secret_value() + self._config.push_endpoint
        answer = {"challengeResponse": hashlib.sha256(said.encode()).hexdigest()}
        return WebhookOutcome(body=json.dumps(answer), media_type="application/json")

    async def _prove(self, request: WebhookRequest) -> None:
        key_id, signature = _signed(request.headers.get(_HEADER, ""))
        try:
            pem = await self._key(key_id)
        except (Unavailable, RateLimited):
            # eBay tries again later, when its own key service may answer.
            raise WebhookRefused(
                "the key could not be fetched", status=HTTPStatus.SERVICE_UNAVAILABLE
            ) from None
        except ConnectorError:
            raise WebhookRefused("signed with a key eBay does not know", status=_UNPROVEN) from None
        if not can_prove():
            raise WebhookRefused(NEEDS_PACKAGE, status=HTTPStatus.SERVICE_UNAVAILABLE)
        if not is_signed(request.body, signature, pem):
            raise WebhookRefused("the signature is not eBay's", status=_UNPROVEN)

    async def _key(self, key_id: str) -> str:
        now = self._context.now()
        kept = self._keys.get(key_id)
        if kept is not None and now - kept[1] < KEYS_LIVE:
            return kept[0]
        if len(self._looked) == MOST_LOOKUPS and now - self._looked[0] < timedelta(minutes=1):
            raise Unavailable("too many keys were asked for")
        self._looked.append(now)
        pem = await self._fetch_key(key_id)
        while len(self._keys) >= MOST_KEYS:
            self._keys.pop(next(iter(self._keys)))
        self._keys[key_id] = pem, now
        return pem


def _signed(header: str) -> tuple[str, bytes]:
    """Key id and signature out of the header: base64 of JSON."""
    try:
        fields = Fields.of(base64.b64decode(header, validate=True))
        key_id = fields.text("kid")
        signature = base64.b64decode(fields.text("signature"), validate=True)
    except (ValueError, Malformed):
        raise WebhookRefused("no signature that can be read", status=_UNPROVEN) from None
    # The id becomes part of an address.
    if not key_id or len(key_id) > _LONGEST_KEY_ID or not key_id.replace("-", "").isalnum():
        raise WebhookRefused("no signature that can be read", status=_UNPROVEN)
    return key_id, signature


def can_prove() -> bool:
    """Whether the package that checks signatures is there; only who takes pushes needs it."""
    return find_spec("cryptography") is not None


def is_signed(body: bytes, signature: bytes, pem: str) -> bool:
    """Whether `body` was signed with the key: ECDSA on P-256 over SHA-1, as eBay's own kit does."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    try:
        key = serialization.load_pem_public_key(_lines(pem).encode())
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signature, body, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - eBay's choice
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _lines(pem: str) -> str:
    """A key as eBay sends it, on one line; PEM wants its frame on lines of their own (RFC 7468)."""
    begin, end = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
    inner = pem.replace(begin, "").replace(end, "")
    return f"{begin}\n{''.join(inner.split())}\n{end}\n"
