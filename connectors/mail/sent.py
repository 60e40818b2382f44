"""Mail that the seller sent without the desk, read as the answer it was."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connectors.contract import InboundMessage, RawItem, ThreadKey, Verdict
from connectors.mail.autoreply import classify
from connectors.mail.inbound import SUBJECT_CHARACTERS, arrival, cited_ids, partial
from connectors.mail.mime import ParsedMail, parse_mail
from connectors.mail.naming import subject_key
from sla_rules.vocabulary import Kind

EARLIEST: Final = timedelta(hours=24)
"""How far before it was filed a Date header is believed."""

AnswerKeys = Callable[[ParsedMail, Sequence[str]], Sequence[ThreadKey]]
"""The conversation a sent mail belongs to, by the mail and by whom it went to (small letters)."""

_FORWARDED: Final = re.compile(r"\s*(?:fwd?|wg|tr|i|rv|enc|inoltro)\s*:", re.IGNORECASE)
_FROM: Final = re.compile(rb"^from:((?:.*(?:\r?\n[ \t].*)*))", re.MULTILINE | re.IGNORECASE)
_HEAD: Final = 20_000

_SENT_AS: Final[Mapping[Verdict, Verdict]] = {
    Verdict.CUSTOMER: Verdict.ANSWERED_ELSEWHERE,
    Verdict.AUTO_REPLY: Verdict.ACKNOWLEDGEMENT,
}
"""What a mail is that we sent, by what it would be if we had received it."""


def keys_by_subject(mail: ParsedMail, recipients: Sequence[str]) -> tuple[ThreadKey, ...]:
    """By what the mail answers; else, for a while, by whom it went to and its subject."""
    by_subject = (key for one in recipients for key in subject_key(one, mail.subject))
    return (*(ThreadKey(value=one) for one in cited_ids(mail)), *by_subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReader:
    """Explains the sent mail of one mailbox."""

    own_addresses: Collection[str]
    keys: AnswerKeys

    def wrote(self, item: RawItem) -> bool:
        """Whether the mail, wherever it was found, is our own: a copy to ourselves, or filed there.

        A contact form that writes in the shop's name is a customer's: Reply-To tells.
        """
        line = _FROM.search(item.payload[:_HEAD])
        shown = line.group(1).lower() if line else b""
        if not any(own.encode() in shown for own in self.own_addresses):
            return False
        mail = parse_mail(item.payload)
        author = mail.sender.address.lower() if mail.sender else ""
        answered_to = mail.reply_to.address.lower() if mail.reply_to else author
        return author in self.own_addresses and answered_to in self.own_addresses

    def explain(self, item: RawItem) -> InboundMessage:
        """The answer a sent mail was: a person's, an automatic one, or none to a customer.

        Without its words: that it was given is all that is asked of the past.
        """
        mail = parse_mail(item.payload)
        recipients = _recipients(mail, self.own_addresses)
        verdict, reason = self._verdict(mail, recipients)
        to_customers = verdict is not Verdict.OWN_LOOP
        return InboundMessage(
            external_id=item.source_id,
            verdict=verdict,
            reason=reason,
            sent_at=arrival(mail, item, earliest=EARLIEST),
            subject=mail.subject[:SUBJECT_CHARACTERS],
            text="",
            full_text="",
            sender_handle=next(iter(recipients), ""),
            sender_name="",
            thread_keys=tuple(self.keys(mail, recipients)) if to_customers else (),
            own_keys=(mail.message_id,) if mail.message_id else (),
            kind=Kind.NOTICE,
            degraded=partial(item),
        )

    def _verdict(self, mail: ParsedMail, recipients: Sequence[str]) -> tuple[Verdict, str]:
        if not recipients:
            return Verdict.OWN_LOOP, "sent to nobody but ourselves"
        if _FORWARDED.match(mail.subject):
            return Verdict.OWN_LOOP, "passed on to somebody else"
        machine = classify(mail, own_addresses=(), is_own_id=lambda _: False)
        verdict = _SENT_AS.get(machine.verdict, Verdict.OWN_LOOP)
        if verdict is Verdict.ANSWERED_ELSEWHERE:
            return verdict, "found among the sent mail"
        return verdict, machine.reason


def _recipients(mail: ParsedMail, own: Collection[str]) -> tuple[str, ...]:
    found = (one.address.lower() for one in mail.recipients)
    return tuple(dict.fromkeys(one for one in found if one and one not in own))
