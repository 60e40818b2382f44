"""The Amazon connector: relay mail in, relay mail out."""

from functools import partial

from connectors.amazon.address import AmazonAddresses
from connectors.amazon.config import Config
from connectors.amazon.formats import amazon_formats
from connectors.amazon.normalise import AmazonReader
from connectors.amazon.reply import write_letter
from connectors.amazon.sorting import Sorter
from connectors.contract import InboxContext
from connectors.mail.channel import MailChannel


def build(config: Config, context: InboxContext) -> MailChannel:
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
    return MailChannel(
        config,
        context,
        explain=reader.explain,
        write=partial(write_letter, addresses=addresses),
    )
