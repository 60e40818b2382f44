"""One raw item of a Shopify inbox, understood: a mail, a dispute, or a return. Pure."""

from dataclasses import dataclass, field

from connectors.contract import InboundMessage, RawItem
from connectors.shopify.claims import explain_claim
from connectors.shopify.config import Config
from connectors.shopify.known import without_known
from connectors.shopify.letters import LetterReader


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopReader:
    """Explains the items of one shop."""

    config: Config
    instance_key: bytes = field(repr=False)

    def explain(self, item: RawItem) -> InboundMessage:
        """The item as the desk sees it. Raises Malformed for a broken dispute or return."""
        if item.payload.startswith(b"{"):
            return explain_claim(item, self.config)
        mail, known = without_known(item)
        reader = LetterReader(config=self.config, instance_key=self.instance_key)
        return reader.explain(mail, known)
