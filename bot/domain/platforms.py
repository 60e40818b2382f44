"""What people call the marketplace of a connector."""

from collections.abc import Mapping
from typing import Final

from bot.language import marked, tr

_NAMES: Final[Mapping[str, str]] = {
    "amazon_account": "Amazon",
    "bol": "bol",
    "ebay": "eBay",
    "google_business": "Google",
    "judge_me": "Judge.me",
    "portal_mail": marked("Marketplace"),
    "tiktok_shop": "TikTok Shop",
    "tiktok_shop_mail": "TikTok Shop",
}
"""Names that a key in small letters does not give away."""


def platform(connector: str) -> str:
    """Its name: `mercado_libre` is `Mercado Libre`."""
    known = _NAMES.get(connector)
    return tr(known) if known else connector.replace("_", " ").replace("-", " ").title()
