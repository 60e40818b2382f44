"""Amazon's addresses: who is a buyer's alias, who is Amazon, who only looks like it."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.amazon.formats import Formats

_LOCAL = r"(?P<base>[a-z0-9._-]{1,64})(?:\+(?P<case>[a-z0-9-]{1,64}))?"
_AMAZON_IN_NAME = re.compile(r"(?:am|arn)az[o0]n", re.IGNORECASE)
_PUNYCODE = re.compile(r"xn--([a-z0-9-]{1,59})", re.IGNORECASE)
_LOOKS_LIKE = {
    **dict.fromkeys((0x251, 0x3B1, 0x391, 0x410, 0x430), "a"),
    **dict.fromkeys((0x39C, 0x41C, 0x43C), "m"),
    **dict.fromkeys((0x39D, 0x274), "n"),
    **dict.fromkeys((0x39F, 0x3BF, 0x41E, 0x43E), "o"),
    **dict.fromkeys((0x396, 0x1D22), "z"),
}
"""Letters of other alphabets that are drawn like those of Amazon's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A buyer's relay address. `base` (with its domain) names the buyer, `address` is answered."""

    base: str
    address: str
    case: str | None


class AmazonAddresses:
    """Tells addresses apart by anchored patterns: `…amazon.com.evil.example` is nobody."""

    def __init__(self, formats: Formats) -> None:
        domains = formats.tld_pattern
        self._alias = re.compile(rf"{_LOCAL}@(?P<domain>marketplace\.amazon\.(?:{domains}))")
        self._amazon = re.compile(rf"(?:[a-z0-9-]+\.){{0,5}}amazon\.(?:{domains})")
        self._never_buyers = frozenset(formats.never_buyers)

    def alias(self, address: str) -> Alias | None:
        """The alias that `address` is, if it is one."""
        match = self._alias.fullmatch(address.strip().lower())
        if match is None or match["base"] in self._never_buyers:
            return None
        base = f"{match['base']}@{match['domain']}"
        return Alias(base=base, address=address.strip(), case=match["case"])

    def first_alias(self, addresses: Iterable[str]) -> Alias | None:
        """The buyer among `addresses`, with the case number wherever it stands."""
        found = [alias for alias in map(self.alias, addresses) if alias]
        if not found:
            return None
        buyer = found[0]
        same = (alias for alias in found if alias.base == buyer.base and alias.case)
        return next(same, buyer)

    def is_amazon(self, address: str) -> bool:
        """Whether the address is in one of Amazon's own domains."""
        return self._amazon.fullmatch(address.rpartition("@")[2].strip().lower()) is not None

    def relayed(self, sender: str, reply_to: str) -> bool:
        """Whether a buyer wrote: from an alias, or from Amazon with an alias to answer.

        Anybody can put an alias into Reply-To; from elsewhere it proves nothing.
        """
        named = self.is_amazon(sender) and self.alias(reply_to) is not None
        return named or self.alias(sender) is not None

    def pretends(self, address: str, name: str) -> bool:
        """Whether a sender outside Amazon's domains carries Amazon's name."""
        if self.is_amazon(address):
            return False
        return any(_AMAZON_IN_NAME.search(_as_drawn(text)) for text in (address, name))


def _as_drawn(text: str) -> str:
    """The text with letters of other alphabets as the Latin ones a reader takes them for."""
    shown = _PUNYCODE.sub(_decoded, text)
    return unicodedata.normalize("NFKC", shown).translate(_LOOKS_LIKE)


def _decoded(label: re.Match[str]) -> str:
    try:
        return label[1].encode("ascii").decode("punycode")
    except ValueError:
        return label[0]
