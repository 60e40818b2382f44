"""Marketplaces that only write mail, as a seller's mailbox sees them.

Written from what is known of each: whose servers sign, who is in From and Reply-To, what the
subject says. The words of the templates are invented.
"""

from abc import abstractmethod
from collections.abc import Mapping
from hashlib import sha256

from typing_extensions import override

from sandbox.markets.base import Said
from sandbox.markets.mail import MailMarket, letter
from sla_rules.vocabulary import Author

OWN_PROVIDER = "mx.seller.example"
CUSTOMER = "Nora Quist"


class ProfileMail(MailMarket):
    """A mailbox at a provider that vouches for what the marketplace signed (`signed_by`)."""

    address = "market@seller.example"
    authors = frozenset({Author.CUSTOMER, Author.PLATFORM})
    signed_by = ""

    @abstractmethod
    def asked(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        """From, subject, text and further headers of the mail about a customer's message."""

    @abstractmethod
    def told(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        """The same of a mail that is no customer's."""

    @override
    def settings(self) -> dict[str, object]:
        return {**super().settings(), "trusted_authserv": OWN_PROVIDER}

    @override
    def compose(self, said: Said) -> bytes:
        parts = self.asked if said.author is Author.CUSTOMER else self.told
        sender, subject, text, more = parts(said)
        results = f"{OWN_PROVIDER}; dkim=pass header.d={self.signed_by}; dmarc=pass header.from={self.signed_by}"
        framed = Said(id=said.id, thread=said.thread, author=said.author, text=text, at=said.at)
        headers = {"Authentication-Results": results, **more}
        return letter(
            framed, sender=sender, to=self.address, subject=subject, headers=headers
        ).as_bytes()


class WalmartMail(ProfileMail):
    """Customers write through the relay, some while they are away; Walmart sends newsletters."""

    authors = frozenset({Author.CUSTOMER, Author.PLATFORM, Author.AUTO})
    signed_by = "walmart.com"

    @override
    def asked(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        relay = f"{sha256(said.thread.encode()).hexdigest()[:32].upper()}@relay.walmart.com"
        return f"{CUSTOMER} <{relay}>", "My order", said.text, {}

    @override
    def told(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        if said.author is Author.AUTO:
            sender, _, text, _ = self.asked(said)
            return sender, "Out of office", text, {"Auto-Submitted": "auto-replied"}
        bulk = {"Precedence": "bulk", "List-Unsubscribe": "<mailto:off@walmart.com>"}
        return "Walmart Marketplace <news@walmart.com>", "News for sellers", said.text, bulk


class EtsyMail(ProfileMail):
    """Etsy's own notification, here with the customer's words in it."""

    signed_by = "etsy.com"

    @override
    def asked(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        page = f"https://www.etsy.com/messages/{said.thread}"
        text = f"{CUSTOMER} sent you a message.\n\n{said.text}\n\nView message\n{page}\n"
        subject = f"Etsy Conversation with {CUSTOMER} about Order #30{int(said.thread):08d}"
        return "Etsy <notify@etsy.com>", subject, text, {}

    @override
    def told(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        return "Etsy <transaction@etsy.com>", "You made a sale on Etsy", said.text, {}


class BolMail(ProfileMail):
    """Customers write through an encrypted address; bol sends newsletters."""

    signed_by = "bol.com"

    @override
    def asked(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        relay = f"2f7c{int(said.thread):08d}@klantbericht.bol.com"
        subject = f"Bestelnummer: C0{int(said.thread):08d}"
        return f"{CUSTOMER} <{relay}>", subject, said.text, {}

    @override
    def told(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        bulk = {"Precedence": "bulk", "List-Id": "<partners.bol.com>"}
        return "bol <nieuws@bol.com>", "Nieuws voor partners", said.text, bulk


class TikTokShopMail(ProfileMail):
    """An alert about an unread message, with an address that posts answers into the chat."""

    signed_by = "tiktok.com"

    @override
    def asked(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        text = f"New message from {CUSTOMER}\n\n{said.text}\n\nReply to this email to answer.\n"
        reply_to = {"Reply-To": f"chat-{said.thread}@im.tiktok.com"}
        sender = "TikTok Shop <notice@im.tiktok.com>"
        return sender, f"New message from {CUSTOMER}", text, reply_to

    @override
    def told(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        bulk = {"Precedence": "bulk", "List-Id": "<news.tiktok.com>"}
        return "TikTok Shop <news@tiktok.com>", "Shop news", said.text, bulk


class FairMail(ProfileMail):
    """An invented marketplace that only notifies."""

    signed_by = "fair.example"

    @override
    def asked(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        return (
            "Fair <notice@fair.example>",
            f"New message about order FA-{said.thread}",
            said.text,
            {},
        )

    @override
    def told(self, said: Said) -> tuple[str, str, str, Mapping[str, str]]:
        return "Fair <notice@fair.example>", "Your invoice", said.text, {}
