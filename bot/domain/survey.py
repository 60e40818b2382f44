"""The question a customer may be asked below an answer: who may be asked, and how answers count.

CSAT is a satisfaction from 1 to 5. NPS asks on 0 to 10 whether the customer would recommend the
shop (Fred Reichheld, "The One Number You Need to Grow", Harvard Business Review, December 2003).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.links import Links
from bot.domain.ticket import MessageState
from bot.language import Language, language_of

PURPOSE: Final = "survey"
"""What the links are signed for, and where they lead."""

LASTS: Final = timedelta(days=30)
"""How long a customer may answer."""

ASKED_AGAIN: Final = timedelta(days=30)
"""A customer who was asked is left alone for so long, whatever else they write about."""

COMMENT_LIMIT: Final = 1_000
COMMENT_FOR: Final = timedelta(hours=1)
"""After rating, a customer may say why for so long, once."""

VOID: Final = (MessageState.CANCELLED, MessageState.FAILED, MessageState.BOUNCED)
"""An answer that nobody got asked nobody."""

NOT_OUT: Final = (MessageState.QUEUED, *VOID)
"""Of such an answer no link can be in a customer's hands."""

_LARGEST_ID: Final = 2**63 - 1


class SurveyKind(StrEnum):
    """Which question. `[[inboxes]] survey` names it."""

    CSAT = "csat"
    NPS = "nps"

    @property
    def scores(self) -> range:
        """What may be answered, from the worst to the best."""
        return range(1, 6) if self is SurveyKind.CSAT else range(11)

    @property
    def best(self) -> int:
        """The best answer."""
        return self.scores[-1]


def link_claims(feedback_id: int) -> dict[str, str | int | None]:
    """All that a link says: which request it belongs to. Nothing of the customer."""
    return {"feedback": feedback_id}


def longest_link(links: Links, now: datetime) -> str:
    """A link as long as any, to count the room it takes. It is nobody's."""
    return links.make(PURPOSE, link_claims(_LARGEST_ID), now=now, lasts=LASTS)


def shown_link(links: Links) -> str:
    """How a link is shown to colleagues: whoever has the whole of one could answer in its place."""
    return f"{links.base_url}/{PURPOSE}/…"


def customers_language(said: str | None, otherwise: Language) -> Language:
    """What is spoken to a customer: as they write, or as the desk does where the bot cannot."""
    return (language_of(said) if said else None) or otherwise
