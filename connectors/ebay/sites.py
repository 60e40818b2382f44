"""eBay's sites: what its interfaces call them, and where their pages are."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import quote

Site = Literal["at", "au", "be", "ca", "ch", "de", "es", "fr", "ie", "it", "nl", "pl", "uk", "us"]

HOSTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "at": "www.ebay.at",
        "au": "www.ebay.com.au",
        "be": "www.ebay.be",
        "ca": "www.ebay.ca",
        "ch": "www.ebay.ch",
        "de": "www.ebay.de",
        "es": "www.ebay.es",
        "fr": "www.ebay.fr",
        "ie": "www.ebay.ie",
        "it": "www.ebay.it",
        "nl": "www.ebay.nl",
        "pl": "www.ebay.pl",
        "uk": "www.ebay.co.uk",
        "us": "www.ebay.com",
    }
)

_BRITISH: Final = "EBAY_GB"
_LONGEST: Final = 12


def marketplace_id(site: str) -> str:
    """A site as eBay's interfaces name it: `it` is EBAY_IT, `uk` is EBAY_GB."""
    return _BRITISH if site == "uk" else f"EBAY_{site.upper()}"


def site_of(marketplace: str, otherwise: str) -> str:
    """The site behind EBAY_IT or EBAY-IT; a site unknown to this version keeps its own letters."""
    name = marketplace.strip().upper().replace("-", "_")
    if name == _BRITISH:
        return "uk"
    code = name.removeprefix("EBAY_").lower()
    told = name.startswith("EBAY_") and code.isascii() and code.isalnum()
    return code if told and len(code) <= _LONGEST else otherwise


def order_page(site: str, order_id: str | None) -> str:
    """The order in the seller's pages, or the list of orders where none is known."""
    base = f"https://{HOSTS.get(site, HOSTS['us'])}/sh/ord"
    return f"{base}/details?orderid={quote(order_id, safe='')}" if order_id else base


def messages_page(site: str) -> str:
    """The seller's messages."""
    return f"https://{HOSTS.get(site, HOSTS['us'])}/cnt/ViewMessage?group_type=CORE"
