"""Buyer mails as they reach a seller of five countries: varied, invented, the same for a seed.

Two thirds are Amazon's relay (text and HTML, the buyer's words between two rulers), the rest a
shop's own mailbox: contact forms and plain customers. One in eight goes on with a conversation,
one in seven carries quoted history, some a photo, some an old charset; a few are absence notices.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

AMAZON = "amazon"
WEBSITE = "website"
ADDRESS = {AMAZON: "amazon@seller.example", WEBSITE: "shop@seller.example"}
FORM_MAILER = "forms@hosting.example"

_WORDS = {
    "en": "the parcel has not arrived yet and tracking shows no movement since last week could you "
    "please tell me when I can expect it because it is a gift for my daughter thank you",
    "it": "il pacco non è ancora arrivato e il tracciamento è fermo da una settimana potete dirmi "
    "perché e quando arriverà è un regalo per mia figlia grazie mille cordiali saluti",
    "de": "das Paket ist noch nicht angekommen und die Sendungsverfolgung zeigt seit einer Woche "
    "keine Änderung könnten Sie mir bitte sagen wann ich es erwarten darf schöne Grüße",
    "fr": "le colis n'est toujours pas arrivé et le suivi ne bouge plus depuis une semaine pouvez-vous "
    "me dire où il est et quand il sera livré c'est un cadeau merci d'avance",
    "es": "el paquete aún no ha llegado y el seguimiento no se mueve desde hace una semana podrían "
    "decirme cuándo llegará es un regalo para mi hija muchísimas gracias un saludo",
}
_SUBJECTS = {
    "en": "Where is my order",
    "it": "Dov'è il mio ordine",
    "de": "Größe tauschen",
    "fr": "Pièce cassée",
    "es": "Información sobre la garantía",
}
_AMAZON_SUBJECT = {
    "en": ("co.uk", "{} from Amazon customer {} (Order: {})"),
    "it": ("it", "{} dal cliente Amazon {} (Ordine: {})"),
    "de": ("de", "{} von Amazon-Kunde {} (Bestellung: {})"),
    "fr": ("fr", "{} du client Amazon {} (Commande : {})"),
    "es": ("es", "{} del cliente de Amazon {} (Pedido: {})"),
}
_NAMES = ("Ada", "Bruno", "Clara", "Dirk", "Élise", "Fabio", "Greta", "Íñigo", "Jörg", "Lucía")
_SURNAMES = ("Amsel", "Bianchi", "Carrère", "Döring", "Ferri", "Grün", "Lefort", "Muñoz", "Orsini")
_AMAZON_SHARE, _FORM_SHARE, _FOLLOW_SHARE = 0.65, 0.5, 0.125
_ABSENCE_SHARE, _QUOTE_SHARE, _PHOTO_SHARE, _HTML_SHARE = 0.02, 0.15, 0.04, 0.75
_OLD_CHARSET_SHARE = 0.1
_PHOTO_BYTES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail and what must become of it. `conversation` is None where no ticket may be opened."""

    inbox: str
    raw: bytes
    conversation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thread:
    key: str
    inbox: str
    language: str
    name: str
    address: str
    subject: str
    order: str
    message_id: str


@dataclass(slots=True)
class _Writer:
    dice: random.Random
    at: datetime
    threads: list[_Thread] = field(default_factory=list)
    count: int = 0

    def chance(self, share: float) -> bool:
        return self.dice.random() < share


def buyer_mails(count: int, *, until: datetime, seed: int = 11, first: int = 0) -> list[Mail]:
    """`count` mails of the day before `until`, oldest first; the same ones for the same seed.

    They are numbered from `first` on: no mail belongs to a conversation of other numbers.
    """
    step = timedelta(days=1) / count
    writer = _Writer(dice=random.Random(seed), at=until - timedelta(days=1))
    mails = []
    for number in range(count):
        writer.at += step
        writer.count = first + number
        mails.append(_next_mail(writer))
    return mails


def conversations(mails: Sequence[Mail]) -> int:
    """How many tickets these mails are."""
    return len({mail.conversation for mail in mails if mail.conversation})


def _next_mail(writer: _Writer) -> Mail:
    if writer.threads and writer.chance(_ABSENCE_SHARE):
        return _absence(writer, writer.dice.choice(writer.threads))
    if writer.threads and writer.chance(_FOLLOW_SHARE):
        return _follow_up(writer, writer.dice.choice(writer.threads))
    thread = _thread(writer, AMAZON if writer.chance(_AMAZON_SHARE) else WEBSITE)
    writer.threads.append(thread)
    if thread.inbox == AMAZON:
        return _amazon(writer, thread, thread.message_id)
    if writer.chance(_FORM_SHARE):
        return _form(writer, thread)
    return _customer(writer, thread, thread.message_id)


