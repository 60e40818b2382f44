"""What is measured of one ticket and of each wait of its customer: the rows that reports count.

`bot.domain.measuring` works them out from a ticket's own rows; `docs/metrics.md` says what each
figure made from them means. All lengths are in seconds.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Stage

VERSION: Final = 1
"""Raised whenever a ticket would be measured otherwise: every row of before is then made again."""


class End(StrEnum):
    """How a wait ended."""

    ANSWERED = "answered"  # by a person of the desk, through it
    ELSEWHERE = "elsewhere"  # in the platform's own console
    WAVED = "waved"  # somebody said that it needs no answer
    SETTLED = "settled"  # resolved, or its case closed, without an answer


class MissCause(StrEnum):
    """Why a clock was missed; the first that holds, in this order."""

    LATE_INGESTION = "late_ingestion"  # the desk learned of it with less than a quarter left
    PLATFORM = "platform"  # an answer given in time was refused, bounced or never confirmed
    POLICY_CHANGE = "policy_change"  # other rules moved the deadline to before the answer
    LATE_CLAIM = "late_claim"  # nobody owned it until less than a quarter was left
    LATE_ANSWER = "late_answer"  # its owner answered late, or has not yet


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFigure:
    """One wait: from the first unanswered message to what ended it; None and empty while it lasts.

    `instance` 0 is the conversation's first response, later ones are next responses. A clock was
    met where its `…_cause` is None and the wait ended by `…_due_at`. `claimed_at` is never before
    `began_at`: a ticket that was owned already is claimed from the start. `worked_seconds` counts
    the shop's own hours.
    """

    ticket_id: int
    instance: int
    inbox_id: int
    began_at: datetime
    seen_at: datetime
    claimed_at: datetime | None = None
    ended_at: datetime | None = None
    end: End | None = None
    answered_by: str = ""
    worked_seconds: int | None = None
    limit_due_at: datetime | None = None
    limit_cause: MissCause | None = None
    target_due_at: datetime | None = None
    target_cause: MissCause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFigure:
    """One ticket, as reports cut and count it.

    `opened_at` is when its first message was written, `seen_at` when the desk first knew. `owner`
    is whose it was last, empty for nobody's. `first_answer_by` is empty where the answer was given
    in the platform's console. `handling_seconds` is the time people are known to have spent on it.
    """

    ticket_id: int
    inbox_id: int
    number: int
    customer_id: int | None
    marketplace: str
    language: str
    kind: Kind
    stage: Stage
    risk: Risk
    intent: Topic
    vip: bool
    owner: str
    opened_at: datetime
    seen_at: datetime
    state: str
    merged_at: datetime | None = None
    first_claimed_at: datetime | None = None
    first_answer_at: datetime | None = None
    first_answer_by: str = ""
    resolved_at: datetime | None = None
    resolution_worked: int | None = None
    resolution_due_at: datetime | None = None
    customer_turns: int = 0
    answer_turns: int = 0
    hand_overs: int = 0
    reopened: int = 0
    handling_seconds: int | None = None
    pings: int = 0
    needless_pings: int = 0
    mood_first: int | None = None
    mood_last: int | None = None
    stars: int | None = None
    order_value_cents: int | None = None
    currency: str | None = None
    bought_again_at: datetime | None = None
    bought_again_cents: int | None = None
