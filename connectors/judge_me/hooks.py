"""Judge.me's calls to us: proven by their signature, and taken as names of reviews to look at."""

import hashlib
from http import HTTPStatus
from typing import Final

from pydantic import SecretStr

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.errors import Malformed, WebhookRefused
from connectors.fields import Fields
from connectors.signing import hmac_hex, matches

HEADERS: Final = ("judgeme-hmac-sha256", "x-judgeme-hmac-sha256", "http_x_judgeme_hmac_sha256")
"""Servers in between may rename it, Judge.me says (verifying webhooks)."""


def prove(request: WebhookRequest, secrets: tuple[SecretStr, ...]) -> None:
    """Raises WebhookRefused for a body that none of the secrets signed: HMAC-SHA256, in hex."""
    given = next((request.headers[name] for name in HEADERS if name in request.headers), "")
    if not given:
        raise WebhookRefused("the call is not signed", status=HTTPStatus.UNAUTHORIZED)
    if not matches(given.strip().lower(), [hmac_hex(one, request.body) for one in secrets]):
        raise WebhookRefused("the signature is not Judge.me's")


def named_in(body: bytes) -> str:
    """The review a call is about; empty where it names none."""
    try:
        call = Fields.of(body)
    except Malformed:
        return ""
    inner = call.inner("review").id("id", default="")
    return inner or call.id("review_id", default="") or call.id("id", default="")


def outcome_of(request: WebhookRequest) -> WebhookOutcome:
    """A poll. The body tells a repeated call from a new one."""
    return WebhookOutcome(poll=True, delivery_id=hashlib.sha256(request.body).hexdigest())
