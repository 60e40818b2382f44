"""Trustpilot's calls: how they are proven, and which reviews they name.

The calls are not signed. What proves one is a secret in the address that Trustpilot was told to
call, so nothing a call says is believed: it only names reviews, which are then read at Trustpilot.
"""

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from pydantic import SecretStr

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.errors import Malformed, WebhookRefused
from connectors.fields import Fields
from connectors.signing import matches
from connectors.trustpilot.items import PRODUCT, SERVICE

PARAMETER: Final = "key"


def prove(request: WebhookRequest, secret: SecretStr | None) -> None:
    """Raises WebhookRefused for a call to any other address than the one that was told."""
    if secret is None:
        raise WebhookRefused("calls are not set up", status=HTTPStatus.NOT_FOUND)
    if not matches(request.query.get(PARAMETER, ""), [secret.get_secret_value()]):
        raise WebhookRefused("the address holds another key")


def outcome_of(request: WebhookRequest) -> WebhookOutcome:
    """A poll, whatever the call says. Its body tells a repeated call from a new one."""
    return WebhookOutcome(poll=True, delivery_id=hashlib.sha256(request.body).hexdigest())


def named_in(body: bytes) -> Sequence[str]:
    """The reviews a call names; nothing where it cannot be read."""
    try:
        call = Fields.of(body)
    except Malformed:
        return ()
    found: list[str] = []
    for event in call.each("events"):
        kind = PRODUCT if "product" in event.text("eventName", default="") else SERVICE
        name = event.inner("eventData").id("id", default="")
        if name:
            found.append(f"{kind}:{name}")
    return list(dict.fromkeys(found))
