"""Meta's calls to us: proven, taken apart, and turned into the items that `reading` would give.

One call brings entries of several accounts, each with several events, in any order and more than
once. Answers that the account sent are not taken from here: only the conversation shows whether a
person wrote them, so for those the desk is asked to read.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import Json, RawItem
from connectors.errors import Malformed, WebhookRefused
from connectors.fields import Fields
from connectors.meta.account import Account
from connectors.meta.lookups import OneCall
from connectors.signing import hmac_hex, matches

FORBIDDEN: Final = 403
LONGEST_CHALLENGE: Final = 200


def prove(request: WebhookRequest, account: Account) -> str | None:
    """The challenge to send back, or None for a call with a signed body. Raises WebhookRefused."""
    config = account.config
    if request.method == "GET":
        expected = config.verify_token.get_secret_value()
        given = request.query.get("hub.verify_token", "")
        asked = request.query.get("hub.mode") == "subscribe"
        challenge = request.query.get("hub.challenge", "")
        if not (expected and asked and matches(given, [expected])):
            raise WebhookRefused("the verify token is not ours", status=FORBIDDEN)
        if not challenge.isalnum() or len(challenge) > LONGEST_CHALLENGE:
            raise WebhookRefused("the challenge is none of Meta's", status=FORBIDDEN)
        return challenge
    given = request.headers.get("x-hub-signature-256", "")
    secrets = [one for one in (config.app_secret, config.previous_app_secret) if one is not None]
    if not matches(given, [f"sha256={hmac_hex(one, request.body)}" for one in secrets]):
        raise WebhookRefused("the signature is not Meta's")
    return None


async def understand(request: WebhookRequest, account: Account, lookups: OneCall) -> WebhookOutcome:
    """What a proven call means. What it brings and cannot be read is read by the next poll."""
    delivery = hashlib.sha256(request.body).hexdigest()[:32]
    items: dict[str, RawItem] = {}
    poll = False
    try:
        call = Fields.of(request.body)
        for kind, entry, part in _parts(call, account):
            item = await _TAKEN[kind](entry, part, request, account, lookups)
            poll |= item is None and kind == "messaging" and _is_echo(part)
            if item is not None:
                items.setdefault(item.source_id, item)
    except Malformed:
        poll = True
    return WebhookOutcome(items=tuple(items.values()), poll=poll, delivery_id=delivery)


def _parts(call: Fields, account: Account) -> Iterator[tuple[str, Fields, Fields]]:
    """The events and changes that are about this account."""
    if call.text("object", default="") != account.dialect.webhook_object:
        return
    for entry in call.each("entry"):
        if entry.id("id", default="") not in account.own_ids:
            continue
        # Standby: another app answers this conversation now; the customer waits all the same.
        for event in (*entry.each("messaging"), *entry.each("standby")):
            yield "messaging", entry, event
        if account.config.comments:
            for change in entry.each("changes"):
                yield "change", entry, change


Taker = Callable[[Fields, Fields, WebhookRequest, Account, OneCall], Awaitable[RawItem | None]]


async def _messaging(
    _entry: Fields, event: Fields, request: WebhookRequest, account: Account, lookups: OneCall
) -> RawItem | None:
    message, pressed = event.inner("message"), event.inner("postback")
    sender = event.inner("sender").id("id", default="")
    if event.inner("policy_enforcement").value:
        at = event.id("timestamp", default="?")
        return _item(f"policy:{at}", {"event": event.value}, request)
    mid = message.id("mid", default="") or pressed.id("mid", default="")
    if not mid or _is_echo(event) or sender in account.own_ids:
        return None
    kind = "deleted" if message.flag("is_deleted") else "message"
    payload: dict[str, Json] = {"event": event.value, "name": await lookups.name(sender)}
    return _item(f"{kind}:{mid}", payload, request)


async def _changed(
    entry: Fields, change: Fields, request: WebhookRequest, _account: Account, lookups: OneCall
) -> RawItem | None:
    field, value = change.text("field", default=""), change.inner("value")
    comment = value.id("comment_id", default="") or value.id("id", default="")
    if not comment or not _is_new_comment(field, value):
        return None
    payload: dict[str, Json] = {
        "change": value.value,
        "field": field,
        "time": entry.value.get("time"),
    }
    if field == "mentions":
        payload["told"] = dict(await lookups.mention(comment))
    return _item(f"comment:{comment}", payload, request)


_TAKEN: Final[Mapping[str, Taker]] = {"messaging": _messaging, "change": _changed}


def _is_new_comment(field: str, value: Fields) -> bool:
    if field == "feed":
        return (
            value.text("item", default="") == "comment" and value.text("verb", default="") == "add"
        )
    return field in {"comments", "live_comments", "mentions"}


def _is_echo(event: Fields) -> bool:
    return event.inner("message").flag("is_echo")


def _item(source_id: str, payload: Mapping[str, Json], request: WebhookRequest) -> RawItem:
    return RawItem(
        source_id=source_id,
        received_at=request.received_at,
        payload=json.dumps(payload).encode(),
    )
