"""Mail to a Shopify shop, understood. Pure.

The contact form writes in the customer's place, from an address that also sends log-in codes and
order notices: only a form that names a customer is a customer's mail.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

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
from connectors.shopify.config import Config
from connectors.shopify.known import NOBODY, Known, tags_of
from sla_rules.vocabulary import Kind, Stage

EARLIEST: Final = timedelta(hours=24)
"""How far before arrival a Date header is believed."""

QUOTE_CHARACTERS: Final = 4000
OPENING: Final = 500
"""Characters in which a form mail says that it is one."""

_ORDER_FIELD = re.compile(r"#?[A-Za-z0-9_-]{2,40}")
_FORM_SUBJECT = re.compile(
    r"customer message|contact form|messaggio (?:del|da un) cliente|kundennachricht|"
    r"nachricht (?:eines|von einem) kunden|message (?:d'un )?client|mensaje (?:de |del )?cliente",
    re.IGNORECASE,
)
"""How form mails are headed. Only the English wording was seen in others' code."""

_FORM_OPENING = re.compile(r"new message from your online store.s contact form", re.IGNORECASE)

_CODE_SUBJECT = re.compile(
    r"verification code|log-?in code|security code|codice di (?:verifica|accesso)|"
    r"bestätigungscode|anmeldecode|code de (?:vérification|connexion)|código de (?:verificación|acceso)",
    re.IGNORECASE,
)
_SALE_SUBJECT = re.compile(
    r"\border \S{1,40} placed by\b|ordine \S{1,40} effettuato da|bestellung \S{1,40} (?:aufgegeben )?von|"
    r"commande \S{1,40} (?:passée )?par|pedido \S{1,40} realizado por",
    re.IGNORECASE,
)
"""How the notice of a new order is headed; busy shops get hundreds a day."""

