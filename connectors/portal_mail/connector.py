"""A marketplace by mail, as its owner describes it."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from connectors.contract import InboxContext, Verdict
from connectors.mail.profile_channel import ProfileMailbox
from connectors.mail.profiles import Profile
from connectors.manifest import manifest_beside
from connectors.portal_mail.config import Config

_ORDER = r"\b(?:order|ordine|commande|bestell(?:ung|nummer)|pedido|bestelling|zamówienie|encomenda)"
_NUMBER = r"[ :#.]{0,4}(?:number|nr|no|n|id|numero|número|numéro|nummer)?[ :#.°º]{0,4}"


def build(config: Config, context: InboxContext) -> ProfileMailbox:
    """A connector for one marketplace's mailbox."""
    manifest = manifest_beside(__file__)
    host = urlsplit(config.portal_url).hostname or ""
    profile = profile_of(config, host)
    return ProfileMailbox(config, context, profile, manifest, title=config.title, hosts=(host,))


def profile_of(config: Config, host: str) -> Profile:
    """The settings as a profile. `host` is the portal's.

    A title is no mark of forgery: a customer may be called Otto.
    """
    ignored = {
        "says": f"{config.title} tells nothing that awaits an answer",
        "verdict": Verdict.BULK,
        "subjects": _any_of(config.ignored),
    }
    asked = {
        "says": f"a customer wrote on {config.title}",
        "verdict": Verdict.CUSTOMER,
        "subjects": _any_of(config.questions),
        "threads": [{"key": "order:{order}"}],
    }
    return Profile.model_validate(
        {
            "sender": {"domains": config.sender_domains},
            "portal": {
                "url": config.portal_url,
                "links": [rf"https://{re.escape(host)}/[^\s<>\"']{{1,400}}"],
            },
            "fields": {"order": [rf"{_ORDER}{_NUMBER}([A-Z0-9][A-Z0-9-]{{3,29}}\d)\b"]},
            "mails": [form for form in (ignored, asked) if form["subjects"]],
        }
    )


def _any_of(wordings: Sequence[str]) -> list[str]:
    """Whole words, with an ending or without: `message` is in `messages`."""
    return [rf"(?<!\w){re.escape(one)}" for one in wordings]
