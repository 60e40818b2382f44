"""What one of Amazon's mails is. Who sent it is settled before what it says is believed.

A buyer's alias is not taken for Amazon itself, what carries Amazon's name from elsewhere goes to
a person as suspect. Then the notification header decides, or where it is missing the sender and
the subject.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from connectors.amazon.address import AmazonAddresses
from connectors.amazon.formats import Formats, MailKind, folded
from connectors.contract import Verdict
from connectors.mail.autoreply import MailVerdict, classify
from connectors.mail.message_id import read_own_id
from connectors.mail.mime import ParsedMail
from connectors.mail.trust import authentication_failure
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind

HEADER = "X-Space-Notification-Type"

ACCOUNT_RISK = "account_risk"
"""The tag of a warning about the account itself."""

_TYPE_SHOWN = 60
_UNPRINTED = re.compile(r"[^A-Za-z0-9_.-]")
_TEXT_READ = 20_000


@dataclass(frozen=True, slots=True)
class Meaning:
    """A verdict, what sort of ticket it makes, why in words, and what it is about.

    `finding` is what whoever runs the desk should know of it, `tags` what rules may go by.
    """

    verdict: Verdict
    kind: Kind
    says: str
    topic: Topic = Topic.OTHER
    finding: str = ""
    tags: tuple[str, ...] = ()


MEANINGS: Mapping[MailKind, Meaning] = {
    MailKind.BUYER_MESSAGE: Meaning(Verdict.CUSTOMER, Kind.MESSAGE, "a buyer wrote"),
    MailKind.ANSWER_COPY: Meaning(
        Verdict.ANSWERED_ELSEWHERE, Kind.MESSAGE, "Amazon's copy of an answer to a buyer"
    ),
    MailKind.CANCEL_REQUEST: Meaning(
        Verdict.CUSTOMER,
        Kind.CANCEL_REQUEST,
        "a buyer asks to cancel an order",
        Topic.CANCEL_BEFORE_SHIPMENT,
    ),
    MailKind.RETURN_REQUEST: Meaning(
        Verdict.CUSTOMER, Kind.RETURN_REQUEST, "a buyer asks to return an item", Topic.RETURN
    ),
    MailKind.REFUND: Meaning(Verdict.NOTICE, Kind.NOTICE, "Amazon reports a refund"),
    MailKind.CLAIM_OPENED: Meaning(
        Verdict.CLAIM, Kind.CLAIM, "Amazon reports a claim", Topic.A_TO_Z
    ),
    MailKind.CHARGEBACK: Meaning(
        Verdict.CLAIM, Kind.CLAIM, "Amazon reports a chargeback", Topic.CHARGEBACK
    ),
    MailKind.NEGATIVE_FEEDBACK: Meaning(
        Verdict.NOTICE,
        Kind.NOTICE,
        "Amazon reports negative feedback on the seller",
        Topic.NEGATIVE_FEEDBACK,
    ),
    MailKind.CLAIM_CLOSED: Meaning(
        Verdict.CLAIM_CLOSED,
        Kind.CLAIM,
        "Amazon reports the decision of a claim; it can be appealed for 30 days",
    ),
    MailKind.OPTED_OUT: Meaning(
        Verdict.BOUNCE, Kind.MESSAGE, "Amazon did not pass our mail on to the buyer"
    ),
    MailKind.SERVICE_INQUIRY: Meaning(
        Verdict.CUSTOMER,
        Kind.MESSAGE,
        "Amazon's customer service asks on behalf of a buyer; answer in Seller Central",
    ),
    MailKind.ACCOUNT_HEALTH: Meaning(
        Verdict.NOTICE,
        Kind.NOTICE,
        "Amazon warns about the seller account",
        tags=(ACCOUNT_RISK,),
    ),
    MailKind.NOTICE: Meaning(Verdict.NOTICE, Kind.NOTICE, "a notice from Amazon"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorter:
    """Sorts the mails of one seller account. `instance_key` tells our own Message-IDs."""

    formats: Formats
    addresses: AmazonAddresses
    own_addresses: Collection[str]
    trusted_authserv: str
    instance_key: bytes

    def sort(self, mail: ParsedMail, sender: str, *, from_relay: bool) -> tuple[MailKind, Meaning]:
        """Kind and meaning of `mail`. `from_relay`: a buyer's alias sent it."""
        machine = classify(
            mail,
            own_addresses=self.own_addresses,
            is_own_id=self._is_own,
            trusted_relay=from_relay,
        )
        if machine.verdict is Verdict.OWN_LOOP:
            return _other(machine)
        if from_relay or self.addresses.is_amazon(sender):
            failure = authentication_failure(mail, self.trusted_authserv)
            if failure:
                return _suspect(f"it says it is from Amazon, but our mail server found {failure}")
            return self._relayed(mail, machine) if from_relay else self._from_amazon(mail, machine)
        name = mail.sender.name if mail.sender else ""
        pretends = mail.header(HEADER) is not None or self.addresses.pretends(sender, name)
        if pretends and machine.verdict is not Verdict.BOUNCE:
            return _suspect("it carries Amazon's name, but does not come from Amazon's servers")
        if machine.verdict is Verdict.CUSTOMER:
            return _notice("not from Amazon: somebody wrote to the mailbox directly")
        return _other(machine)

    def _relayed(self, mail: ParsedMail, machine: MailVerdict) -> tuple[MailKind, Meaning]:
        """A buyer's alias. Taking a buyer for a machine loses a customer: only clear signs count."""
        if (mail.auto_submitted or "").startswith("auto-replied"):
            return _other(
                MailVerdict(verdict=Verdict.AUTO_REPLY, reason="Auto-Submitted: auto-replied")
            )
        certain = mail.report.kind or machine.verdict is Verdict.AUTO_REPLY
        if certain and machine.verdict is not Verdict.CUSTOMER:
            return _other(machine)
        return self._stated(mail) or _known(MailKind.BUYER_MESSAGE)

    def _from_amazon(self, mail: ParsedMail, machine: MailVerdict) -> tuple[MailKind, Meaning]:
        stated = self._stated(mail)
        if stated:
            return stated
        said = folded(mail.text[:_TEXT_READ])
        if any(phrase in said for phrase in self.formats.markers.undelivered):
            return _known(MailKind.OPTED_OUT)
        if machine.verdict is Verdict.BOUNCE:
            return _other(machine)
        return _known(self._by_subject(mail))

    def _stated(self, mail: ParsedMail) -> tuple[MailKind, Meaning] | None:
        """What Amazon's own header says, None without one."""
        stated = (mail.header(HEADER) or "").strip()
        if not stated:
            return None
        kind = self.formats.notification_types.get(stated)
        if kind is None:
            named = _UNPRINTED.sub("?", stated)[:_TYPE_SHOWN]
            says = f"a notice from Amazon of the new type {named}"
            finding = f"Amazon sends notices of a type this version does not know: {named}"
            return MailKind.NOTICE, Meaning(Verdict.NOTICE, Kind.NOTICE, says, finding=finding)
        return _known(kind)

    def _by_subject(self, mail: ParsedMail) -> MailKind:
        subject = folded(mail.subject)
        for rule in self.formats.subjects:
            if any(phrase in subject for phrase in rule.phrases):
                return rule.means
        local = mail.sender.address.partition("@")[0].lower() if mail.sender else ""
        return MailKind.CLAIM_OPENED if local in self.formats.claim_senders else MailKind.NOTICE

    def _is_own(self, message_id: str) -> bool:
        return read_own_id(self.instance_key, message_id) is not None


def _known(kind: MailKind) -> tuple[MailKind, Meaning]:
    return kind, MEANINGS[kind]


def _other(machine: MailVerdict) -> tuple[MailKind, Meaning]:
    return MailKind.NOTICE, Meaning(machine.verdict, Kind.NOTICE, machine.reason)


def _notice(says: str) -> tuple[MailKind, Meaning]:
    return MailKind.NOTICE, Meaning(Verdict.NOTICE, Kind.NOTICE, says)


def _suspect(says: str) -> tuple[MailKind, Meaning]:
    return MailKind.NOTICE, Meaning(Verdict.SUSPECT, Kind.SUSPECT, says)
