"""One mail of a marketplace, read by its profile. Pure: bytes in, an InboundMessage out.

What no form fits, and what nobody vouches for, is a customer's until a person has looked: the
ticket says that nobody could be sure. Only a mail that is proven foreign under the marketplace's
name is kept from that, as suspect.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.mail.autoreply import classify
from connectors.mail.compose import one_line
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
from connectors.mail.profile_origin import Origin, Origins
from connectors.mail.profiles import FIELDS, MailForm, Profile
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

EARLIEST: Final = timedelta(hours=24)
"""How far before arrival a Date header is believed."""

READ: Final = 100_000
"""Characters of a mail that patterns look at."""

_FIELD: Final = 120
_UNGUESSED: Final = frozenset({"sender", "reply"})
_OURS: Final = frozenset({Verdict.OWN_LOOP, Verdict.ACKNOWLEDGEMENT})
_MACHINES: Final = _OURS | {Verdict.AUTO_REPLY, Verdict.BOUNCE, Verdict.DELIVERY_NOTICE}
_TAKES_NO_ANSWER: Final = re.compile(r"(?:no|do[._-]?not|dont)[._-]?reply", re.IGNORECASE)
_MOST: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorted:
    """What a mail was found to be. `form` is None where none fits, or none may be believed."""

    mail: ParsedMail
    origin: Origin
    verdict: Verdict
    reason: str
    form: MailForm | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReader:
    """Explains the mails of one inbox. `hosts` are where links may lead, `title` is for people."""

    profile: Profile
    origins: Origins
    title: str
    hosts: Collection[str]
    own_addresses: Collection[str]
    instance_key: bytes
    marketplace: str = ""

    def recognises(self, raw: bytes) -> bool:
        """Whether the mail is surely this marketplace's, and of a sort its profile knows."""
        found = self._sort(parse_mail(raw))
        return found.origin is Origin.PROVEN and found.form is not None

    def explain(self, item: RawItem) -> InboundMessage:
        """The mail as the desk sees it. Whatever the bytes are, there is an answer."""
        found = self._sort(parse_mail(item.payload))
        mail, form = found.mail, found.form
        fields = self._fields(found)
        customer = found.verdict is Verdict.CUSTOMER
        link = self._link(found) if customer else None
        order = fields["order"] or None
        return InboundMessage(
            external_id=item.source_id,
            verdict=found.verdict,
            reason=found.reason,
            sent_at=arrival(mail, item, earliest=EARLIEST),
            subject=mail.subject[:SUBJECT_CHARACTERS],
            text=self._words(mail) if form else mail.new_text or mail.text,
            full_text=mail.text,
            sender_handle=fields["sender"] or fields["name"].casefold(),
            sender_name=fields["name"][:NAME_CHARACTERS],
            thread_keys=_keys(found, fields),
            own_keys=(mail.message_id,) if mail.message_id else (),
            refers_to=own_ids(mail, self.instance_key),
            own_replies=own_replies(mail, self.instance_key),
            kind=_kind(found),
            stage=Stage.POST_SALE if order else form.stage if form else Stage.UNKNOWN,
            topic=form.topic if form else Topic.OTHER,
            order_id=order,
            platform_limit=self._limit(found),
            marketplace=self.marketplace,
            attachments=attached(mail),
            links={"case": link} if link else {},
            reply_context=self._reply_context(found, link) if customer else {},
            degraded=partial(item),
        )

    def _sort(self, mail: ParsedMail) -> _Sorted:
        origin = self.origins.of(mail)
        of_platform = origin in {Origin.PROVEN, Origin.UNPROVEN}
        form = next((one for one in self.profile.mails if _fits(one, mail)), None)
        form = form if of_platform else None
        machine = classify(
            mail,
            own_addresses=self.own_addresses,
            is_own_id=lambda one: read_own_id(self.instance_key, one) is not None,
            trusted_relay=form is not None
            and not (mail.auto_submitted or "").startswith("auto-replied"),
        )
        by_machine = machine.verdict in (_MACHINES if form else _OURS)
        verdict, reason = machine.verdict, machine.reason
        if form is not None and not by_machine:
            verdict, reason = form.verdict, form.says
        elif origin in {Origin.FORGED, Origin.PRETENDED} and machine.verdict not in _MACHINES:
            verdict, reason = Verdict.SUSPECT, self._doubt(origin)
        if verdict is Verdict.CUSTOMER and (form is None or origin is Origin.UNPROVEN):
            reason = f"could not be sure: {self._doubt(origin)}"
        form = None if by_machine else form
        return _Sorted(mail=mail, origin=origin, verdict=verdict, reason=reason, form=form)

    def _doubt(self, origin: Origin) -> str:
        return {
            Origin.PROVEN: f"{self.title} wrote a mail of a sort that is not known",
            Origin.UNPROVEN: f"it says it is from {self.title}, and our mail server vouches for nobody",
            Origin.FORGED: f"it says it is from {self.title}, but our mail server found no such signature",
            Origin.PRETENDED: f"it carries the name of {self.title}, but does not come from there",
            Origin.FOREIGN: f"it is not from {self.title}: somebody wrote to the mailbox directly",
        }[origin]  # fmt: skip

    def _fields(self, found: _Sorted) -> dict[str, str]:
        mail, form = found.mail, found.form
        fields = dict.fromkeys(FIELDS, "")
        sender = mail.sender
        if form is None:
            fields["sender"] = sender.address.lower() if sender else ""
            fields["name"] = one_line(sender.name) if sender else ""
            return fields
        named = next((hit for one in form.subjects if (hit := one.search(mail.subject))), None)
        groups: Mapping[str, str | None] = named.groupdict() if named else {}
        places = (mail.subject, mail.text[:READ], (mail.html or "")[:READ])
        for name in ("name", "order", "conversation"):
            stated = groups.get(name) or _first(getattr(self.profile.fields, name), places)
            fields[name] = one_line(stated)[:_FIELD]
        customer = _answer_to(found.mail)
        if self.origins.is_customer(customer):
            fields["sender"] = customer.lower()
            fields["name"] = fields["name"] or (one_line(sender.name) if sender else "")
        if mail.reply_to is not None and self.origins.is_platform(customer):
            fields["reply"] = customer.lower()
        return fields

    def _words(self, mail: ParsedMail) -> str:
        """What stands in the frame, to its last end: a customer may type an end, too."""
        text = mail.text[:READ]
        for frame in self.profile.words:
            begin = frame.begin.search(text)
            if begin is None:
                continue
            rest = mail.text[begin.end() :]
            ends = list(frame.end.finditer(rest)) if frame.end else []
            words = (rest[: ends[-1].start()] if ends else rest).strip()
            if words:
                return words
        return mail.new_text or mail.text

    def _reply_context(self, found: _Sorted, link: str | None) -> dict[str, Json]:
        context: dict[str, Json] = {"link": link or self.profile.portal.url}
        answered = _answer_to(found.mail)
        foreign = found.origin is Origin.FOREIGN
        by_mail = (found.form.reply if found.form else self.profile.unknown) == "mail"
        refuses = answered.lower() in self.own_addresses or _TAKES_NO_ANSWER.match(answered)
        if refuses or not (foreign or (by_mail and self.origins.takes_answers(answered))):
            return context
        via = "mail" if foreign else "platform"
        subject = found.mail.subject[:SUBJECT_CHARACTERS]
        return {**context, **reply_chain(found.mail), "to": answered, "via": via, "subject": subject}  # fmt: skip

    def _link(self, found: _Sorted) -> str | None:
        """The conversation's page, taken only from a proven mail. It is shown, never fetched."""
        if found.origin is not Origin.PROVEN:
            return None
        text = f"{found.mail.text[:READ]}\n{(found.mail.html or '')[:READ]}"
        hits = (one.search(text) for one in self.profile.portal.links)
        return next((safe for hit in hits if hit and (safe := safe_link(hit.group(), self.hosts))), None)  # fmt: skip

    def _limit(self, found: _Sorted) -> timedelta | None:
        if found.form is None or found.verdict is Verdict.BULK:
            return None
        hits = (one.search(found.mail.text[:READ]) for one in self.profile.fields.limit)
        for hit in filter(None, hits):
            stated = {unit: int(count) for unit, count in hit.groupdict().items() if count}
            limit = timedelta(**stated)
            return limit if timedelta() < limit <= _MOST else None
        return None


