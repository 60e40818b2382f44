"""Which conversation a mail belongs to. Amazon threads nothing itself: every mail stands alone."""

from collections.abc import Mapping
from datetime import timedelta

from connectors.amazon.formats import MailKind
from connectors.amazon.found import Found
from connectors.contract import ThreadKey
from connectors.mail.inbound import cited_ids

ALIAS_AGE = timedelta(days=30)
"""How long an alias alone, without case or order, continues a conversation."""

_BY_ORDER = frozenset(
    {MailKind.ANSWER_COPY, MailKind.REFUND, MailKind.OPTED_OUT, MailKind.BUYER_MESSAGE}
)
"""Mails that may name no buyer's address, only the order they are about."""

_CONVERSATIONS: Mapping[MailKind, str] = {
    MailKind.CLAIM_OPENED: "claim",
    MailKind.CLAIM_CLOSED: "claim",
    MailKind.CHARGEBACK: "chargeback",
    MailKind.NEGATIVE_FEEDBACK: "feedback",
    MailKind.CANCEL_REQUEST: "cancel",
    MailKind.RETURN_REQUEST: "return",
    MailKind.SERVICE_INQUIRY: "service",
    MailKind.ACCOUNT_HEALTH: "account",
}


def thread_keys(found: Found) -> tuple[ThreadKey, ...]:
    """By case; by what the mail answers; by buyer and order; by the buyer alone for a while."""
    family = _CONVERSATIONS.get(found.kind)
    if family is not None:
        name = found.order or found.mail.message_id or found.item.source_id
        return (ThreadKey(value=f"{family}:{name}"),)
    if found.suspect:
        return ()
    keys = [ThreadKey(value=f"case:{case}") for case in cases(found)]
    keys += [ThreadKey(value=one) for one in cited_ids(found.mail)]
    if found.from_relay and found.alias is not None:
        if found.order:
            keys.append(ThreadKey(value=f"buyer:{found.alias.base}|{found.order}"))
        keys.append(ThreadKey(value=f"buyer:{found.alias.base}", max_age=ALIAS_AGE))
    elif found.order and found.kind in _BY_ORDER:
        keys.append(ThreadKey(value=f"order:{found.order}"))
    return tuple(keys)


def own_keys(found: Found) -> tuple[str, ...]:
    """The names under which later mails mean this one: its id, and the order a buyer wrote about."""
    keys = [found.mail.message_id] if found.mail.message_id else []
    if found.kind is MailKind.BUYER_MESSAGE and found.order:
        keys.append(f"order:{found.order}")
    return tuple(keys)


def cases(found: Found) -> tuple[str, ...]:
    """Amazon's case numbers, the one of the address first."""
    if not found.genuine:
        return ()
    stated = (found.alias.case if found.alias else None, found.body.case)
    return tuple(dict.fromkeys(case for case in stated if case))
