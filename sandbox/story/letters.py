"""The mails of the story, built the way the marketplaces and the shop's form really send them.

The shapes follow what sellers' public code parses: Amazon's own header and body markers, a form
mailer with the customer in Reply-To. People, orders and addresses are invented.
"""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

AMAZON_MAILBOX = "amazon-it@rossicasa.example"
SHOP_MAILBOX = "ciao@rossicasa.example"
GIULIA = "8x2kq0giulia7f+c41a09d2e7@marketplace.amazon.it"
GIULIA_ORDER = "405-7719234-1180357"
HANS = "m4v9z1hans55ab+77b0e21f90@marketplace.amazon.it"
HANS_ORDER = "302-4410098-5523311"
MARIE = "marie.durand@courrier.example"
PAUL = "paul.lefevre@courrier.example"
FORM_MAILER = "forms@hosting.example"


def _mail(
    *, sender: str, to: str, subject: str, at: datetime, message_id: str, **headers: str
) -> EmailMessage:
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    return mail


_FOOTER = (
    "\r\n\r\n------------- Fine del messaggio -------------\r\n\r\n"
    "Per rispondere, usa Seller Central o questo indirizzo.\r\n"
    "Nessuna risposta necessaria: "
    "https://sellercentral.amazon.it/messaging/no-response-needed?t=a1b2&h=c3d4\r\n"
    "[commMgrTok:A0042781QX]\r\n"
)


def amazon_buyer(
    *,
    alias: str,
    name: str,
    order: str | None,
    topic: str,
    text: str,
    at: datetime,
    message_id: str,
) -> bytes:
    """A buyer's message as Amazon relays it: plain and HTML, the words in one `<pre>`."""
    suffix = f" (Ordine: {order})" if order else ""
    mail = _mail(
        sender=f'"{name} - Amazon Marketplace" <{alias}>',
        to=AMAZON_MAILBOX,
        subject=f"{topic} dal cliente Amazon {name}{suffix}",
        at=at,
        message_id=message_id,
        X_Space_Notification_Type="BBC_MESSAGE_SENT_TO_MERCHANT",
        X_Marketplace_ID="APJ6JRA9NG5V4",
    )
    mail.set_content(
        f"Hai ricevuto un messaggio.\r\n\r\n------------- Inizio messaggio -------------\r\n\r\n"
        f"{text}{_FOOTER}"
    )
    mail.add_alternative(
        f"<html><body><p>Hai ricevuto un messaggio.</p><pre style='white-space:pre-wrap'>{escape(text)}</pre>"
        f"<p>Per rispondere, usa Seller Central o questo indirizzo.</p></body></html>",
        subtype="html",
    )
    return mail.as_bytes()


def amazon_claim(*, order: str, days: int, at: datetime, message_id: str) -> bytes:
    """An A-to-z notice: its subject does not name the claim, its body states the days to answer."""
    mail = _mail(
        sender="Amazon <atoz-guarantee-no-reply@amazon.it>",
        to=AMAZON_MAILBOX,
        subject=f"Richiesta di rimborso ricevuta per l'ordine {order}",
        at=at,
        message_id=message_id,
        X_Space_Notification_Type="A_Z_CLAIM_RESPONDENT_NOTIFY",
        X_Marketplace_ID="APJ6JRA9NG5V4",
    )
    mail.set_content(
        f"Gentile venditore,\r\n\r\nabbiamo ricevuto un reclamo Garanzia dalla A alla Z per l'ordine "
        f"{order}, importo EUR 89,90.\r\nMotivo: articolo non ricevuto.\r\n\r\n"
        f"Hai {days} giorni di calendario per rispondere in Seller Central.\r\n"
    )
    return mail.as_bytes()


def amazon_console_copy(
    *, name: str, order: str, text: str, at: datetime, message_id: str
) -> bytes:
    """The copy Amazon sends of an answer that somebody typed in Seller Central."""
    mail = _mail(
        sender="Amazon <donotreply@amazon.com>",
        to=AMAZON_MAILBOX,
        subject=f"La tua e-mail a {name}",
        at=at,
        message_id=message_id,
        Reply_To="no-reply@amazon.com",
        X_Space_Notification_Type="BBC_MESSAGE_CONFIRMATION_TO_MERCHANT",
        X_Marketplace_ID="APJ6JRA9NG5V4",
    )
    mail.set_content(
        f"<html><body><p>Ordine {order}</p><p>---- Inizio messaggio ----</p><pre>{text}</pre>"
        "<p>---- Fine messaggio ----</p></body></html>",
        subtype="html",
    )
    return mail.as_bytes()


def contact_form(
    *, name: str, email: str, subject: str, text: str, at: datetime, message_id: str
) -> bytes:
    """A contact-form mail of the shop's website: labels with the value on the next line."""
    mail = _mail(
        sender=f"Rossi Casa <{FORM_MAILER}>",
        to=SHOP_MAILBOX,
        subject=f"Nuovo messaggio dal modulo di contatto: {subject}",
        at=at,
        message_id=message_id,
        Reply_To=f'"{name}" <{email}>',
    )
    mail.set_content(f"Nome:\r\n{name}\r\n\r\nEmail:\r\n{email}\r\n\r\nMessaggio:\r\n{text}\r\n")
    return mail.as_bytes()


def out_of_office(
    *, name: str, email: str, to: str, subject: str, at: datetime, message_id: str, in_reply_to: str
) -> bytes:
    """An absence notice, which stops no clock."""
    mail = _mail(
        sender=f'"{name}" <{email}>',
        to=to,
        subject=f"Réponse automatique : {subject}",
        at=at,
        message_id=message_id,
        Auto_Submitted="auto-replied",
        In_Reply_To=in_reply_to,
        References=in_reply_to,
    )
    mail.set_content("Je suis absente jusqu'à lundi. Pour les urgences, appelez le magasin.")
    return mail.as_bytes()


def bounce(*, failed_to: str, original_id: str, at: datetime, message_id: str) -> bytes:
    """A delivery failure of one of our answers."""
    mail = _mail(
        sender="Mail Delivery System <mailer-daemon@mail.rossicasa.example>",
        to=SHOP_MAILBOX,
        subject="Undelivered Mail Returned to Sender",
        at=at,
        message_id=message_id,
        Auto_Submitted="auto-replied",
        X_Failed_Recipients=failed_to,
    )
    mail.set_content(
        f"The mail could not be delivered to {failed_to}.\r\n550 5.1.1 no such user\r\n\r\n"
        f"Message-ID: {original_id}\r\n"
    )
    return mail.as_bytes()