_CODE_TEXT: Final = "A log-in code of Shopify. It is not shown here: open it in the mailbox."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What was made of one mail. Only a customer's has a writer's order, stage, keys and context."""

    verdict: MailVerdict
    writer: _Writer
    subject: str
    text: str
    full_text: str
    known: Known = NOBODY
    order: str | None = None
    stage: Stage = Stage.UNKNOWN
    keys: tuple[ThreadKey, ...] = ()
    context: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterReader:
    """Explains the mails of one shop. `instance_key` tells our own Message-IDs."""

    config: Config
    instance_key: bytes = field(repr=False)

    def explain(self, item: RawItem, known: Known) -> InboundMessage:
        """The mail as the desk sees it. Whatever the bytes are, there is an answer."""
        mail = parse_mail(item.payload)
        sender = mail.sender.address if mail.sender else ""
        relayed = sends_forms(sender, self.config.form_senders) or self._in_our_name(mail, sender)
        machine = classify(
            mail,
            own_addresses=self.config.addresses,
            is_own_id=lambda one: read_own_id(self.instance_key, one) is not None,
            trusted_relay=relayed,
        )
        ours = mail.message_id is not None and read_own_id(self.instance_key, mail.message_id)
        if relayed and not ours and machine.verdict is not Verdict.BOUNCE:
            reading = self._relayed(item, mail, known)
        else:
            reading = self._letter(mail, known, machine)
        return self._inbound(item, mail, reading)

    def _relayed(self, item: RawItem, mail: ParsedMail, known: Known) -> _Reading:
        form = read_form(mail.text)
        writer = self._form_writer(mail, form)
        is_form = bool(form.message) or _says_it_is_a_form(mail)
        if _CODE_SUBJECT.search(mail.subject) and not form.message:
            return _of_shopify(mail, "Shopify sends a log-in code", text=_CODE_TEXT)
        if _SALE_SUBJECT.search(mail.subject):
            return _of_shopify(mail, "Shopify tells of a new order", text=mail.text)
        if writer is None or not is_form:
            return _of_shopify(mail, "", text=mail.text)
        return self._form(item, mail, form, writer, known)

    def _form(
        self, item: RawItem, mail: ParsedMail, form: Form, writer: _Writer, known: Known
    ) -> _Reading:
        subject = one_line(form.subject) or one_line(form.reason) or mail.subject
        words = form.message or mail.new_text or mail.text
        mismatch = bool(form.email) and form.email.lower() != writer.address.lower()
        reason = "a customer used the shop's contact form"
        if mismatch:
            reason += f"; the form says {form.email}, the mail answers to {writer.address}"
        order = form.order if _ORDER_FIELD.fullmatch(form.order) else order_named(subject, words)
        return _Reading(
            verdict=MailVerdict(verdict=Verdict.CUSTOMER, reason=reason),
            writer=writer,
            known=known,
            subject=subject,
            text=words,
            full_text=mail.text,
            order=order,
            stage=_form_stage(form, known, item),
            keys=subject_key(writer.address, subject),
            context={
                "to": writer.address,
                "subject": subject[:SUBJECT_CHARACTERS],
                "quote": words[:QUOTE_CHARACTERS],
                "identity_mismatch": mismatch,
            },
        )

    def _form_writer(self, mail: ParsedMail, form: Form) -> _Writer | None:
        """Reply-To before the form's own field: that field is whatever somebody typed."""
        named = mail.reply_to
        if named is not None and not self._is_ours(named.address):
            return _Writer(address=named.address, name=form.name or named.name)
        if form.email and not self._is_ours(form.email):
            return _Writer(address=form.email, name=form.name)
        return None

    def _letter(self, mail: ParsedMail, known: Known, machine: MailVerdict) -> _Reading:
        writer = _sender(mail)
        is_customer = machine.verdict is Verdict.CUSTOMER
        reason = "a customer wrote" if is_customer else machine.reason
        failure = authentication_failure(mail, self.config.trusted_authserv)
        if is_customer and failure:
            reason += f"; the sender is not verified ({failure})"
        answer_to = mail.reply_to.address if mail.reply_to else writer.address
        keys = tuple(ThreadKey(value=one) for one in cited_ids(mail))
        context: dict[str, Json] = {}
        if is_customer:
            context = {
                **reply_chain(mail),
                "to": writer.address if self._is_ours(answer_to) else answer_to,
                "subject": mail.subject[:SUBJECT_CHARACTERS],
                "identity_mismatch": bool(failure),
            }
        # A sender nobody vouches for joins no conversation by a subject that can be guessed.
        if is_customer and not failure:
            keys = (*keys, *subject_key(writer.address, mail.subject))
        return _Reading(
            verdict=MailVerdict(verdict=machine.verdict, reason=reason),
            writer=writer,
            known=known if is_customer else NOBODY,
            subject=mail.subject,
            text=mail.new_text or mail.text,
            full_text=mail.text,
            order=order_named(mail.subject, mail.new_text),
            keys=keys,
            context=context,
        )

    def _inbound(self, item: RawItem, mail: ParsedMail, reading: _Reading) -> InboundMessage:
        known, order = reading.known, reading.order
        is_customer = reading.verdict.verdict is Verdict.CUSTOMER
        return InboundMessage(
            external_id=item.source_id,
            verdict=reading.verdict.verdict,
            reason=reading.verdict.reason,
            sent_at=arrival(mail, item, earliest=EARLIEST),
            subject=reading.subject[:SUBJECT_CHARACTERS],
            text=reading.text,
            full_text=reading.full_text,
            sender_handle=reading.writer.address.lower(),
            sender_name=one_line(reading.writer.name)[:NAME_CHARACTERS],
            thread_keys=reading.keys,
            own_keys=(mail.message_id,) if mail.message_id else (),
            refers_to=own_ids(mail, self.instance_key),
            own_replies=own_replies(mail, self.instance_key),
            kind=Kind.MESSAGE if is_customer else Kind.NOTICE,
            stage=Stage.POST_SALE if order else reading.stage,
            order_id=order.lstrip("#") if order else None,
            order_value=known.order.total if known.order else None,
            currency=known.order.currency if known.order else None,
            tags=tags_of(known, self.config),
            attachments=attached(mail),
            reply_context=_with_ids(reading.context, known),
            degraded=partial(item),
        )

    def _in_our_name(self, mail: ParsedMail, sender: str) -> bool:
        """A form that sends as the shop itself: from our address, to be answered elsewhere."""
        if sender.lower() not in self.config.addresses or mail.reply_to is None:
            return False
        return not self._is_ours(mail.reply_to.address)

    def _is_ours(self, address: str) -> bool:
        mine = address.lower() in self.config.addresses
        return mine or sends_forms(address, self.config.form_senders)


def _sender(mail: ParsedMail) -> _Writer:
    if mail.sender is None:
        return _Writer(address="", name="")
    return _Writer(address=mail.sender.address, name=mail.sender.name)


def _says_it_is_a_form(mail: ParsedMail) -> bool:
    heading = _FORM_SUBJECT.search(mail.subject) or _FORM_OPENING.search(mail.text[:OPENING])
    return heading is not None


def _of_shopify(mail: ParsedMail, known_as: str, *, text: str) -> _Reading:
    """Mail of Shopify's own sender that no customer filled in; `known_as` is only logged."""
    verdict = MailVerdict(
        verdict=Verdict.BULK if known_as else Verdict.NOTICE,
        reason=known_as or "from Shopify itself: no form that a customer filled in",
    )
    return _Reading(
        verdict=verdict,
        writer=_sender(mail),
        subject=mail.subject,
        text=text,
        full_text=text,
    )


def _form_stage(form: Form, known: Known, item: RawItem) -> Stage:
    """Without an order a form asks before one, unless it says otherwise or its writer just bought."""
    if form.stage is not Stage.UNKNOWN:
        return form.stage
    return Stage.UNKNOWN if known.has_ordered_lately(item.received_at) else Stage.PRE_SALE


def _with_ids(context: Mapping[str, Json], known: Known) -> dict[str, Json]:
    """The reply context with the numbers that Shopify's own pages have in their addresses."""
    ids: dict[str, Json] = {}
    if context and known.customer_id:
        ids["customer_id"] = known.customer_id
    if context and known.order:
        ids["order_id"] = known.order.legacy_id
    return {**context, **ids}