def _thread(writer: _Writer, inbox: str) -> _Thread:
    dice, number = writer.dice, writer.count
    language = dice.choice(tuple(_WORDS))
    name = f"{dice.choice(_NAMES)} {dice.choice(_SURNAMES)}"
    order = f"{dice.randint(100, 999)}-{dice.randint(10**6, 10**7 - 1)}-{number:07d}"
    if inbox == AMAZON:
        domain, pattern = _AMAZON_SUBJECT[language]
        address = f"b{dice.getrandbits(60):x}+{dice.getrandbits(40):x}@marketplace.amazon.{domain}"
        subject = pattern.format(_SUBJECTS[language], name, order)
    else:
        address = f"customer{number}@post.example"
        subject = f"{_SUBJECTS[language]} {number}"
    return _Thread(
        key=f"{inbox}:{number}",
        inbox=inbox,
        language=language,
        name=name,
        address=address,
        subject=subject,
        order=order,
        message_id=_message_id(writer),
    )


def _message_id(writer: _Writer) -> str:
    return f"<{writer.dice.getrandbits(80):x}.{writer.count}@mail.example>"


def _words(writer: _Writer, language: str) -> str:
    words = _WORDS[language].split()
    lines = [
        " ".join(writer.dice.choices(words, k=writer.dice.randint(8, 14)))
        for _ in range(writer.dice.randint(3, 11))
    ]
    return "\n".join(lines)


def _mail(writer: _Writer, thread: _Thread, message_id: str, subject: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f'"{thread.name}" <{thread.address}>'
    mail["To"] = ADDRESS[thread.inbox]
    mail["Subject"] = subject
    mail["Date"] = format_datetime(writer.at)
    mail["Message-ID"] = message_id
    mail["Received"] = f"from relay.example by mx.seller.example; {format_datetime(writer.at)}"
    return mail


def _finished(writer: _Writer, mail: EmailMessage, thread: _Thread, text: str) -> Mail:
    if writer.chance(_OLD_CHARSET_SHARE):
        mail.set_content(text, charset="iso-8859-15", cte="quoted-printable")
    else:
        mail.set_content(text, cte=writer.dice.choice(("quoted-printable", "base64", "8bit")))
    if writer.chance(_HTML_SHARE):
        rows = "<tr><td style='font:12px Arial'>&nbsp;</td></tr>" * writer.dice.randint(10, 60)
        body = escape(text).replace("\n", "<br>\n")
        mail.add_alternative(
            f"<html><body><p>{body}</p><table>{rows}</table></body></html>", subtype="html"
        )
    if writer.chance(_PHOTO_SHARE):
        photo = writer.dice.randbytes(_PHOTO_BYTES)
        mail.add_attachment(photo, maintype="image", subtype="jpeg", filename="photo.jpg")
    return Mail(inbox=thread.inbox, raw=mail.as_bytes(), conversation=thread.key)


def _amazon(writer: _Writer, thread: _Thread, message_id: str) -> Mail:
    mail = _mail(writer, thread, message_id, thread.subject)
    mail["X-Space-Notification-Type"] = "BBC_MESSAGE_SENT_TO_MERCHANT"
    text = (
        f"You have received a message.\n\nOrder ID {thread.order}\n\n"
        f"------------- Begin message -------------\n\n{_words(writer, thread.language)}\n\n"
        "------------- End message -------------\n\nWas this email helpful?\n"
        f"https://sellercentral.amazon.it/messaging/no-response-needed?t={writer.count}\n"
        f"[commMgrTok:A{writer.count:08d}]\n"
    )
    return _finished(writer, mail, thread, text)


def _customer(writer: _Writer, thread: _Thread, message_id: str) -> Mail:
    mail = _mail(writer, thread, message_id, thread.subject)
    return _finished(writer, mail, thread, _words(writer, thread.language) + _history(writer))


def _history(writer: _Writer, *, always: bool = False) -> str:
    if not always and not writer.chance(_QUOTE_SHARE):
        return ""
    lines = _words(writer, "en").replace("\n", "\n> ")
    return f"\n\nOn Mon, 9 Mar 2026 at 10:12, Seller <shop@seller.example> wrote:\n> {lines}\n"


def _form(writer: _Writer, thread: _Thread) -> Mail:
    mail = _mail(writer, thread, thread.message_id, f"New customer message: {thread.subject}")
    mail.replace_header("From", f"Seller <{FORM_MAILER}>")
    mail["Reply-To"] = f'"{thread.name}" <{thread.address}>'
    text = (
        f"Name:\n{thread.name}\n\nEmail:\n{thread.address}\n\nSubject:\n{thread.subject}\n\n"
        f"Message:\n{_words(writer, thread.language)}\n"
    )
    return _finished(writer, mail, thread, text)


def _follow_up(writer: _Writer, thread: _Thread) -> Mail:
    message_id = _message_id(writer)
    if thread.inbox == AMAZON:
        return _amazon(writer, thread, message_id)
    mail = _mail(writer, thread, message_id, f"Re: {thread.subject}")
    mail["In-Reply-To"] = thread.message_id
    mail["References"] = thread.message_id
    text = _words(writer, thread.language) + _history(writer, always=True)
    return _finished(writer, mail, thread, text)


def _absence(writer: _Writer, thread: _Thread) -> Mail:
    mail = _mail(writer, thread, _message_id(writer), f"Automatic reply: {thread.subject}")
    mail["Auto-Submitted"] = "auto-replied"
    mail["In-Reply-To"] = thread.message_id
    mail.set_content("I am away until Monday.")
    return Mail(inbox=thread.inbox, raw=mail.as_bytes(), conversation=None)
