"""Amazon's addresses: who is a buyer's alias, who is Amazon, who only looks like it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.amazon.formats import Formats

_LOCAL = r"(?P<base>[a-z0-9._-]{1,64})(?:\+(?P<case>[a-z0-9-]{1,64}))?"
_AMAZON_IN_NAME = re.compile(r"amaz[o0]n", re.IGNORECASE)


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
        return any(_AMAZON_IN_NAME.search(text) for text in (address, name))
