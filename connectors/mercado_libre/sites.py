"""Mercado Libre's sites: country, language, and where the seller's pages are."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SITE: Final = r"^(MLA|MLB|MLC|MLM|MCO|MLU|MPE|MEC|MLV|MBO|MCR|MPA|MRD|MPY|MGT|MHN|MNI|MSV|CBT)$"
"""CBT is the account of Global Selling, which sells on several sites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`country` in small letters, `domain` without "www."; "" where a site has no pages."""

    country: str
    language: str
    domain: str

    def __bool__(self) -> bool:
        return bool(self.country)


def _spanish(country: str, domain: str) -> Site:
    return Site(country=country, language="es", domain=f"mercadolibre.{domain}")


NOWHERE: Final = Site(country="", language="", domain="")

SITES: Final[Mapping[str, Site]] = MappingProxyType(
    {
        "MLA": _spanish("ar", "com.ar"),
        "MLB": Site(country="br", language="pt", domain="mercadolivre.com.br"),
        "MLC": _spanish("cl", "cl"),
        "MLM": _spanish("mx", "com.mx"),
        "MCO": _spanish("co", "com.co"),
        "MLU": _spanish("uy", "com.uy"),
        "MPE": _spanish("pe", "com.pe"),
        "MEC": _spanish("ec", "com.ec"),
        "MLV": _spanish("ve", "com.ve"),
        "MBO": _spanish("bo", "com.bo"),
        "MCR": _spanish("cr", "co.cr"),
        "MPA": _spanish("pa", "com.pa"),
        "MRD": _spanish("do", "com.do"),
        "MPY": _spanish("py", "com.py"),
        "MGT": _spanish("gt", "com.gt"),
        "MHN": _spanish("hn", "com.hn"),
        "MNI": _spanish("ni", "com.ni"),
        "MSV": _spanish("sv", "com.sv"),
        "CBT": Site(country="global", language="", domain=""),
    }
)
"""From the public list of sites (`GET /sites`) and their home pages."""


def site_of(code: str) -> Site:
    """The site of a code, or of anything that begins with one, such as an item's id."""
    return SITES.get(code[:3].upper(), NOWHERE)


def sale_url(code: str, sale: str) -> str | None:
    """The sale's page, for the seller who is signed in; None where a site has none."""
    site = site_of(code)
    if not site.domain or not sale.isdecimal():
        return None
    words = "vendas/{}/detalhe" if site.language == "pt" else "ventas/{}/detalle"
    return f"https://www.{site.domain}/{words.format(sale)}"


def item_url(item: str) -> str | None:
    """The page of an item, with its questions below; None where the id is none."""
    site, number = site_of(item), item[3:]
    if not site.domain or not (number.isascii() and number.isdecimal()):
        return None
    shelf = "produto" if site.language == "pt" else "articulo"
    return f"https://{shelf}.{site.domain}/{item[:3].upper()}-{number}"
