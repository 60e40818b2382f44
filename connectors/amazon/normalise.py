"""One of Amazon's mails, understood. Pure: bytes in, an InboundMessage out."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.amazon.address import Alias, AmazonAddresses
from connectors.amazon.body import Body, read_body
from connectors.amazon.formats import Formats, MailKind
from connectors.amazon.limit import stated_limit
from connectors.amazon.marketplace import HEADER as MARKETPLACE_HEADER
from connectors.amazon.marketplace import Marketplace, told_marketplace
from connectors.amazon.sorting import Meaning, Sorter
from connectors.amazon.statements import statements
from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.mail.inbound import (
    NAME_CHARACTERS,
    SUBJECT_CHARACTERS,
    arrival,
    attached,
    cited_ids,
    own_ids,
    partial,
    reply_chain,
)
from connectors.mail.mime import ParsedMail, parse_mail
from sla_rules.vocabulary import Stage

EARLIEST = timedelta(hours=48)
"""Amazon counts from the buyer's click; its relay is never slower than this."""

ALIAS_AGE = timedelta(days=30)
"""How long an alias alone, without case or order, continues a conversation."""

_ORDER = re.compile(r"(?<![\d-])\d{3}-\d{7}-\d{7}(?![\d-])")
_NAME_IN_SUBJECT = re.compile(
    r"(?:from Amazon customer|du client Amazon|dal cliente Amazon|von Amazon-Kunde|del cliente de "
    r"Amazon|seu e-mail para|your e-mail to)\s+([^(\n]{1,80}?)\s*(?:\(|$)",
    re.IGNORECASE,
)


_LINKS_READ = 100_000

_BY_ORDER = frozenset({MailKind.ANSWER_COPY, MailKind.REFUND, MailKind.OPTED_OUT})
"""Mails that name no buyer's address, only the order they are about."""

_CONVERSATIONS = {
    MailKind.CLAIM_OPENED: "claim",
    MailKind.CLAIM_CLOSED: "claim",
    MailKind.CHARGEBACK: "chargeback",
    MailKind.NEGATIVE_FEEDBACK: "feedback",
    MailKind.CANCEL_REQUEST: "cancel",
    MailKind.RETURN_REQUEST: "return",
}


