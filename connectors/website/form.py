"""Contact-form mails: label and value, on one line or on two, in five languages."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

LABELS: Mapping[str, tuple[str, ...]] = {
    "name": (
        "name", "full name", "your name", "nome", "nome e cognome", "il tuo nome", "nom",
        "nom complet", "votre nom", "ihr name", "vor- und nachname", "nombre", "nombre y apellidos",
        "su nombre",
    ),
    "email": (
        "email", "e-mail", "mail", "email address", "e-mail address", "your email", "la tua email",
        "indirizzo email", "indirizzo e-mail", "adresse e-mail", "adresse email", "votre email",
        "courriel", "e-mail-adresse", "ihre e-mail", "correo", "correo electrónico", "su email",
    ),
    "phone": (
        "phone", "phone number", "telephone", "telefono", "numero di telefono", "cellulare",
        "téléphone", "numéro de téléphone", "telefon", "telefonnummer", "teléfono", "móvil",
    ),
    "order": (
        "order", "order number", "order id", "ordine", "numero ordine", "numero d'ordine",
        "numéro de commande", "commande", "bestellnummer", "bestellung", "pedido",
        "número de pedido",
    ),
    "subject": ("subject", "topic", "oggetto", "argomento", "objet", "sujet", "betreff", "asunto"),
    "message": (
        "message", "your message", "comment", "comments", "body", "messaggio",
        "il tuo messaggio", "commento", "richiesta", "commentaire", "votre message", "nachricht",
        "ihre nachricht", "kommentar", "mensaje", "su mensaje", "comentario",
    ),
}  # fmt: skip
"""Words that contact forms put before a value. Compared without case and final colon."""

_BY_LABEL = {label: field for field, labels in LABELS.items() for label in labels}
_ON_ONE_LINE = re.compile(r"^\s*\**([^:\n]{2,40}?)\**\s*:\**\s*(.*)$")
_ADDRESS = re.compile(
    r"[^\s<>@\",;:()\[\]]{1,64}@[^\s<>@\",;:()\[\]]{1,253}\.[^\s<>@\",;:()\[\].]{2,24}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a customer entered. Everything of it is untrusted, `email` most of all."""

    name: str = ""
    email: str = ""
    phone: str = ""
    order: str = ""
    subject: str = ""
    message: str = ""


def read_form(text: str) -> Form:
    """The labelled values of a form mail. The first of two equal labels counts.

    Everything below the message's label is the message: a customer who types `Email: …` into
    the message field changes nobody's address.
    """
    values: dict[str, str] = {}
    lines = text.replace("\r\n", "\n").split("\n")
    position = 0
    while position < len(lines):
        field, value = _labelled(lines[position])
        position += 1
        if field is None or field in values:
            continue
        if field == "message":
            values[field] = "\n".join([value, *lines[position:]]).strip()
            break
        if not value:
            value, position = _next_value(lines, position)
        values[field] = value
    return Form(**{**values, "email": first_address(values.get("email", ""))})


def first_address(text: str) -> str:
    """The first e-mail address in `text`, or nothing."""
    match = _ADDRESS.search(text)
    return match.group() if match else ""


def sends_forms(sender: str, form_senders: Collection[str]) -> bool:
    """Whether `sender` writes on behalf of customers: by address, or by `@domain`."""
    address = sender.lower()
    domain = f"@{address.rpartition('@')[2]}"
    return address in form_senders or domain in form_senders


def _labelled(line: str) -> tuple[str | None, str]:
    match = _ON_ONE_LINE.match(line)
    label, value = (match.group(1), match.group(2)) if match else (line, "")
    return _BY_LABEL.get(label.strip().strip("*").casefold()), value.strip()


def _next_value(lines: list[str], position: int) -> tuple[str, int]:
    """The value on the line below its label; a label there means the field was left empty."""
    while position < len(lines) and not lines[position].strip():
        position += 1
    if position == len(lines) or _labelled(lines[position])[0] is not None:
        return "", position
    return lines[position].strip(), position + 1
