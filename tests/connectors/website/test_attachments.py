"""Files by mail, over the mailbox's real protocols: out beside an answer, and out of a kept mail."""

from email import message_from_bytes, policy

import pytest

from connectors.capabilities import FetchesAttachments
from connectors.contract import File
from connectors.errors import Rejected
from sandbox.markets.base import Said
from sandbox.markets.website import WebsiteMail
from sla_rules.vocabulary import Author
from tests.connectors.website.test_contract import TestWebsite as Bench

PNG = b"\x89PNG\r\n\x1a\n picture"
PICTURE = File(name="foto però.png", media_type="image/png", content=PNG)


class WithPicture(WebsiteMail):
    """Customers whose mails have a picture."""

    def compose(self, said: Said) -> bytes:
        mail = message_from_bytes(super().compose(said), policy=policy.SMTP)
        if said.author is Author.CUSTOMER:
            mail.add_attachment(PNG, maintype="image", subtype="png", filename="broken.png")
        return mail.as_bytes()


class Sending(Bench):
    """The contract's bench with such customers."""

    __test__ = False

    def market(self, now):
        return WithPicture(now)


async def test_an_answers_files_arrive_beside_its_words() -> None:
    async with Sending().running() as stage:
        message = await stage.asked()
        await stage.connector.reply(stage.answer(message, "Here.", attachments=[PICTURE]))
        assert isinstance(stage.market, WebsiteMail)
        (sent,) = stage.market.mail.sent
        mail = message_from_bytes(sent.content, policy=policy.default)
        (file,) = mail.iter_attachments()
        assert stage.market.texts_sent == ["Here.\n"]
        assert (file.get_filename(), file.get_content()) == ("foto però.png", PNG)


async def test_a_file_that_is_not_what_it_says_is_not_sent() -> None:
    async with Sending().running() as stage:
        message = await stage.asked()
        lie = File(name="a.png", media_type="image/png", content=b"%PDF-1.7")
        with pytest.raises(Rejected, match="first bytes"):
            await stage.connector.reply(stage.answer(message, attachments=[lie]))
        assert isinstance(stage.market, WebsiteMail)
        assert stage.market.mail.sent == []


async def test_a_customers_picture_is_found_in_the_kept_mail() -> None:
    async with Sending().running() as stage:
        message = await stage.asked()
        (attachment,) = message.attachments
        connector = stage.connector
        assert isinstance(connector, FetchesAttachments)
        item = list(stage.stored.values())[-1]
        file = await connector.fetch_attachment(item, attachment)
        assert (file.name, file.media_type, file.content) == ("broken.png", "image/png", PNG)
