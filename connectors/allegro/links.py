"""Addresses in Allegro's own console, as other programs of sellers use them. Pure."""

from collections.abc import Mapping
from typing import Final

from connectors.contract import Json

SALES_CENTER: Final = "https://salescenter.allegro.com"
DISPUTES: Final = f"{SALES_CENTER}/discussions-with-buyers"
MESSAGES: Final = "https://allegro.pl/moje-allegro/moje-konto/centrum-wiadomosci/wiadomosci"

_LONGEST: Final = 64


def order_link(order: str, seller_id: str) -> str | None:
    """An order in the Sales Center."""
    return f"{SALES_CENTER}/orders/{order}{_of(seller_id)}" if _is_name(order) else None


def link_of(context: Mapping[str, Json], seller_id: str) -> str | None:
    """Where a person answers a message: its claim, the list of disputes, or the message centre."""
    issue = context.get("issue")
    if isinstance(issue, str) and _is_name(issue):
        is_claim = context.get("is_claim") is True
        return f"{SALES_CENTER}/claims/{issue}{_of(seller_id)}" if is_claim else DISPUTES
    return MESSAGES if isinstance(context.get("thread"), str) else None


def _of(seller_id: str) -> str:
    return f"?sellerId={seller_id}" if seller_id else ""


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST and name.isascii() and name.replace("-", "").isalnum()
