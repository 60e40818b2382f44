"""Mail to the shop, understood. Pure: bytes in, an InboundMessage out.

A contact form writes in the customer's place: there, the customer is who Reply-To (or the form)
names. Everywhere else the customer is who sent the mail.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.mail.autoreply import MailVerdict, classify
from connectors.mail.compose import one_line
from connectors.mail.form import Form, read_form, sends_forms
from connectors.mail.inbound import (
    NAME_CHARACTERS,
    SUBJECT_CHARACTERS,
    arrival,
    attached,
    cited_ids,
    own_ids,
    own_replies,
    partial,
    reply_chain,
)
from connectors.mail.message_id import read_own_id
from connectors.mail.mime import ParsedMail, parse_mail
from connectors.mail.naming import order_named, subject_key
from connectors.mail.trust import authentication_failure
from sla_rules.vocabulary import Kind, Stage

EARLIEST = timedelta(hours=24)
"""How far before arrival a Date header is believed."""

_ORDER_FIELD = re.compile(r"[A-Za-z0-9#_-]{2,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Customer:
    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebsiteReader:
    """Explains the mails of one shop. `instance_key` tells our own Message-IDs."""

    own_addresses: Collection[str]
    form_senders: Collection[str]
    trusted_authserv: str
    instance_key: bytes

    def explain(self, item: RawItem) -> InboundMessage:
        """The mail as the desk sees it. Whatever the bytes are, there is an answer."""
        mail = parse_mail(item.payload)
        sender = mail.sender.address if mail.sender else ""
        relayed = sends_forms(sender, self.form_senders) or self._in_our_name(mail, sender)
        machine = classify(
            mail,
            own_addresses=self.own_addresses,
            is_own_id=lambda one: read_own_id(self.instance_key, one) is not None,
            trusted_relay=relayed,
        )
        ours = mail.message_id is not None and read_own_id(self.instance_key, mail.message_id)
        if relayed and not ours and machine.verdict is not Verdict.BOUNCE:
            return self._form_mail(item, mail)
        return self._mail(item, mail, machine)

    def _form_mail(self, item: RawItem, mail: ParsedMail) -> InboundMessage:
        form = read_form(mail.text)
        customer = self._form_customer(mail, form)
        if customer is None:
            machine = MailVerdict(
                verdict=Verdict.NOTICE,
                reason="from the contact form's sender, but it names no customer to answer",
            )
            return self._mail(item, mail, machine)
        subject = one_line(form.subject) or one_line(form.reason) or mail.subject
        words = form.message or mail.new_text or mail.text
        mismatch = bool(form.email) and form.email.lower() != customer.address.lower()
        reason = "a customer used the contact form"
        if mismatch:
            reason += f"; the form says {form.email}, the mail answers to {customer.address}"
        context: dict[str, Json] = {
            "to": customer.address,
            "subject": subject[:SUBJECT_CHARACTERS],
            "quote": words[:4000],
            "identity_mismatch": mismatch,
        }
        order = form.order if _ORDER_FIELD.fullmatch(form.order) else order_named(subject, words)
        return _inbound(
            item,
            mail,
            MailVerdict(verdict=Verdict.CUSTOMER, reason=reason),
            customer=customer,
            subject=subject,
            text=words,
            order=order,
            stage=form.stage,
            keys=subject_key(customer.address, subject),
            context=context,
        )

    def _form_customer(self, mail: ParsedMail, form: Form) -> _Customer | None:
        """Reply-To before the form's own field: the field is whatever somebody typed."""
        named = mail.reply_to
        if named is not None and not self._is_ours(named.address):
            return _Customer(address=named.address, name=form.name or named.name)
        if form.email and not self._is_ours(form.email):
            return _Customer(address=form.email, name=form.name)
        return None

    def _mail(self, item: RawItem, mail: ParsedMail, machine: MailVerdict) -> InboundMessage:
        customer = _Customer(
            address=mail.sender.address if mail.sender else "",
            name=mail.sender.name if mail.sender else "",
        )
        is_customer = machine.verdict is Verdict.CUSTOMER
        reason = "a customer wrote" if is_customer else machine.reason
        failure = authentication_failure(mail, self.trusted_authserv)
        if is_customer and failure:
            reason += f"; the sender is not verified ({failure})"
        answer_to = mail.reply_to.address if mail.reply_to else customer.address
        context: dict[str, Json] = {
            **reply_chain(mail),
            "to": customer.address if self._is_ours(answer_to) else answer_to,
            "subject": mail.subject[:SUBJECT_CHARACTERS],
        }
        keys = tuple(ThreadKey(value=one) for one in cited_ids(mail))
        # A sender nobody vouches for joins no conversation by a subject that can be guessed.
        if is_customer and not failure:
            keys = (*keys, *subject_key(customer.address, mail.subject))
        return _inbound(
            item,
            mail,
            MailVerdict(verdict=machine.verdict, reason=reason),
            customer=customer,
            subject=mail.subject,
            text=mail.new_text or mail.text,
            order=order_named(mail.subject, mail.new_text),
            keys=keys,
            context=context if is_customer else {},
            refers_to=own_ids(mail, self.instance_key),
            own_replies=own_replies(mail, self.instance_key),
        )

    def _in_our_name(self, mail: ParsedMail, sender: str) -> bool:
        """A form that sends as the shop itself: from our address, to be answered elsewhere."""
        if sender.lower() not in self.own_addresses or mail.reply_to is None:
            return False
        return not self._is_ours(mail.reply_to.address)

    def _is_ours(self, address: str) -> bool:
        return address.lower() in self.own_addresses or sends_forms(address, self.form_senders)


def _inbound(
    item: RawItem,
    mail: ParsedMail,
    verdict: MailVerdict,
    *,
    customer: _Customer,
    subject: str,
    text: str,
    order: str | None,
    keys: tuple[ThreadKey, ...],
    context: dict[str, Json],
    stage: Stage = Stage.UNKNOWN,
    refers_to: tuple[str, ...] = (),
    own_replies: tuple[str, ...] = (),
) -> InboundMessage:
    return InboundMessage(
        external_id=item.source_id,
        verdict=verdict.verdict,
        reason=verdict.reason,
        sent_at=arrival(mail, item, earliest=EARLIEST),
        subject=subject[:SUBJECT_CHARACTERS],
        text=text,
        full_text=mail.text,
        sender_handle=customer.address.lower(),
        sender_name=one_line(customer.name)[:NAME_CHARACTERS],
        thread_keys=keys,
        own_keys=(mail.message_id,) if mail.message_id else (),
        refers_to=refers_to,
        own_replies=own_replies,
        kind=Kind.MESSAGE if verdict.verdict is Verdict.CUSTOMER else Kind.NOTICE,
        stage=Stage.POST_SALE if order else stage,
        order_id=order,
        attachments=attached(mail),
        reply_context=context,
        degraded=partial(item),
    )
