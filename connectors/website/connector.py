"""The website connector: the shop's mailbox, its contact form, and calls of its own back-end."""

from typing import Final

from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import InboundMessage, InboxContext, RawItem
from connectors.errors import WebhookRefused
from connectors.mail.channel import MailChannel
from connectors.manifest import manifest_beside
from connectors.website.config import Config
from connectors.website.normalise import WebsiteReader
from connectors.website.public import FORM, PublicForm
from connectors.website.reply import write_letter
from connectors.website.signed import SIGNATURE, take_signed
from connectors.website.web_reader import WebReader

LIMITS: Final = manifest_beside(__file__).limits


class WebsiteChannel(MailChannel):
    """Mail in and out, and what comes in by the web; answers always go out by mail."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._mails = WebsiteReader(
            own_addresses=config.addresses,
            form_senders=config.form_senders,
            trusted_authserv=config.trusted_authserv,
            instance_key=context.instance_key,
        )
        domain = config.from_address.rpartition("@")[2].lower()
        self._posts = WebReader(own_addresses=config.addresses, domain=domain)
        self._secrets = [
            one for one in (config.webhook_secret, config.webhook_secret_before) if one
        ]
        self._form = PublicForm(
            inbox=context.inbox,
            key=context.instance_key,
            address=config.from_address,
            thanks_url=config.thanks_url,
            now=context.now,
        )
        self._form_is_open = config.contact_form
        super().__init__(config, context, explain=self._read, write=write_letter, limits=LIMITS)

    async def parse_webhook(self, request: WebhookRequest) -> WebhookOutcome:
        """A signed call, or the public form where it is switched on. Raises WebhookRefused."""
        if SIGNATURE in request.headers:
            return take_signed(request, self._secrets)
        fits = request.method == "GET" or request.headers.get("content-type", "").startswith(FORM)
        if not fits or request.headers.get("webhook-id"):
            raise WebhookRefused("the call is not signed")
        if not self._form_is_open:
            raise WebhookRefused("contact_form is not switched on", status=404)
        return self._form.take(request)

    def _read(self, item: RawItem) -> InboundMessage:
        by_web = item.source_id.startswith("web")
        return self._posts.explain(item) if by_web else self._mails.explain(item)


def build(config: Config, context: InboxContext) -> WebsiteChannel:
    """A connector for one shop."""
    return WebsiteChannel(config, context)
