"""Mercado Libre's refusals, and its words for them in plain ones."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from connectors.answer import HttpAnswer
from connectors.contract import Json
from connectors.errors import ConnectorError, Rejected, ReplyWindowClosed

BLOCKED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "blocked_by_time": "30 days have passed since the last message; only the buyer can reopen it",
        "blocked_by_buyer": "the buyer has switched messages off",
        "blocked_by_mediation": "a mediation is going on; answer in the claim",
        "blocked_by_fulfillment": "the parcel is sent by Mercado Libre (Full) and not delivered yet",
        "blocked_by_payment": "the sale is not paid yet",
        "blocked_by_cancelled_order": "the sale was cancelled",
    }
)
"""Substatus of a blocked conversation, from the page "Blocked messages"; the last one was seen."""

MODERATED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "OUT_OF_PLACE_LANGUAGE": "it takes the wording for improper",
        "SOCIAL_NETWORK_LINK": "it holds a link to a social network",
        "LINK_SHORT_URL": "it holds a shortened link",
        "AUTOMATIC_MESSAGE": "it takes it for an automatic message",
        "PERSONAL_DATA": "it holds personal data, such as a phone number or an address",
        "LINK_MERCADOPAGO": "it holds a payment link",
        "ML_LINKS_PAYPAL": "it holds a payment link",
        "EVASION_CLAIM_SELLER": "it asks the buyer not to open or to close a claim",
    }
)
"""Why a message is moderated, from the page on post-sale messages."""

_CLOSED: Final[tuple[tuple[str, str], ...]] = (
    ("blocked_conversation_send_message_forbidden", "it is blocked"),
    ("mediation is in process", BLOCKED["blocked_by_mediation"]),
    ("has not been yet delivered", BLOCKED["blocked_by_fulfillment"]),
    ("option other again", "it wants the buyer's next message before another of yours"),
    ("not_unanswered_question", "the question was answered, closed or removed"),
)
_NOT_OURS: Final = (
    "invalid for resource",
    "access denied for user",
    "receiver does not belong",
    "not_owned_order",
    "no orders found",
)
"""A 403 about one resource, which says nothing against the account."""

_BY_STATUS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})
_SHOWN: Final = 160


def blocked_because(substatus: str) -> str:
    """Why a conversation takes no messages. One substatus is misspelt at times ("bloqued")."""
    known = substatus.replace("bloqued", "blocked")
    return BLOCKED.get(known, f"it is blocked ({substatus})" if substatus else "it is blocked")


def moderated_because(reason: str) -> str:
    """Why a message was not delivered."""
    return MODERATED.get(reason, f"its reason is {reason}" if reason else "it says no reason")


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """A refusal in Mercado Libre's own words: `message`, `error` or `code`, and `cause`.

    A 403 about one conversation closes that one; any other is about the account, as its status says.
    """
    status = answer.status
    if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    if status in _BY_STATUS:
        return None
    said = answer.object_or_empty()
    words = " ".join(str(said.get(key) or "") for key in ("message", "error", "code", "cause"))
    closed = next((plain for word, plain in _CLOSED if word in words.lower()), None)
    if closed is not None:
        return ReplyWindowClosed(f"Mercado Libre takes no message here: {closed}")
    if status == HTTPStatus.FORBIDDEN and not any(one in words.lower() for one in _NOT_OURS):
        return None
    return Rejected(f"Mercado Libre refused ({status}): {_shown(said)}")


def _shown(said: Mapping[str, Json]) -> str:
    words = said.get("message") or said.get("error")
    return (
        " ".join(words.split())[:_SHOWN] if isinstance(words, str) and words else "no reason given"
    )
