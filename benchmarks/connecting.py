"""The real mail connectors, pointed at a mailbox of the benchmark's own server."""

from benchmarks.mail_server import PASSWORD
from benchmarks.mails import ADDRESS, FORM_MAILER, WEBSITE
from bot.clock import Clock
from connectors.contract import InboxContext
from connectors.mail.channel import MailChannel
from connectors.registry import load_connectors


def mail_connector(inbox: str, clock: Clock, *, port: int, mailbox: str) -> MailChannel:
    """The connector of `inbox`. Connects to nothing before it is asked to fetch."""
    spec = load_connectors().specs[inbox]
    config = {
        "imap_host": "127.0.0.1",
        "imap_port": port,
        "imap_security": "none",
        "imap_user": mailbox,
        "imap_password": PASSWORD,
        "smtp_host": "127.0.0.1",
        "smtp_user": mailbox,
        "smtp_password": PASSWORD,
        "from_address": ADDRESS[inbox],
    }
    if inbox == WEBSITE:
        config |= {"form_senders": [FORM_MAILER]}
    context = InboxContext(inbox=inbox, instance_key=b"bench" * 8, now=clock.now)
    built = spec.build(spec.config_model.model_validate(config), context)
    if not isinstance(built, MailChannel):
        raise TypeError(f"{inbox} is no mail channel")
    return built
