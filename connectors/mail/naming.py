"""What names a conversation or an order in mail that carries no ids of its own."""

import re
from datetime import timedelta

from connectors.contract import ThreadKey

SUBJECT_AGE = timedelta(days=14)
"""How long the same customer with the same subject continues a conversation."""

_ORDER = re.compile(
    r"\b(?:order|ordine|bestellung|bestellnummer|commande|pedido)\b"
    r"(?:\s*(?:number|no\.?|nr\.?|id|numero|número|numéro|n[°º.]))?\s*[:#]?\s*#?\s*"
    r"([A-Z]{0,4}-?\d{3,12})\b",
    re.IGNORECASE,
)
_PREFIXES = re.compile(r"^(?:\s*(?:re|aw|r|rif|sv|fwd?|i|wg|tr|antw|ref)\s*:)+\s*", re.IGNORECASE)


def subject_key(customer: str, subject: str) -> tuple[ThreadKey, ...]:
    """The weak key of a conversation whose mails carry no ids; none without a subject."""
    bare = " ".join(_PREFIXES.sub("", subject).casefold().split())
    if not bare or not customer:
        return ()
    return (ThreadKey(value=f"subject:{customer.lower()}|{bare}", max_age=SUBJECT_AGE),)


def order_named(subject: str, text: str) -> str | None:
    """The first order number the customer names, in five languages."""
    match = _ORDER.search(subject) or _ORDER.search(text)
    return match.group(1) if match else None
