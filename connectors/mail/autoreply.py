"""Is a mail from a person, or from a machine, and from which kind of machine.

Order matters: own mail, bounce, automatic reply, bulk, person. A third of all bounces also carry
the header of automatic replies, so the bounce test stands first. `X-Auto-Response-Suppress` says
only that *we* shall not answer automatically (Exchange puts it on people's mail), so it is not
read here.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from connectors.contract import Verdict
from connectors.mail.mime import ParsedMail
from sla_rules.worded import marked


@dataclass(frozen=True, slots=True, kw_only=True)
class MailVerdict:
    """What a mail is, and the evidence in words a person can check."""

    verdict: Verdict
    reason: str


_DAEMON = re.compile(
    r"^(?:mailer-?daemon|mail-daemon|postmaster|mailerdaemon|bounces?)(?:@|$)|^maildelivery",
    re.IGNORECASE,
)
_DAEMON_NAME = re.compile(
    r"mail delivery (?:sub)?system|mailer-daemon|mail administrator|postmaster", re.IGNORECASE
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|non[ -]?remis|delivery (?:status|failure|has failed|report|notification|incomplete|problem)|returned mail|"
    r"mail delivery (?:failed|failure)|failure notice|delivery to the following|nicht zugestellt|unzustellbar|zustellung|"
    r"mancato recapito|impossibile recapitare|non recapitat|messaggio non consegnato|no se (?:ha podido|puede) entregar|"
    r"no entregado|imposible entregar|échec de (?:la )?remise|non distribué|não (?:foi )?entreg|onbestelbaar|"
    r"could not (?:be )?(?:send|sent|deliver)|unable to deliver|rejected:|mail system error|user unknown",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"delay|not yet been delivered|still being (?:retried|attempted)|will (?:continue|keep) (?:to try|trying)|verzögert|"
    r"ritard|retardé|retrasad|do(?:es)? not need to resend|warning: (?:message|could not)",
    re.IGNORECASE,
)
_PERMANENT = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b|\b55[0-9][ -]")
_TRANSIENT = re.compile(r"\b4\.\d{1,3}\.\d{1,3}\b|\b4[25][0-9][ -]")
_AUTO_SUBJECT = re.compile(
    r"^\s*(?:\[?auto(?:matic|mated|mat)?[- ]?(?:reply|response|answer)|autoreply|autoresponse|out of (?:the )?office|"
    r"away from (?:my|the) (?:mail|office)|on (?:annual |sick )?leave\b|vacation\b|ooo\b|i am out of|abwesenheit|"
    r"automatische (?:antwort|abwesenheit)|nicht im büro|abwesend|réponse automatique|absence du bureau|absent du bureau|"
    r"message d'absence|absen[ct]e? automatique|risposta automatica|fuori (?:sede|ufficio)|assenza dall|respuesta automática|"
    r"fuera de (?:la )?oficina|ausencia|resposta automática|ausência|fora do escritório|automatisch antwoord|afwezig|"
    r"automatiskt svar|frånvaro|autosvar|automatisk svar|automaattinen vastaus|odpowiedź automatyczna|autoodpowiedź|"
    r"automatická odpověď|автоответ|автоматический ответ|自動応答|自动回复|自動回覆|不在)",
    re.IGNORECASE,
)
_AUTO_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-fc-machinegenerated",
)
_Test = Callable[["_Evidence"], MailVerdict | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    mail: ParsedMail
    own: frozenset[str]
    is_own_id: Callable[[str], bool]
    trusted_relay: bool

    @property
    def sender(self) -> str:
        return self.mail.sender.address.lower() if self.mail.sender else ""

    def value(self, name: str) -> str:
        return (self.mail.header(name) or "").strip().lower()

    def known_thread(self) -> bool:
        mail = self.mail
        return any(
            self.is_own_id(known) for known in (mail.in_reply_to or "", *mail.references) if known
        )


def classify(
    mail: ParsedMail,
    *,
    own_addresses: Collection[str],
    is_own_id: Callable[[str], bool],
    trusted_relay: bool = False,
) -> MailVerdict:
    """Say what `mail` is. CUSTOMER when nothing speaks against a person.

    `own_addresses` are the mailboxes of this desk, `is_own_id` tells our Message-IDs (given
    without angle brackets). `trusted_relay` is for a sender the channel knows to pass on
    people's words (a marketplace's relay, the shop's contact form): there, headers of automatic
    or bulk mail alone do not count, because providers on the way add them.
    """
    evidence = _Evidence(
        mail=mail,
        own=frozenset(address.strip().lower() for address in own_addresses),
        is_own_id=is_own_id,
        trusted_relay=trusted_relay,
    )
    for test in _TESTS:
        verdict = test(evidence)
        if verdict is not None:
            return verdict
    return MailVerdict(
        verdict=Verdict.CUSTOMER, reason=marked("nothing says that a machine wrote it")
    )


def _own(evidence: _Evidence) -> MailVerdict | None:
    mail = evidence.mail
    if mail.message_id and evidence.is_own_id(mail.message_id):
        if mail.auto_submitted not in {None, "", "no"}:
            return _verdict(Verdict.ACKNOWLEDGEMENT, marked("our own automatic receipt came back"))
        return _verdict(Verdict.OWN_LOOP, marked("its Message-ID is one of ours"))
    if any(loop.strip().lower() in evidence.own for loop in mail.header_all("x-loop")):
        return _verdict(Verdict.OWN_LOOP, marked("X-Loop names one of our addresses"))
    # A contact form may send in the shop's own name; then Reply-To is the customer.
    answered_to = mail.reply_to.address.lower() if mail.reply_to else evidence.sender
    if evidence.sender in evidence.own and answered_to in evidence.own and not mail.in_reply_to:
        return _verdict(Verdict.OWN_LOOP, f"sent from our own address {evidence.sender}")
    return None


def _report(evidence: _Evidence) -> MailVerdict | None:
    kind = evidence.mail.report.kind
    if kind == "disposition-notification":
        return _verdict(Verdict.AUTO_REPLY, marked("a read receipt (disposition-notification)"))
    if kind == "feedback-report":
        return _verdict(Verdict.NOTICE, marked("a spam complaint (feedback-report)"))
    return None


def _bounce(evidence: _Evidence) -> MailVerdict | None:
    sign = next(_bounce_signs(evidence), None)
    if sign is None:
        return None
    outcome = _delivery_outcome(evidence.mail)
    if outcome is not None:
        return _verdict(Verdict.DELIVERY_NOTICE, f"{sign}; {outcome}")
    status = next((f"status {status}, " for status in evidence.mail.report.statuses), "")
    return _verdict(Verdict.BOUNCE, f"delivery failed ({status}{sign})")


def _bounce_signs(evidence: _Evidence) -> Iterator[str]:
    mail = evidence.mail
    if mail.report.kind:
        yield f"multipart/report of type {mail.report.kind}"
    if mail.header("x-failed-recipients") is not None:
        yield "X-Failed-Recipients"
    name = mail.sender.name if mail.sender else ""
    if _DAEMON.match(evidence.sender) or _DAEMON_NAME.search(name):
        yield f"sent by {evidence.sender or name}"
    of_bounces = _BOUNCE_SUBJECT.search(mail.subject) is not None
    speaks = of_bounces or bool(mail.original_ids)
    if evidence.value("return-path") == "<>" and (
        speaks or mail.auto_submitted in {None, "", "no"}
    ):
        yield "empty Return-Path"
    if of_bounces and mail.original_ids:
        yield "subject and returned mail"


def _delivery_outcome(mail: ParsedMail) -> str | None:
    """Why a delivery report is no failure; None when it is one. Failure wins over delay."""
    report = mail.report
    if report.actions:
        if "failed" in report.actions:
            return None
        return f"the report says {', '.join(dict.fromkeys(report.actions))}"
    if report.statuses:
        soft = all(status[0] in "24" for status in report.statuses)
        return f"the report says status {report.statuses[0]}" if soft else None
    said = f"{mail.subject}\n{mail.text[:20_000]}"
    if _PERMANENT.search(said):
        return None
    if _DELAY.search(mail.subject) or (_TRANSIENT.search(said) and _DELAY.search(said)):
        return marked("delivery is delayed and goes on")
    return None


def _auto_reply(evidence: _Evidence) -> MailVerdict | None:
    if not evidence.trusted_relay:
        sign = next(_auto_signs(evidence), None)
        if sign is not None:
            return _verdict(Verdict.AUTO_REPLY, sign)
    if evidence.mail.report.calendar_method in {"REPLY", "COUNTER"}:
        return _verdict(Verdict.AUTO_REPLY, marked("an answer to a calendar invitation"))
    if _AUTO_SUBJECT.match(evidence.mail.subject):
        return _verdict(Verdict.AUTO_REPLY, marked("its subject is that of an absence notice"))
    return None


def _auto_signs(evidence: _Evidence) -> Iterator[str]:
    auto = (evidence.mail.auto_submitted or "").partition(";")[0].strip()
    if auto not in {"", "no"}:
        yield f"Auto-Submitted: {auto}"
    for name in _AUTO_HEADERS:
        if evidence.mail.header(name) is not None and evidence.value(name) not in {"no", "false"}:
            yield f"header {name}"
    for name in ("precedence", "x-precedence"):
        if evidence.value(name).startswith(("auto_reply", "auto-reply")):
            yield f"{name}: {evidence.value(name)}"
    if evidence.value("x-autogenerated").startswith("reply"):
        yield "x-autogenerated: reply"
    if evidence.value("x-amazon-mail-relay-type").startswith("notification"):
        yield "x-amazon-mail-relay-type: notification"


def _bulk(evidence: _Evidence) -> MailVerdict | None:
    if evidence.trusted_relay or evidence.known_thread() or _is_own_list(evidence):
        return None
    for name in ("precedence", "x-precedence"):
        if evidence.value(name).startswith(("bulk", "junk", "list")):
            return _verdict(Verdict.BULK, f"{name}: {evidence.value(name)}")
    if evidence.value("list-id"):
        return _verdict(Verdict.BULK, f"mailing list {evidence.value('list-id')[:100]}")
    # Either alone is also on people's mail that a relay or a CRM passed on.
    if evidence.value("list-unsubscribe") and evidence.value("feedback-id"):
        return _verdict(Verdict.BULK, "List-Unsubscribe and Feedback-ID")
    return None


def _is_own_list(evidence: _Evidence) -> bool:
    """A shop's address may itself be a group (`<support.shop.example>`): its mail is people's."""
    listed = evidence.value("list-id")
    return any(f"<{address.replace('@', '.')}>" in listed for address in evidence.own if address)


def _verdict(verdict: Verdict, reason: str) -> MailVerdict:
    return MailVerdict(verdict=verdict, reason=reason)


_TESTS: tuple[_Test, ...] = (_own, _report, _bounce, _auto_reply, _bulk)
