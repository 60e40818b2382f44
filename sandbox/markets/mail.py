"""A platform that writes mail: the same play over the sandbox's own IMAP and SMTP servers.

A channel's fake says how its mails look (`compose`); reading, answering and breaking are here.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime

from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.testing.market import THREAD, Fault, Market
from sandbox.mail.server import SandboxMail
from sandbox.mail.smtp import SentMail
from sandbox.markets.base import FIRST_ID, Said
from sla_rules.vocabulary import Author


class MailMarket(Market):
    """A mailbox of a seller. `address` is its log-in, `token` its password.

    Mail has no pages that could overlap and no moderation; what breaks is either server.
    """

    address = "shop@seller.example"
    authors: frozenset[Author] = frozenset({Author.CUSTOMER, Author.AUTO})
    faults: frozenset[Fault] = frozenset({Fault.REFUSED, Fault.CUT, Fault.CUT_AFTER})

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.token = "fake-password-" + "3e9a" * 5
        self.secrets: set[str] = set()
        self.overlap = False
        self.moderation = "sent"
        self.mail = SandboxMail(now=now)
        self.mail.on_sent = self._took
        self.mail.keep_sent_copies = True
        self.texts_sent: list[str] = []
        self.changes = 0
        self._last_id = FIRST_ID - 1

    @abstractmethod
    def compose(self, said: Said) -> bytes:
        """The mail the platform sends about a message, or that the customer writes."""

    def settings(self) -> dict[str, object]:
        """What every mail inbox needs to reach this mailbox."""
        return {
            "imap_host": self.mail.host,
            "imap_port": self.mail.imap_port or 1143,
            "imap_security": "none",
            "imap_user": self.address,
            "imap_password": self.token,
            "smtp_host": self.mail.host,
            "smtp_port": self.mail.smtp_port or 1025,
            "smtp_security": "none",
            "smtp_user": self.address,
            "smtp_password": self.token,
            "from_address": self.address,
        }

    @property
    @override
    def calls(self) -> int:
        return len(self.mail.sent)

    @override
    async def start(self) -> None:
        await self.mail.start()
        await self.mail.add_mailbox(self.address, self.token)

    @override
    async def stop(self) -> None:
        await self.mail.stop()

    @override
    async def says(
        self, author: Author, text: str, *, at: datetime | None = None, thread: str = THREAD
    ) -> str:
        self._last_id += 1
        said = Said(
            id=str(self._last_id), thread=thread, author=author, text=text, at=at or self.now()
        )
        await self.mail.deliver(self.address, self.compose(said), said.at)
        return said.id

    @override
    def fail(self, fault: Fault | None) -> None:
        faults = self.mail.faults
        faults.imap_refuse_login = faults.smtp_refuse_login = fault is Fault.REFUSED
        faults.imap_drop_on_connect = fault is Fault.CUT
        cuts = {Fault.CUT: "connect", Fault.CUT_AFTER: "after_data_taken"}
        faults.smtp_cut = cuts.get(fault)  # type: ignore[assignment, arg-type]

    @override
    def close_window(self, thread: str = THREAD) -> None:
        raise NotImplementedError("nobody closes a mailbox to one customer")

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        raise NotImplementedError("mail calls nobody")

    @override
    def challenge(self) -> tuple[WebhookRequest, str] | None:
        return None

    @override
    def unused_routes(self) -> Sequence[str]:
        return ()

    async def _took(self, mail: SentMail) -> None:
        self.changes += 1
        parsed = message_from_bytes(mail.content, policy=policy.default)
        body = parsed.get_body(("plain",))
        content = "" if body is None else body.get_content()
        self.texts_sent.append(content.replace("\r\n", "\n"))


def letter(
    said: Said, *, sender: str, to: str, subject: str, headers: dict[str, str] | None = None
) -> EmailMessage:
    """A plain mail about a message; the platform's id stands in its Message-ID."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(said.at)
    mail["Message-ID"] = f"<{said.id}@mail.example>"
    for name, value in (headers or {}).items():
        mail[name] = value
    mail.set_content(said.text, charset="utf-8", cte="base64")
    return mail
