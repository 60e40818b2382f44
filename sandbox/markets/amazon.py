"""Amazon's relay as a mailbox sees it: buyers' messages, copies of answers, notices."""

from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from typing_extensions import override

from sandbox.mail.smtp import SentMail
from sandbox.markets.amazon_notices import DESK, Notice
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

    async def sends(self, notice: Notice, *, at: datetime | None = None) -> str:
        """Amazon mails something of its own, dated `at`; it arrives now. Returns its number."""
        self._last_id += 1
        mail = EmailMessage(policy=policy.SMTP)
        mail["Authentication-Results"] = PASSED % "amazon.co.uk"
        mail["From"] = notice.sender
        mail["To"] = self.address
        mail["Subject"] = notice.subject
        mail["Date"] = format_datetime(at or self.now())
        mail["Message-ID"] = f"<{self._last_id}@amazonses.example>"
        more = {
            "X-Space-Notification-Type": notice.type,
            "Reply-To": notice.reply_to,
            "In-Reply-To": notice.in_reply_to,
        }
        for name in filter(more.get, more):
            mail[name] = more[name]
        subtype = "html" if notice.html else "plain"
        mail.set_content(notice.text, subtype=subtype, charset="utf-8", cte="base64")
        await self.mail.deliver(self.address, mail.as_bytes(), self.now())
        return str(self._last_id)

    async def returns(self, sent: SentMail) -> None:
        """The provider's report that a mail of ours could not be delivered."""
        head = sent.content.partition(b"\r\n\r\n")[0].decode()
        report = (
            f"From: Mail Delivery System <MAILER-DAEMON@{OWN_PROVIDER}>\r\nTo: {self.address}\r\n"
            f"Subject: Undelivered Mail Returned to Sender\r\nReturn-Path: <>\r\n"
            f"Date: {format_datetime(self.now())}\r\nMessage-ID: <dsn-{sent.at:%H%M%S}@{OWN_PROVIDER}>\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; "
            f'boundary="r"\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\n550 5.7.1 sender not '
            f"approved\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: "
            f"rfc822; {sent.recipients[0]}\r\nAction: failed\r\nStatus: 5.7.1\r\n\r\n--r\r\n"
            f"Content-Type: text/rfc822-headers\r\n\r\n{head}\r\n\r\n--r--\r\n"
        )
        await self.mail.deliver(self.address, report.encode(), self.now())


FRAME = """You have received a message.

------------- Begin message -------------

%s

------------- End message -------------
"""
