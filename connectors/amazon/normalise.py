"""One of Amazon's mails, understood. Pure: bytes in, an InboundMessage out."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.amazon.accounts import UNASSIGNED, Accounts
from connectors.amazon.address import Alias, AmazonAddresses
from connectors.amazon.body import Body, read_body, service_words
from connectors.amazon.formats import Formats, MailKind, folded
from connectors.amazon.found import Found
from connectors.amazon.limit import stated_limit
from connectors.amazon.marketplace import HEADER as MARKETPLACE_HEADER
from connectors.amazon.marketplace import Marketplace, told_marketplace
from connectors.amazon.returns import return_lines
from connectors.amazon.sorting import Meaning, Sorter
from connectors.amazon.statements import statements
from connectors.amazon.threads import cases, own_keys, thread_keys
from connectors.amazon.written import written_at
from connectors.contract import InboundMessage, Json, RawItem, Verdict
from connectors.mail.inbound import (
    NAME_CHARACTERS,
    SUBJECT_CHARACTERS,
    attached,
    own_ids,
    own_replies,
    partial,
    reply_chain,
)
from connectors.mail.mime import ParsedMail, parse_mail
from sla_rules.vocabulary import Kind, Stage

AUTHORISED = "return_authorised"
"""The tag of a return that Amazon says it has authorised itself."""

_AUTHORISED_LINE = "Amazon says it has authorised this return itself."

_ORDER = re.compile(r"(?<![\d-])\d{3}-\d{7}-\d{7}(?![\d-])")
_LINKS_READ = 100_000
_TEXT_READ = 20_000
_RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To")
_SOMEBODY = "a buyer"
"""Stands for the name that the copy of an answer does not give: its order decides."""

_STATED = frozenset(
    {
        MailKind.CLAIM_OPENED,
        MailKind.CHARGEBACK,
        MailKind.RETURN_REQUEST,
        MailKind.CANCEL_REQUEST,
    }
)
"""Mails in which Amazon may state until when it wants an answer, and how much it is about."""

_NOT_TOLD_WHICH = Meaning(
    Verdict.NOTICE,
    Kind.NOTICE,
    "Amazon did not pass a mail on to a buyer and does not say which; look in Seller Central",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmazonReader:
    """Explains the mails of one mailbox. `instance_key` tells our own Message-IDs."""

    formats: Formats
    addresses: AmazonAddresses
    sorter: Sorter
    instance_key: bytes

    def explain(self, item: RawItem) -> InboundMessage:
        """The mail as the desk sees it. Whatever the bytes are, there is an answer."""
        found = self._read(item)
        mail, meaning, buyer = found.mail, found.meaning, found.buyer
        sent_at = written_at(mail, item)
        is_claim = meaning.verdict is Verdict.CLAIM
        value, currency = _order_value(found)
        tags, finding = self._flags(found)
        return InboundMessage(
            external_id=item.source_id,
            verdict=meaning.verdict,
            reason=meaning.says,
            sent_at=sent_at,
            subject=mail.subject[:SUBJECT_CHARACTERS],
            text=self._text(found),
            full_text=mail.text,
            sender_handle=buyer.base if buyer else found.sender,
            sender_name=self._name(found)[:NAME_CHARACTERS],
            thread_keys=thread_keys(found),
            own_keys=own_keys(found),
            refers_to=own_ids(mail, self.instance_key),
            own_replies=own_replies(mail, self.instance_key),
            answers_customer_named=_answered(found)[:NAME_CHARACTERS],
            kind=meaning.kind,
            stage=_stage(found),
            order_id=found.order,
            platform_limit=stated_limit(mail.text, self.formats.limit) if is_claim else None,
            respond_by=self._respond_by(found, sent_at),
            topic=meaning.topic,
            marketplace=found.marketplace.key if found.marketplace else "",
            order_value=value,
            currency=currency,
            tags=tags,
            attachments=attached(mail),
            links=_links(found),
            reply_context=_reply_context(found, buyer) if buyer else {},
            finding=finding,
            degraded=partial(item),
        )

    def _flags(self, found: Found) -> tuple[tuple[str, ...], str]:
        """Tags that rules may go by, and what whoever runs the desk should know."""
        accounts = Accounts(self.sorter.own_addresses)
        account = accounts.tag(found.mail) if found.genuine else None
        authorised = AUTHORISED if self._authorised(found) else None
        tags = filter(None, (*found.meaning.tags, account, authorised))
        lost = accounts.finding() if account == UNASSIGNED else ""
        return tuple(tags), found.meaning.finding or lost

    def _read(self, item: RawItem) -> Found:
        mail = parse_mail(item.payload)
        sender = mail.sender.address if mail.sender else ""
        from_relay = self.addresses.relayed(sender, _reply_to(mail))
        kind, meaning = self.sorter.sort(mail, sender, from_relay=from_relay)
        body = read_body(mail, self.formats)
        order = _order(mail, body, kind)
        alias = self._alias(mail, sender)
        real = from_relay or self.addresses.is_amazon(sender)
        genuine = real and meaning.verdict is not Verdict.SUSPECT
        named = self.formats.buyer_in_subject.search(mail.subject)
        if kind is MailKind.OPTED_OUT and not order and not own_ids(mail, self.instance_key):
            meaning = _NOT_TOLD_WHICH
        return Found(
            item=item,
            mail=mail,
            body=body,
            sender=sender,
            sender_name=mail.sender.name if mail.sender else "",
            alias=alias,
            from_relay=from_relay,
            genuine=genuine,
            order=order,
            kind=kind,
            meaning=meaning,
            marketplace=_marketplace(mail, sender, alias if from_relay else None)
            if genuine
            else None,
            named=named.group(1).strip() if named else "",
        )

    def _text(self, found: Found) -> str:
        """The buyer's words; of a return what it is about, of an inquiry the words passed on."""
        if found.kind is MailKind.RETURN_REQUEST and not found.from_relay:
            lines = return_lines(found.mail.text) or found.body.text
            return f"{_AUTHORISED_LINE}\n\n{lines}" if self._authorised(found) else lines
        if found.kind is MailKind.SERVICE_INQUIRY:
            return service_words(found.mail.text, self.formats) or found.body.text
        return found.body.text

    def _authorised(self, found: Found) -> bool:
        if found.kind is not MailKind.RETURN_REQUEST or found.from_relay:
            return False
        said = folded(found.mail.text[:_TEXT_READ])
        return any(phrase in said for phrase in self.formats.markers.authorised_returns)

    def _respond_by(self, found: Found, sent_at: datetime) -> datetime | None:
        if found.from_relay or found.kind not in _STATED:
            return None
        return statements().respond_by(
            found.mail.text,
            self.formats.limit.cues,
            sent_at=sent_at,
            marketplace=found.marketplace,
        )

    def _alias(self, mail: ParsedMail, sender: str) -> Alias | None:
        delivered = [one for name in _RECIPIENTS for one in mail.header_all(name)]
        recipients = [one.address for one in mail.recipients]
        return self.addresses.first_alias([sender, _reply_to(mail), *recipients, *delivered])

    def _name(self, found: Found) -> str:
        if not found.from_relay:
            return found.named or found.sender_name
        shown = found.sender_name
        for ending in self.formats.buyer_name_endings:
            shown = shown.removesuffix(ending)
        return shown.strip() or found.named


