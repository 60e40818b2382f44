"""`formats.toml`, typed: what Amazon's mails look like, kept as data beside the code."""

import re
import tomllib
import unicodedata
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class MailKind(StrEnum):
    """What one of Amazon's mails is about."""

    BUYER_MESSAGE = "buyer_message"
    ANSWER_COPY = "answer_copy"
    CANCEL_REQUEST = "cancel_request"
    RETURN_REQUEST = "return_request"
    REFUND = "refund"
    CLAIM_OPENED = "claim_opened"
    CLAIM_CLOSED = "claim_closed"
    CHARGEBACK = "chargeback"
    NEGATIVE_FEEDBACK = "negative_feedback"
    OPTED_OUT = "opted_out"
    SERVICE_INQUIRY = "service_inquiry"
    ACCOUNT_HEALTH = "account_health"
    NOTICE = "notice"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def folded(text: str) -> str:
    """Text as phrases are compared: one form of accents, no letter case."""
    return unicodedata.normalize("NFC", text).casefold()


Phrase = Annotated[str, AfterValidator(folded)]


class SubjectRule(_Data):
    """Phrases that tell a mail without header by its subject."""

    means: MailKind
    phrases: tuple[Phrase, ...]


class Frame(_Data):
    """What stands around the buyer's words in mails of one language."""

    language: str
    begin: tuple[str, ...]
    end: tuple[str, ...]
    footer: tuple[str, ...]


class Markers(_Data):
    """Words that end a text or give one away, in any language."""

    own_history: tuple[Phrase, ...]
    service_details: tuple[str, ...]
    authorised_returns: tuple[Phrase, ...]
    undelivered: tuple[Phrase, ...]


class LimitWords(_Data):
    """How a claim's time to answer is worded."""

    cues: tuple[str, ...]
    days: tuple[str, ...]
    hours: tuple[str, ...]
    fillers: tuple[str, ...]
    words: dict[str, int]


class Formats(_Data):
    """The whole file."""

    tlds: tuple[str, ...]
    never_buyers: tuple[str, ...]
    buyer_name_endings: tuple[str, ...]
    buyer_name_after: tuple[str, ...]
    claim_senders: tuple[str, ...]
    notification_types: dict[str, MailKind]
    subjects: tuple[SubjectRule, ...]
    frames: tuple[Frame, ...]
    markers: Markers
    limit: LimitWords

    def with_tlds(self, more: tuple[str, ...]) -> "Formats":
        """The same with further marketplace domains."""
        return self.model_copy(update={"tlds": tuple(dict.fromkeys((*self.tlds, *more)))})

    @cached_property
    def begins(self) -> frozenset[str]:
        """What stands in a ruler above the buyer's words, as `ruler_label` gives it."""
        return frozenset(ruler_label(words) for each in self.frames for words in each.begin)

    @cached_property
    def ends(self) -> frozenset[str]:
        """What stands in a ruler below them."""
        return frozenset(ruler_label(words) for each in self.frames for words in each.end)

    @cached_property
    def footer(self) -> re.Pattern[str]:
        """Where Amazon's own words below the buyer's begin."""
        cues = "|".join(re.escape(cue) for each in self.frames for cue in each.footer)
        return re.compile(rf"{cues}|copyright (?:©\s?)?\d{{4}}.{{0,40}}amazon", re.IGNORECASE)

    @cached_property
    def buyer_in_subject(self) -> re.Pattern[str]:
        """Where a subject names the buyer (its only group)."""
        words = "|".join(map(re.escape, self.buyer_name_after))
        return re.compile(rf"(?:{words})\s{{1,5}}([^(\n]{{1,80}}?)\s{{0,5}}(?:\(|$)", re.IGNORECASE)

    @property
    def tld_pattern(self) -> str:
        """A regular expression for any of the domains."""
        return "|".join(re.escape(tld) for tld in self.tlds)


def ruler_label(text: str) -> str:
    """The words of a ruler without what varies: letter case, accents' form, blanks, a colon."""
    return " ".join(folded(text).split()).rstrip(": \uff1a")


@cache
def amazon_formats() -> Formats:
    """The file that ships with the connector."""
    text = files("connectors.amazon").joinpath("formats.toml").read_text(encoding="utf-8")
    return Formats.model_validate(tomllib.loads(text))
