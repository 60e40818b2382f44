"""Which explanation a raw item gets. Pure."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from connectors.contract import InboundMessage, RawItem
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.mercado_libre import explain_claim, explain_message, explain_question
from connectors.mercado_libre.config import Config

Explanation = Callable[[Fields, RawItem, Config], InboundMessage]

_EXPLANATIONS: Final[Mapping[str, Explanation]] = MappingProxyType(
    {
        **explain_question.EXPLANATIONS,
        **explain_message.EXPLANATIONS,
        **explain_claim.EXPLANATIONS,
    }
)


def explain(item: RawItem, config: Config) -> InboundMessage:
    """One raw item of Mercado Libre. Raises Malformed."""
    raw = Fields.of(item.payload)
    for name, explanation in _EXPLANATIONS.items():
        if isinstance(raw.value.get(name), dict):
            return explanation(raw, item, config)
    raise Malformed("item", "neither a question nor a message nor a claim")