def _order(mail: ParsedMail, body: Body, kind: MailKind) -> str | None:
    """The order a mail is about. An order that only the words of a copied answer cite is another."""
    cited = _ORDER.findall(mail.subject) or _ORDER.findall(mail.text)
    if kind is MailKind.ANSWER_COPY and body.framed and not _ORDER.search(mail.subject):
        cited = list(Counter(cited) - Counter(_ORDER.findall(body.text)))
    return next(iter(cited), None)


def _answered(found: Found) -> str:
    """Whom the copy of an answer greets."""
    if found.meaning.verdict is not Verdict.ANSWERED_ELSEWHERE:
        return ""
    return found.named or (_SOMEBODY if found.order else "")


def _marketplace(mail: ParsedMail, sender: str, buyer: Alias | None) -> Marketplace | None:
    """`buyer` is who wrote through the relay; such a mail's text is not Amazon's."""
    return told_marketplace(
        alias=buyer.base if buyer else "",
        stated_id=mail.header(MARKETPLACE_HEADER) or "",
        sender=sender,
        links=() if buyer else (mail.text[:_LINKS_READ], (mail.html or "")[:_LINKS_READ]),
        subject=mail.subject,
    )


def _order_value(found: Found) -> tuple[Decimal, str] | tuple[None, None]:
    """What Amazon's own mail says of money; a buyer may type any amount."""
    if found.from_relay or (found.marketplace is None and found.kind is MailKind.NOTICE):
        return None, None
    return statements().order_value(found.mail.text, found.marketplace) or (None, None)


def _reply_to(mail: ParsedMail) -> str:
    return mail.reply_to.address if mail.reply_to else ""


def _stage(found: Found) -> Stage:
    if found.order:
        return Stage.POST_SALE
    return Stage.PRE_SALE if found.kind is MailKind.BUYER_MESSAGE else Stage.UNKNOWN


def _links(found: Found) -> dict[str, str]:
    """Amazon's own links; to the case also where only the buyer's address names it."""
    if not found.genuine:
        return {}
    links = dict(found.body.links)
    case = next(iter(cases(found)), None)
    if case and "case" not in links and found.from_relay and found.marketplace:
        host = f"sellercentral.amazon.{found.marketplace.tld}"
        links["case"] = f"https://{host}/messaging/inbox?fi=caseId&cc={case}"
    return links


def _reply_context(found: Found, buyer: Alias) -> dict[str, Json]:
    return {
        **reply_chain(found.mail),
        "to": buyer.address,
        "subject": found.mail.subject[:SUBJECT_CHARACTERS],
        "order_id": found.order or "",
    }
