"""Octopia keeps the contract."""

from connectors.capabilities import FetchesAttachments
from connectors.contract import InboundMessage
from connectors.testing.bench import Stage
from sla_rules.vocabulary import Author
from tests.connectors.octopia.bench import OctopiaBench, octopia_of


class TestOctopia(OctopiaBench):
    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        await octopia_of(stage).says(Author.CUSTOMER, "Photo", files=["a.png"], thread="56")
        shown = next(one for one in await stage.poll() if one.attachments)
        connector = stage.connector
        assert isinstance(connector, FetchesAttachments)
        item = next(iter(stage.stored.values()))
        file = await connector.fetch_attachment(item, shown.attachments[0])
        assert file.content.startswith(b"\x89PNG")
        assert file.media_type == "image/png"
