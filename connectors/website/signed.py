"""A call of the shop's own back-end, signed as Standard Webhooks has it.

Headers `webhook-id`, `webhook-timestamp` (epoch seconds) and `webhook-signature`: one or more of
`v1,<base64 HMAC-SHA256(secret, "id.timestamp.body")>` with spaces between. A secret is
`whsec_<base64>`, or any other text as it stands.
"""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from pydantic import SecretStr

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import RawItem
from connectors.errors import WebhookRefused
from connectors.signing import hmac_base64, is_fresh, matches
from connectors.website.post import post_of_call, post_of_form, read_form_body

SIGNATURE: Final = "webhook-signature"
MOST_BYTES: Final = 262_144
"""Of one call's body: text, not files."""

WEB: Final = "web:"
"""Begins the source id of what came by the web; those of mails are digests."""

_VERSION: Final = "v1,"
_PREFIX: Final = "whsec_"
_ID: Final = 256
_SIGNATURES: Final = 10
_SECONDS: Final = re.compile(r"[0-9]{1,11}")


def take_signed(request: WebhookRequest, secrets: Sequence[SecretStr]) -> WebhookOutcome:
    """Prove, then understand. Raises WebhookRefused.

    What is proven is kept even when it makes no sense: it is quarantined, not lost.
    """
    call_id = _proven(request, secrets)
    item = RawItem(
        source_id=web_id(call_id), received_at=request.received_at, payload=_payload(request)
    )
    return WebhookOutcome(items=(item,), delivery_id=web_id(call_id), status=202, body="taken")


def web_id(name: str) -> str:
    """The source id of a call or a form's message."""
    return WEB + sha256(name.encode("utf-8", "replace")).hexdigest()[:40]


def instant_of(seconds: str) -> datetime | None:
    """The instant that epoch seconds in a header or a form name; None where they name none."""
    return datetime.fromtimestamp(int(seconds), UTC) if _SECONDS.fullmatch(seconds) else None


def _proven(request: WebhookRequest, secrets: Sequence[SecretStr]) -> str:
    if not secrets:
        raise WebhookRefused("no webhook_secret is set", status=404)
    if len(request.body) > MOST_BYTES:
        raise WebhookRefused("the call is too large", status=413)
    call_id = request.headers.get("webhook-id", "")
    stated = request.headers.get("webhook-timestamp", "")
    at = instant_of(stated)
    if at is None or not 0 < len(call_id) <= _ID:
        raise WebhookRefused("the call names no id or no time")
    if not is_fresh(at, request.received_at):
        raise WebhookRefused("the call is older or newer than five minutes")
    signed = f"{call_id}.{stated}.".encode("utf-8", "surrogatepass") + request.body
    wanted = [_VERSION + hmac_base64(_key(secret), signed) for secret in secrets]
    given = request.headers.get(SIGNATURE, "").split()[:_SIGNATURES]
    if not any(matches(one, wanted) for one in given):
        raise WebhookRefused("the signature is not ours")
    return call_id


def _key(secret: SecretStr) -> bytes:
    value = secret.get_secret_value()
    if value.startswith(_PREFIX):
        try:
            return base64.b64decode(value.removeprefix(_PREFIX), validate=True)
        except (ValueError, binascii.Error):
            return value.encode()
    return value.encode()


def _payload(request: WebhookRequest) -> bytes:
    """A form's fields or a JSON object as a post; whatever else it is, as it came."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return post_of_form(read_form_body(request.body)).stored(via="signed")
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        return request.body
    return post_of_call(value).stored(via="signed") if isinstance(value, dict) else request.body
