"""Settings of a marketplace that nobody has described yet: its owner does."""

from typing import Annotated

from pydantic import Field, StringConstraints

from connectors.mail.profile_channel import ProfileConfig
from connectors.mail.profiles import Domain

Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=80)]

QUESTIONS = (
    "message", "question", "inquiry", "enquiry", "messaggio", "domanda", "richiesta", "demande",
    "nachricht", "frage", "anfrage", "mensaje", "pregunta", "consulta", "bericht", "vraag",
    "wiadomość", "pytanie", "mensagem", "pergunta",
)  # fmt: skip
"""What subjects of mails about a customer's message say, in the languages of the manifest."""


class Config(ProfileConfig):
    """Who the marketplace is, and what its mails mean.

    `sender_domains` are those it writes from and signs with, `portal_url` is where its messages are
    answered, `title` what people call it.
    A subject with one of `questions` is a customer's message, one with one of `ignored` is nothing
    to answer. Any other mail of the marketplace is a customer's, too, and says that it is not sure.
    """

    title: str = Field(min_length=2, max_length=60)
    sender_domains: tuple[Domain, ...] = Field(min_length=1)
    portal_url: str = Field(max_length=300, pattern=r"^https://[a-z0-9.-]+(/[^\s\"\'<>]*)?$")
    questions: tuple[Wording, ...] = QUESTIONS
    ignored: tuple[Wording, ...] = ()
