"""Which of several seller accounts a mail is for, where they share one mailbox.

Each account has Amazon write to an address of its own, `amazon+de@seller.example`, and these
addresses stand in `own_addresses`. Their tags are the accounts.
"""

from collections.abc import Collection

from connectors.mail.mime import ParsedMail

_RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To")

UNASSIGNED = "account:unassigned"


class Accounts:
    """The accounts that share a mailbox; none where no own address has a tag."""

    def __init__(self, own_addresses: Collection[str]) -> None:
        tagged = (address.lower() for address in own_addresses)
        self._names = {address: _tag(address) for address in tagged if _tag(address)}

    def tag(self, mail: ParsedMail) -> str | None:
        """`account:de`, `account:unassigned`, or None where the mailbox is nobody else's."""
        if not self._names:
            return None
        named = [one.address.lower() for one in mail.recipients]
        named += [one.strip().lower() for name in _RECIPIENTS for one in mail.header_all(name)]
        found = {self._names[address] for address in named if address in self._names}
        return f"account:{found.pop()}" if len(found) == 1 else UNASSIGNED

    def finding(self) -> str:
        """What to say of a mail for none of them."""
        tags = ", ".join(f"+{name}" for name in sorted(self._names.values()))
        return f"a mail came to none of the accounts' addresses ({tags}); see its ticket"


def _tag(address: str) -> str:
    return address.partition("@")[0].partition("+")[2]
