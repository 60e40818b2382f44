"""Which conversation a mail that the seller sent to a buyer belongs to."""

import re
from collections.abc import Sequence

from connectors.amazon.address import AmazonAddresses
from connectors.amazon.threads import ALIAS_AGE
from connectors.contract import ThreadKey
from connectors.mail.inbound import cited_ids
from connectors.mail.mime import ParsedMail

_ORDER = re.compile(r"(?<![\d-])\d{3}-\d{7}-\d{7}(?![\d-])")


def answer_keys(
    mail: ParsedMail, recipients: Sequence[str], *, addresses: AmazonAddresses
) -> tuple[ThreadKey, ...]:
    """By the case in the buyer's address; by what it answers; by buyer and order; by the buyer.

    None where it went to no buyer: a buyer's mail may be cited to a carrier, too.
    """
    buyer = addresses.first_alias(recipients)
    if buyer is None:
        return ()
    keys = [ThreadKey(value=f"case:{buyer.case}")] if buyer.case else []
    keys += [ThreadKey(value=one) for one in cited_ids(mail)]
    order = _ORDER.search(mail.subject)
    if order is not None:
        keys.append(ThreadKey(value=f"buyer:{buyer.base}|{order.group()}"))
    return (*keys, ThreadKey(value=f"buyer:{buyer.base}", max_age=ALIAS_AGE))