_STATED = frozenset(
    {
        MailKind.CLAIM_OPENED,
        MailKind.CHARGEBACK,
        MailKind.RETURN_REQUEST,
        MailKind.CANCEL_REQUEST,
    }
)
"""Mails in which Amazon may state until when it wants an answer, and how much it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One mail with everything that was found in it."""

    item: RawItem
    mail: ParsedMail
    body: Body
    sender: str
    sender_name: str
    alias: Alias | None
    from_relay: bool
    order: str | None
    kind: MailKind
    meaning: Meaning
    marketplace: Marketplace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmazonReader:
    """Explains the mails of one seller account. `instance_key` tells our own Message-IDs."""

    formats: Formats
    addresses: AmazonAddresses
    sorter: Sorter
    instance_key: bytes

    def explain(self, item: RawItem) -> InboundMessage:
        """The mail as the desk sees it. Whatever the bytes are, there is an answer."""
        found = self._read(item)
        mail = found.mail
        sent_at = arrival(mail, item, earliest=EARLIEST)
        is_claim = found.meaning.verdict is Verdict.CLAIM
        value, currency = _order_value(found)
        buyer_wrote = found.meaning.verdict is Verdict.CUSTOMER and found.alias is not None
        return InboundMessage(
            external_id=item.source_id,
            verdict=found.meaning.verdict,
            reason=found.meaning.says,
            sent_at=sent_at,
            subject=mail.subject[:SUBJECT_CHARACTERS],
            text=found.body.text,
            full_text=mail.text,
            sender_handle=found.alias.base if buyer_wrote and found.alias else found.sender,
            sender_name=self._name(found)[:NAME_CHARACTERS],
            thread_keys=self._thread_keys(found),
            own_keys=_own_keys(found),
            refers_to=own_ids(mail, self.instance_key),
            kind=found.meaning.kind,
            stage=_stage(found),
            order_id=found.order,
            platform_limit=stated_limit(mail.text, self.formats.limit) if is_claim else None,
            respond_by=self._respond_by(found, sent_at),
            topic=found.meaning.topic,
            marketplace=found.marketplace.key if found.marketplace else "",
            order_value=value,
            currency=currency,
            attachments=attached(mail),
            links={} if found.meaning.verdict is Verdict.SUSPECT else found.body.links,
            reply_context=_reply_context(found) if buyer_wrote else {},
            degraded=partial(item),
        )

    def _read(self, item: RawItem) -> _Read:
        mail = parse_mail(item.payload)
        sender = mail.sender.address if mail.sender else ""
        from_relay = self.addresses.relayed(sender, _reply_to(mail))
        body = read_body(mail, self.formats)
        kind, meaning = self.sorter.sort(mail, sender, from_relay=from_relay)
        order = _ORDER.search(mail.subject) or _ORDER.search(mail.text)
        alias = self._alias(mail, sender)
        genuine = from_relay or self.addresses.is_amazon(sender)
        suspect = meaning.verdict is Verdict.SUSPECT
        return _Read(
            item=item,
            mail=mail,
            body=body,
            sender=sender,
            sender_name=mail.sender.name if mail.sender else "",
            alias=alias,
            from_relay=from_relay,
            order=order.group() if order else None,
            kind=kind,
            meaning=meaning,
            marketplace=_marketplace(mail, sender, alias if from_relay else None)
            if genuine and not suspect
            else None,
        )

    def _respond_by(self, found: _Read, sent_at: datetime) -> datetime | None:
        if found.from_relay or found.kind not in _STATED:
            return None
        return statements().respond_by(
            found.mail.text,
            self.formats.limit.cues,
            sent_at=sent_at,
            marketplace=found.marketplace,
        )

    def _alias(self, mail: ParsedMail, sender: str) -> Alias | None:
        delivered = mail.header_all("Delivered-To")
        recipients = [one.address for one in mail.recipients]
        return self.addresses.first_alias([sender, _reply_to(mail), *recipients, *delivered])

    def _thread_keys(self, found: _Read) -> tuple[ThreadKey, ...]:
        family = _CONVERSATIONS.get(found.kind)
        if family is not None:
            name = found.order or found.mail.message_id or found.item.source_id
            return (ThreadKey(value=f"{family}:{name}"),)
        if found.meaning.verdict is Verdict.SUSPECT:
            return ()
        keys = [ThreadKey(value=f"case:{case}") for case in _cases(found)]
        keys += [ThreadKey(value=one) for one in cited_ids(found.mail)]
        if found.from_relay and found.alias is not None:
            if found.order:
                keys.append(ThreadKey(value=f"buyer:{found.alias.base}|{found.order}"))
            keys.append(ThreadKey(value=f"buyer:{found.alias.base}", max_age=ALIAS_AGE))
        elif found.order and found.kind in _BY_ORDER:
            keys.append(ThreadKey(value=f"order:{found.order}"))
        return tuple(keys)

    def _name(self, found: _Read) -> str:
        in_subject = _NAME_IN_SUBJECT.search(found.mail.subject)
        named = in_subject.group(1).strip() if in_subject else ""
        if not found.from_relay:
            return named or found.sender_name
        shown = found.sender_name
        for ending in self.formats.buyer_name_endings:
            shown = shown.removesuffix(ending)
        return shown.strip() or named


def _marketplace(mail: ParsedMail, sender: str, buyer: Alias | None) -> Marketplace | None:
    """`buyer` is who wrote through the relay; such a mail's text is not Amazon's."""
    return told_marketplace(
        alias=buyer.base if buyer else "",
        stated_id=mail.header(MARKETPLACE_HEADER) or "",
        sender=sender,
        links=() if buyer else (mail.text[:_LINKS_READ], (mail.html or "")[:_LINKS_READ]),
        subject=mail.subject,
    )


def _order_value(found: _Read) -> tuple[Decimal, str] | tuple[None, None]:
    """What Amazon's own mail says of money; a buyer may type any amount."""
    if found.from_relay or (found.marketplace is None and found.kind is MailKind.NOTICE):
        return None, None
    return statements().order_value(found.mail.text, found.marketplace) or (None, None)


def _reply_to(mail: ParsedMail) -> str:
    return mail.reply_to.address if mail.reply_to else ""


def _cases(found: _Read) -> tuple[str, ...]:
    stated = (found.alias.case if found.alias else None, found.body.case)
    return tuple(dict.fromkeys(case for case in stated if case))


def _own_keys(found: _Read) -> tuple[str, ...]:
    keys = [found.mail.message_id] if found.mail.message_id else []
    if found.kind is MailKind.BUYER_MESSAGE and found.order:
        keys.append(f"order:{found.order}")
    return tuple(keys)


def _stage(found: _Read) -> Stage:
    if found.order:
        return Stage.POST_SALE
    return Stage.PRE_SALE if found.kind is MailKind.BUYER_MESSAGE else Stage.UNKNOWN


def _reply_context(found: _Read) -> dict[str, Json]:
    return {
        **reply_chain(found.mail),
        "to": found.alias.address if found.alias else "",
        "subject": found.mail.subject[:SUBJECT_CHARACTERS],
        "order_id": found.order or "",
    }
