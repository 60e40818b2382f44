"""The Amazon connector: relay mail in, relay mail out, and orders where there is access to them."""

from functools import partial
from typing import Final

from typing_extensions import override

from connectors.amazon.address import AmazonAddresses
from connectors.amazon.config import Config
from connectors.amazon.formats import amazon_formats
from connectors.amazon.normalise import AmazonReader
from connectors.amazon.reply import write_letter
from connectors.amazon.sent import answer_keys
from connectors.amazon.sorting import Sorter
from connectors.capabilities import ContextRequest, OrderContext
from connectors.contract import Health, InboxContext
from connectors.errors import Rejected
from connectors.mail.channel import Explain, MailChannel, Write
from connectors.mail.sent import AnswerKeys
from connectors.manifest import manifest_beside
from connectors.selling_partner.lookup import OrderLookup

LIMITS: Final = manifest_beside(__file__).limits
MAIL_ONLY: Final = "no access to Amazon's selling API is configured"


class AmazonConnector(MailChannel):
    """Mail as every mail channel, whatever becomes of the selling API beside it."""

    def __init__(
        self,
        config: Config,
        context: InboxContext,
        *,
        explain: Explain,
        write: Write,
        answer_keys: AnswerKeys,
    ) -> None:
        super().__init__(
            config, context, explain=explain, write=write, limits=LIMITS, answer_keys=answer_keys
        )
        self._orders = OrderLookup(config.sp_api, context) if config.sp_api is not None else None

    @override
    async def check(self) -> Health:
        mail = await super().check()
        if self._orders is None or not mail.ok:
            return mail
        api = await self._orders.check()
        return Health(ok=api.ok, detail=f"{mail.detail}; {api.detail}")

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        """The order behind a message. Raises Rejected where there is no access to orders."""
        if self._orders is None:
            raise Rejected(MAIL_ONLY)
        return await self._orders.context_for(request)

    @override
    async def close(self) -> None:
        await super().close()
        if self._orders is not None:
            await self._orders.close()


def build(config: Config, context: InboxContext) -> AmazonConnector:
    """A connector for one seller account's mailbox."""
    formats = amazon_formats().with_tlds(config.marketplace_tlds)
    addresses = AmazonAddresses(formats)
    sorter = Sorter(
        formats=formats,
        addresses=addresses,
        own_addresses=config.addresses,
        trusted_authserv=config.trusted_authserv,
        instance_key=context.instance_key,
    )
    reader = AmazonReader(
        formats=formats,
        addresses=addresses,
        sorter=sorter,
        instance_key=context.instance_key,
    )
    return AmazonConnector(
        config,
        context,
        explain=reader.explain,
        write=partial(write_letter, addresses=addresses),
        answer_keys=partial(answer_keys, addresses=addresses),
    )
