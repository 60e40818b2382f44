"""`formats.toml`, typed: what Amazon's mails look like, kept as data beside the code."""

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict


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
    NOTICE = "notice"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SubjectRule(_Data):
    """Phrases that tell a mail without header by its subject."""

    means: MailKind
    phrases: tuple[str, ...]


class Markers(_Data):
    """What stands around the buyer's words."""

    begin: tuple[str, ...]
    end: tuple[str, ...]
    footer_cues: tuple[str, ...]
    own_history: tuple[str, ...]
    undelivered: tuple[str, ...]


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
    claim_senders: tuple[str, ...]
    notification_types: dict[str, MailKind]
    subjects: tuple[SubjectRule, ...]
    markers: Markers
    limit: LimitWords

    def with_tlds(self, more: tuple[str, ...]) -> "Formats":
        """The same with further marketplace domains."""
        return self.model_copy(update={"tlds": tuple(dict.fromkeys((*self.tlds, *more)))})

    @property
    def tld_pattern(self) -> str:
        """A regular expression for any of the domains."""
        return "|".join(re.escape(tld) for tld in self.tlds)


@cache
def amazon_formats() -> Formats:
    """The file that ships with the connector."""
    text = files("connectors.amazon").joinpath("formats.toml").read_text(encoding="utf-8")
    return Formats.model_validate(tomllib.loads(text))
