"""Who a mail comes from, settled before anything it says is believed."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from connectors.mail.mime import ParsedMail
from connectors.mail.profiles import Sender
from connectors.mail.trust import authentication_failure, vouched_domains


class Origin(StrEnum):
    """How far a mail is the marketplace's."""

    PROVEN = "proven"  # from its domain, and signed by it
    UNPROVEN = "unproven"  # from its domain, and our mail provider says nothing either way
    FORGED = "forged"  # from its domain, and our mail provider found no such signature
    PRETENDED = "pretended"  # its name, from elsewhere
    FOREIGN = "foreign"  # somebody else's


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Tells origins apart for one inbox. `further` are domains the owner knows beside the data's."""

    sender: Sender
    trusted_authserv: str
    further: Collection[str] = ()

    def of(self, mail: ParsedMail) -> Origin:
        """The origin of `mail`."""
        address = mail.sender.address.lower() if mail.sender else ""
        if not self.is_platform(address):
            return Origin.PRETENDED if self._pretends(mail, address) else Origin.FOREIGN
        if authentication_failure(mail, self.trusted_authserv):
            return Origin.FORGED
        vouched = vouched_domains(mail, self.trusted_authserv)
        # Without a name to trust, the topmost header may be the sender's own.
        if vouched is None or not self.trusted_authserv:
            return Origin.UNPROVEN
        signers = (*(self.sender.signed_by or self.sender.domains), *self.further)
        signed = any(_within(domain, signers) for domain in vouched)
        return Origin.PROVEN if signed else Origin.FORGED

    def is_platform(self, address: str) -> bool:
        """Whether the address is in one of the marketplace's domains."""
        return _within(address.rpartition("@")[2].lower(), (*self.sender.domains, *self.further))

    def is_customer(self, address: str) -> bool:
        """Whether the platform hides a customer behind the address."""
        pattern = self.sender.customers
        return pattern is not None and pattern.fullmatch(address) is not None

    def takes_answers(self, address: str) -> bool:
        """Whether an answer by mail may go there: to a hidden customer, where there are any."""
        hidden = self.sender.customers is not None
        return self.is_customer(address) if hidden else self.is_platform(address)

    def _pretends(self, mail: ParsedMail, address: str) -> bool:
        name = mail.sender.name if mail.sender else ""
        shown = f"{name} {address}".lower()
        answered = mail.reply_to.address if mail.reply_to else ""
        named = any(
            re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", shown)
            for word in self.sender.names
        )
        return named or self.is_customer(answered)


def _within(domain: str, parents: Collection[str]) -> bool:
    return any(domain == parent or domain.endswith(f".{parent}") for parent in parents)
