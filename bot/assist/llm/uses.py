"""What a language model may be used for, as the owner switches it on and as an agent asks for it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Help(StrEnum):
    """What the owner switches on."""

    DRAFT = "draft"
    TRANSLATE = "translate"
    SUMMARY = "summary"


class Use(StrEnum):
    """What an agent asks for. Kept in a ticket's history: a value is never given a new meaning."""

    DRAFT = "draft"  # an answer to the customer
    ANSWER = "translate_answer"  # what the agent wrote, for the customer to read
    WORDS = "translate_words"  # what the customer wrote, for the agent to read
    SUMMARY = "summary"  # the conversation, for the agent to read


HELP_OF: Final[Mapping[Use, Help]] = {
    Use.DRAFT: Help.DRAFT,
    Use.ANSWER: Help.TRANSLATE,
    Use.WORDS: Help.TRANSLATE,
    Use.SUMMARY: Help.SUMMARY,
}

FOR_THE_CUSTOMER: Final = frozenset({Use.DRAFT, Use.ANSWER})
"""What may end in an answer; the rest is read by the agent alone."""

LANGUAGES: Final[Mapping[str, str]] = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
}
"""What can be asked for, as a model is told of it."""
