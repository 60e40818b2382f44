"""What channels of public reviews share: stars and words, what becomes of praise, public answers.

A review is a ticket. Its stars stand in the subject, the customer's words are the text; a bad one
without words is a ticket all the same, for everybody sees its stars.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.contract import (
    Absent,
    Found,
    InboundMessage,
    ReplyReceipt,
    ThreadKey,
    Unknown,
    Verdict,
)
from connectors.errors import Rejected
from connectors.probing import SKEW
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind

MOST_STARS: Final = 5
PRAISE_FROM: Final = 4
"""Stars from which a review is praise; between bad and praise lies whatever is neither."""

LONGEST_TITLE: Final = 120
WITHOUT_WORDS: Final = "no text"
UNRATED: Final = "no stars"

TELLS_APART: Final = timedelta(minutes=1)
"""A change sooner after the publication, or this close to an answer, is nobody's second thought."""

_LEAST_REFERENCE: Final = 4
"""Characters of a reference that may not stand in public; a shorter one is found in any text."""

Praise = Literal["ticket", "words", "notice", "quiet"]


class ReviewConfig(BaseModel):
    """Settings of every inbox of reviews.

    `negative_up_to` is the greatest number of stars that counts as bad. `positive` is what becomes
    of four and five stars: `ticket`, each waits for an answer; `words`, those with words do and
    bare stars are kept without being shown; `notice`, each is shown and none has a clock; `quiet`,
    none is shown. Praise that a customer changed an older review to is always shown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    negative_up_to: int = Field(default=2, ge=1, le=3)
    positive: Praise = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review as its customer left it. `stars` is None where nobody can tell their number.

    `revised` says that the customer changed it since it was first published.
    """

    stars: int | None
    title: str = ""
    text: str = ""
    revised: bool = False

    @property
    def is_praise(self) -> bool:
        """Four stars or five."""
        return self.stars is not None and self.stars >= PRAISE_FROM


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a review is to the desk; the fields of an InboundMessage with these names."""

    verdict: Verdict
    kind: Kind
    topic: Topic
    reason: str


def stars_of(number: int | None) -> int | None:
    """A number of stars that can be; anything else is not known."""
    return number if number is not None and 1 <= number <= MOST_STARS else None


def stars_line(stars: int | None) -> str:
    """Stars to look at: ★★☆☆☆."""
    return UNRATED if stars is None else "★" * stars + "☆" * (MOST_STARS - stars)


def subject_of(review: Review, about: str = "") -> str:
    """The stars, and the title or what the review is `about`, such as a product."""
    named = " ".join((review.title or about).split())[:LONGEST_TITLE].rstrip()
    return f"{stars_line(review.stars)} {named}".rstrip()


def words_of(review: Review) -> str:
    """What the customer wrote, else the title, else the stars in words.

    A changed review says its stars first: its ticket has the subject of the first version.
    """
    said = review.text if review.text.strip() else review.title
    if review.revised:
        return f"{stars_line(review.stars)} (changed)\n{said if said.strip() else WITHOUT_WORDS}"
    return said if said.strip() else f"{stars_line(review.stars)} {WITHOUT_WORDS}"


def full_words_of(review: Review, about: str = "") -> str:
    """Subject and words together."""
    return f"{subject_of(review, about)}\n\n{words_of(review)}"


def meaning_of(review: Review, config: ReviewConfig) -> Meaning:
    """Whether the review waits for an answer, and which topic the rules know it by."""
    topic = Topic.REVIEW
    if review.stars is not None and review.stars <= config.negative_up_to:
        topic = Topic.NEGATIVE_REVIEW
    verdict = _of_praise(review, config.positive) if review.is_praise else Verdict.CUSTOMER
    if review.stars is None:
        what = "a review without stars"
    else:
        what = f"a review with {review.stars} of {MOST_STARS} stars"
    if review.revised:
        what = f"{what}, changed by its customer"
    return Meaning(
        verdict=verdict,
        kind=Kind.NOTICE if verdict is Verdict.NOTICE else Kind.MESSAGE,
        topic=topic,
        reason=what if verdict is Verdict.CUSTOMER else f"{what}; the setting positive says so",
    )


def _of_praise(review: Review, setting: Praise) -> Verdict:
    """NOTICE has no clock; BULK is kept, and shown only where its conversation is."""
    if setting == "ticket":
        return Verdict.CUSTOMER
    if setting == "words" and (review.text.strip() or review.title.strip()):
        return Verdict.CUSTOMER
    return Verdict.NOTICE if setting == "notice" or review.revised else Verdict.BULK


def public_answer(text: str, private: Iterable[str] = ()) -> str:
    """The answer as it goes out for everybody to read.

    `private` is what is known of the customer and theirs alone: their order number, their address.

    Raises:
        Rejected: it is empty, or repeats something private.
    """
    if not text.strip():
        raise Rejected("the answer is empty")
    plain = _plain(text)
    for one in private:
        wanted = _plain(one)
        if len(wanted) >= _LEAST_REFERENCE and wanted in plain:
            raise Rejected(
                "the answer repeats the customer's order number or address, and anybody can read it"
            )
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The one public answer that stands under a review, and since when, where that is told."""

    text: str
    at: datetime | None


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ by blanks alone, which platforms change at will."""
    return one.split() == other.split()


def answered_there(
    thread: str, key: str, words: str, platform: str, at: datetime
) -> InboundMessage:
    """The one answer under a review, come back from the platform; `key` names this wording."""
    return InboundMessage(
        external_id=key,
        verdict=Verdict.ANSWERED_ELSEWHERE,
        reason=f"the business answered at {platform}, or we did",
        sent_at=at,
        subject="",
        text=words,
        full_text=words,
        sender_handle="",
        sender_name="",
        thread_keys=(ThreadKey(value=thread),),
        own_keys=(thread,),
        refers_to=(key,),
        public=True,
    )


def taken_down(thread: str, external_id: str, said: str, at: datetime) -> InboundMessage:
    """A review that the platform shows no more; `said` is what that means there."""
    return InboundMessage(
        external_id=external_id,
        verdict=Verdict.DELIVERY_NOTICE,
        reason=said,
        sent_at=at,
        subject="The review was taken down",
        text=f"[{said}]",
        full_text=f"[{said}]",
        sender_handle="",
        sender_name="",
        thread_keys=(ThreadKey(value=thread),),
    )


def looked_for(
    standing: Standing | None, body: str, decided_at: datetime | None, receipt: ReplyReceipt
) -> Found | Absent | Unknown:
    """Whether the answer under a review is the one an agent decided to send at `decided_at`.

    A review has one answer: where another text stands, ours does not.
    """
    if standing is None or not same_words(standing.text, body):
        return Absent()
    # Platforms tell whole seconds.
    since = decided_at.replace(microsecond=0) if decided_at is not None else None
    if since is None or (standing.at is not None and standing.at >= since):
        return Found(receipt=receipt)
    if standing.at is None or standing.at >= since - SKEW:
        return Unknown()
    return Absent()


def changed_at(
    written: datetime, changed: datetime | None, answered: Iterable[datetime | None] = ()
) -> datetime | None:
    """When the customer changed a review; None where it is as they first left it.

    Nothing says that an answer leaves the review's own time alone: a change at the time of an
    answer (`answered`) is the answer's doing.
    """
    if changed is None or changed - written < TELLS_APART:
        return None
    near = any(at is not None and abs(at - changed) < TELLS_APART for at in answered)
    return None if near else changed


def mark_of(*parts: object) -> str:
    """A short name of a version: of a review as its customer left it, or of an answer's words."""
    told = "\x1f".join(" ".join(str(part).split()) for part in parts)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _plain(text: str) -> str:
    """Letters and digits alone, so that spaces and dashes hide nothing."""
    return "".join(char for char in text.casefold() if char.isalnum())
