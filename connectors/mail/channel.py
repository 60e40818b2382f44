"""A connector made of a mailbox, a sender, and what is peculiar to one channel."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from connectors.capabilities import HistoryPage, HistoryWish, PastItem
from connectors.contract import (
    Absent,
    Attachment,
    Cursor,
    File,
    Found,
    Health,
    InboundMessage,
    InboxContext,
    Json,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)
from connectors.errors import ConnectorError, Malformed, Rejected
from connectors.limits import check_files
from connectors.mail.access import MailAccess
from connectors.mail.compose import Outgoing, check_address, compose, one_line
from connectors.mail.config import MailConfig
from connectors.mail.history import MailHistory
from connectors.mail.inbound import file_in
from connectors.mail.mailbox import Mailbox
from connectors.mail.message_id import own_message_id
from connectors.mail.sender import MailSender
from connectors.mail.sent import AnswerKeys, SentReader, keys_by_subject
from connectors.manifest import ReplyLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The parts of a reply that differ by channel."""

    to: str
    subject: str
    body: str


Explain = Callable[[RawItem], InboundMessage]
Write = Callable[[ReplyCommand], Letter]


class MailChannel:
    """The contract over mail. `explain` and `write` are pure and belong to the channel.

    `limits` are its manifest's: without them no file goes out. `answer_keys` names the
    conversation of a mail that was sent without the desk.
    """

    def __init__(
        self,
        config: MailConfig,
        context: InboxContext,
        *,
        explain: Explain,
        write: Write,
        limits: ReplyLimits | None = None,
        answer_keys: AnswerKeys = keys_by_subject,
    ) -> None:
        self._config = config
        self._context = context
        self._explain = explain
        self._write = write
        self._limits = limits or ReplyLimits()
        self._access = MailAccess.of(config, context)
        self._mailbox = Mailbox(
            config, name=context.inbox, now=context.now, access=self._access.imap
        )
        self._sender = MailSender(config, access=self._access.smtp)
        self._sent = SentReader(own_addresses=config.addresses, keys=answer_keys)

    async def check(self) -> Health:
        """Open the mailbox and log in to SMTP, changing nothing."""
        try:
            detail = f"{await self._mailbox.check()}; {await self._sender.check()}"
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        return Health(ok=True, detail=detail)

    def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Pages of whole mails after `cursor`. Raises AuthExpired or Unavailable."""
        return self._mailbox.fetch(cursor)

    def normalise(self, item: RawItem) -> InboundMessage:
        """Explain one mail. Pure; raises Malformed only."""
        try:
            return self._explain(item)
        except ConnectorError:
            raise
        except Exception as error:
            raise Malformed("mail", type(error).__name__) from error

    def history(self, wish: HistoryWish, cursor: Cursor | None) -> AsyncIterator[HistoryPage]:
        """Received and sent mail of the past. Raises AuthExpired, Unavailable, NoSentFolder."""
        reading = MailHistory(
            self._config,
            name=self._context.inbox,
            now=self._context.now,
            access=self._access.imap,
        )
        return reading.pages(wish, cursor)

    def explain_past(self, past: PastItem) -> InboundMessage:
        """What was received as `normalise` does; what we sent as the answer it is."""
        if not (past.sent or self._sent.wrote(past.item)):
            return self.normalise(past.item)
        try:
            return self._sent.explain(past.item)
        except Exception as error:
            raise Malformed("mail", type(error).__name__) from error

    def preview(self, command: ReplyCommand) -> ReplyPreview:
        """What `reply` would send. Raises Rejected for what cannot be sent."""
        mail = self._outgoing(command)
        name = one_line(mail.from_name)
        return ReplyPreview(
            sender=f"{name} <{mail.from_address}>" if name else mail.from_address,
            recipient=mail.to,
            subject=mail.subject,
            body=mail.body,
        )

    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        """Hand the reply over by SMTP, under an id that every attempt shares."""
        mail = self._outgoing(command)
        at = self._context.now()
        detail = await self._sender.send(mail.to, compose(mail, at=at))
        return ReplyReceipt(
            external_id=mail.message_id, accepted_at=self._context.now(), detail=detail
        )

    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        """Look for a copy of the reply in the mailbox. No copy proves nothing: Unknown."""
        message_id = self._outgoing(command).message_id
        if not await self._mailbox.has(message_id):
            return Unknown()
        return Found(
            receipt=ReplyReceipt(
                external_id=message_id,
                accepted_at=self._context.now(),
                detail="a copy is in the mailbox",
            )
        )

    async def fetch_attachment(self, item: RawItem, attachment: Attachment) -> File:
        """The file out of the kept mail. Raises Rejected where it is not in there, or too large."""
        return await asyncio.to_thread(file_in, item, attachment)

    async def close(self) -> None:
        """Close the IMAP connection and end its thread."""
        await self._mailbox.close()
        if self._access.desk is not None:
            await self._access.desk.close()

    def _outgoing(self, command: ReplyCommand) -> Outgoing:
        letter = self._write(command)
        if check_address(letter.to).lower() in self._config.addresses:
            raise Rejected("the answer would go to our own address")
        if not command.text.strip():
            raise Rejected("the answer is empty")
        check_files(command.attachments, self._limits)
        return Outgoing(
            message_id=own_message_id(
                self._context.instance_key,
                ticket_number=command.ticket_number,
                reply_id=command.reply_id,
                domain=self._config.from_address.rpartition("@")[2].lower(),
            ),
            from_address=self._config.from_address,
            from_name=self._config.from_name,
            to=letter.to,
            subject=one_line(letter.subject),
            body=letter.body,
            in_reply_to=text_of(command.context, "in_reply_to") or None,
            references=texts_of(command.context, "references"),
            files=command.attachments,
        )


def text_of(context: Mapping[str, Json], key: str) -> str:
    """A text of a reply context, empty where there is none."""
    value = context.get(key)
    return value if isinstance(value, str) else ""


def texts_of(context: Mapping[str, Json], key: str) -> tuple[str, ...]:
    """The texts of a list in a reply context."""
    value = context.get(key)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
