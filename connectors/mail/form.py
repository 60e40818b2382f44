"""Contact-form mails: label and value, on one line or on two, in five languages.

Shared by the channels whose customers write through a form that sends mail in their place.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from sla_rules.vocabulary import Stage

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
    "subject": ("subject", "oggetto", "objet", "sujet", "betreff", "asunto"),
    "reason": (
        "reason", "reason for contact", "contact reason", "topic", "type of enquiry", "type of inquiry",
        "type of request", "department", "category", "argomento", "motivo", "motivo del contatto",
        "tipo di richiesta", "categoria", "motif", "motif de contact", "raison", "raison du contact",
        "type de demande", "catégorie", "thème", "grund", "kontaktgrund", "grund der anfrage",
        "grund ihrer anfrage", "anliegen", "ihr anliegen", "thema", "kategorie", "abteilung",
        "motivo de contacto", "motivo del contacto", "tipo de consulta", "tema", "categoría",
    ),
    "message": (
        "message", "your message", "comment", "comments", "body", "messaggio",
        "il tuo messaggio", "commento", "richiesta", "commentaire", "votre message", "nachricht",
        "ihre nachricht", "kommentar", "mensaje", "su mensaje", "comentario",
    ),
}  # fmt: skip
"""Words that contact forms put before a value. Compared without case and final colon."""

_BY_LABEL = {label: field for field, labels in LABELS.items() for label in labels}
_LABEL_LENGTH = range(2, 41)
_ADDRESS = re.compile(
    r"[^\s<>@\",;:()\[\]]{1,64}@[^\s<>@\",;:()\[\]]{1,253}\.[^\s<>@\",;:()\[\].]{2,24}"
)


class Reason(BaseModel):
    """One table of `form_reasons.toml`: entries of a form's list, and what they say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Stage
    phrases: tuple[str, ...]


@cache
def reasons() -> tuple[tuple[Stage, re.Pattern[str]], ...]:
    """The table that ships beside this module. Whole words, with a plural `s` or without."""
    text = files("connectors.mail").joinpath("form_reasons.toml").read_text(encoding="utf-8")
    tables = [Reason.model_validate(row) for row in tomllib.loads(text)["reasons"]]
    return tuple(
        (one.stage, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, one.phrases))})s?(?!\w)"))
        for one in tables
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a customer entered. Everything of it is untrusted, `email` most of all."""

    name: str = ""
    email: str = ""
    phone: str = ""
    order: str = ""
    subject: str = ""
    reason: str = ""
    message: str = ""

    @property
    def stage(self) -> Stage:
        """Where the customer stands, by the order they named or the reason they chose.

        A form without a list of reasons often has one in the subject's place.
        """
        if self.order:
            return Stage.POST_SALE
        chosen = (self.reason or self.subject).casefold()
        fitting = (stage for stage, phrases in reasons() if phrases.search(chosen))
        return next(fitting, Stage.UNKNOWN)


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
    before, colon, after = line.partition(":")
    label = before.strip().strip("*").strip()
    if not colon or len(label) not in _LABEL_LENGTH:
        label, after = line.strip().strip("*"), ""
    return _BY_LABEL.get(label.casefold()), after.lstrip("*").strip()


def _next_value(lines: list[str], position: int) -> tuple[str, int]:
    """The value on the line below its label; a label there means the field was left empty."""
    while position < len(lines) and not lines[position].strip():
        position += 1
    if position == len(lines) or _labelled(lines[position])[0] is not None:
        return "", position
    return lines[position].strip(), position + 1
