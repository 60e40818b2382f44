"""Who wrote a message, in each of the three ways in which Allegro tells it. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from connectors.allegro.client import Edition
from connectors.contract import Json, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields


class Writer(StrEnum):
    """Whose words a message is."""

    CUSTOMER = "customer"
    SELLER = "seller"
    ALLEGRO = "allegro"  # a person at Allegro
    FULFILMENT = "fulfilment"  # Allegro's warehouse, which sends in the seller's place
    SYSTEM = "system"
    UNKNOWN = "unknown"


_ROLES: Final = MappingProxyType(
    {
        "BUYER": Writer.CUSTOMER,
        "SELLER": Writer.SELLER,
        "ADMIN": Writer.ALLEGRO,
        "CONSULTANT": Writer.ALLEGRO,
        "ALLEGRO": Writer.ALLEGRO,
        "FULFILLMENT": Writer.FULFILMENT,
        "SYSTEM": Writer.SYSTEM,
        "CHATBOT": Writer.SYSTEM,
    }
)
"""Roles of authors in issues and in the message centre's second edition."""


VERDICTS: Final = MappingProxyType(
    {
        Writer.CUSTOMER: (Verdict.CUSTOMER, "the customer wrote"),
        Writer.SELLER: (Verdict.ANSWERED_ELSEWHERE, "the shop wrote, here or at Allegro"),
        Writer.ALLEGRO: (Verdict.NOTICE, "an adviser of Allegro's wrote"),
        Writer.FULFILMENT: (Verdict.NOTICE, "Allegro's warehouse wrote"),
        Writer.SYSTEM: (Verdict.NOTICE, "Allegro's system wrote"),
        Writer.UNKNOWN: (Verdict.NOTICE, "written by somebody this version does not know"),
    }
)


def writer_of(message: Fields, thread: Fields, edition: Edition) -> Writer:
    """Who wrote a message of the message centre. Raises Malformed where that is not told."""
    author = message.inner("author")
    if edition is Edition.BETA:
        return _by_role(author.text("role"), author.text("login", default=""), thread)
    told = author.value.get("isInterlocutor")
    # The published example writes flags of threads as text.
    if told in (True, "true"):
        return Writer.CUSTOMER
    if told in (False, "false"):
        return Writer.SELLER
    raise Malformed(f"{author.at}.isInterlocutor", "a yes or no was expected")


def writer_in_issue(message: Fields) -> Writer:
    """Who wrote a message of a chat; logins are absent there for Allegro's own roles."""
    return _ROLES.get(message.inner("author").text("role"), Writer.UNKNOWN)


def author_of(message: Mapping[str, Json], edition: Edition, *, in_issue: bool) -> Writer:
    """Who wrote a message, outside of its thread; unknown where the message alone does not tell."""
    said = Fields(dict(message), "message")
    try:
        return writer_in_issue(said) if in_issue else writer_of(said, Fields({}), edition)
    except Malformed:
        return Writer.UNKNOWN


def customer_login(thread: Fields) -> str:
    """The customer's login as the thread tells it; empty where it does not."""
    partner = thread.inner("interlocutor").text("login", default="")
    buyers = (
        one.text("login", default="")
        for one in thread.each("participants")
        if one.text("role", default="") == "BUYER"
    )
    return partner or next(filter(None, buyers), "")


def handle_of(login: str) -> str:
    """Logins are the same in any case: Allegro itself writes `Client:1` and `client:1`."""
    return login.casefold()


def _by_role(role: str, login: str, thread: Fields) -> Writer:
    if role != "USER":
        return _ROLES.get(role, Writer.UNKNOWN)
    sides = {
        handle_of(one.text("login", default="")): one.text("role", default="")
        for one in thread.each("participants")
    }
    return _ROLES.get(sides.get(handle_of(login), ""), Writer.UNKNOWN)
