"""The website connector: the shop's mailbox in, ordinary mail out."""

from connectors.contract import InboxContext
from connectors.mail.channel import MailChannel
from connectors.website.config import Config
from connectors.website.normalise import WebsiteReader
from connectors.website.reply import write_letter


def build(config: Config, context: InboxContext) -> MailChannel:
    """A connector for one shop's mailbox."""
    reader = WebsiteReader(
        own_addresses=config.addresses,
        form_senders=config.form_senders,
        trusted_authserv=config.trusted_authserv,
        instance_key=context.instance_key,
    )
    return MailChannel(config, context, explain=reader.explain, write=write_letter)
