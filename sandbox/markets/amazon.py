"""Amazon's relay as a mailbox sees it: buyers' messages, copies of answers, notices."""

from typing_extensions import override

from sandbox.markets.base import Said
from sandbox.markets.mail import MailMarket, letter
from sla_rules.vocabulary import Author

TYPES = {
    Author.CUSTOMER: "BBC_MESSAGE_SENT_TO_MERCHANT",
    Author.AGENT: "BBC_MESSAGE_CONFIRMATION_TO_MERCHANT",
    Author.PLATFORM: "MARKETING_PREFERENCES",
}
SUBJECTS = {
    Author.CUSTOMER: "Inquiry from Amazon customer Nora Quist",
    Author.AGENT: "Your e-mail to Nora Quist",
    Author.PLATFORM: "News for sellers",
}
OWN_PROVIDER = "mx.seller.example"
PASSED = f"{OWN_PROVIDER}; spf=pass smtp.mailfrom=%s; dkim=pass header.d=amazon.co.uk; dmarc=pass"


class AmazonMail(MailMarket):
    """One seller account's mailbox at a provider that vouches for what Amazon signed."""

    address = "amazon@seller.example"
    authors = frozenset(TYPES)

    @override
    def compose(self, said: Said) -> bytes:
        relay = f"k3v9qzt41mno{said.thread}@marketplace.amazon.co.uk"
        from_buyer = said.author is Author.CUSTOMER
        sender = f"Nora Quist - Amazon Marketplace <{relay}>" if from_buyer else DESK
        order = f"(Order: 202-5555555-{said.thread:0>7})"
        headers = {
            "Authentication-Results": PASSED % ("marketplace.amazon.co.uk" if from_buyer else "amazon.co.uk"),
            "X-Space-Notification-Type": TYPES[said.author],
        }  # fmt: skip
        if from_buyer:
            headers["Reply-To"] = relay
        framed = Said(
            id=said.id, thread=said.thread, author=said.author, at=said.at, text=FRAME % said.text
        )
        subject = f"{SUBJECTS[said.author]} {order}"
        return letter(
            framed, sender=sender, to=self.address, subject=subject, headers=headers
        ).as_bytes()


DESK = "Amazon <donotreply@amazon.co.uk>"
FRAME = """You have received a message.

------------- Begin message -------------

%s

------------- End message -------------
"""
