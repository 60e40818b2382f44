"""A shop's own mailbox, and the people who write to it."""

from typing_extensions import override

from sandbox.markets.base import Said
from sandbox.markets.mail import MailMarket, letter
from sla_rules.vocabulary import Author


class WebsiteMail(MailMarket):
    """Customers write from their own addresses; some are away and say so automatically."""

    @override
    def compose(self, said: Said) -> bytes:
        automatic = said.author is Author.AUTO
        headers = {"Auto-Submitted": "auto-replied"} if automatic else {}
        return letter(
            said,
            sender=f"Nora Quist <nora{said.thread}@post.example>",
            to=self.address,
            subject="Out of office" if automatic else f"A question about order {said.thread}",
            headers=headers,
        ).as_bytes()