def _answer_to(mail: ParsedMail) -> str:
    named = mail.reply_to or mail.sender
    return named.address if named else ""


def safe_link(link: str, hosts: Collection[str]) -> str | None:
    """The link, if it is https to one of `hosts` and hides nothing."""
    try:
        parts = urlsplit(link)
        odd = parts.port is not None or parts.username is not None or "\\" in link
    except ValueError:
        return None
    plain = parts.scheme == "https" and not odd and not re.search(r"\s", link)
    return link if plain and (parts.hostname or "") in hosts else None


def _fits(form: MailForm, mail: ParsedMail) -> bool:
    address = mail.sender.address if mail.sender else ""
    if form.sender is not None and form.sender.search(address) is None:
        return False
    for patterns, text in ((form.subjects, mail.subject), (form.bodies, mail.text[:READ])):
        if patterns and not any(one.search(text) for one in patterns):
            return False
    return True


def _first(patterns: Iterable[re.Pattern[str]], places: Iterable[str]) -> str:
    hits = (one.search(place) for place in places for one in patterns)
    return next((hit.group(1) for hit in hits if hit and hit.group(1)), "")


def _keys(found: _Sorted, fields: Mapping[str, str]) -> tuple[ThreadKey, ...]:
    if found.verdict is Verdict.SUSPECT:
        return ()
    keys = [ThreadKey(value=one) for one in cited_ids(found.mail)]
    for thread in found.form.threads if found.form else ():
        # What nobody vouches for joins no conversation by a name that can be guessed.
        sure = found.origin is Origin.PROVEN or _UNGUESSED & {*thread.fields}
        if sure and all(fields[name] for name in thread.fields):
            age = None if thread.days is None else timedelta(days=thread.days)
            value = thread.key.format_map({name: one.casefold() for name, one in fields.items()})
            keys.append(ThreadKey(value=value, max_age=age))
    return tuple(keys)


def _kind(found: _Sorted) -> Kind:
    if found.verdict is Verdict.SUSPECT:
        return Kind.SUSPECT
    if found.verdict in {Verdict.CUSTOMER, Verdict.CLAIM}:
        return found.form.kind if found.form else Kind.MESSAGE
    return Kind.NOTICE
