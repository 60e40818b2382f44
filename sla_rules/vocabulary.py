"""The words the whole desk shares, as enums. Nothing here decides anything."""

from enum import StrEnum
from typing import Final


class Metric(StrEnum):
    """What a clock measures, from the customer's point of view."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    UPDATE = "update"


RESPONSES: Final = frozenset({Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE})
"""The waits that an answer ends."""


class Scope(StrEnum):
    """Whose promise a clock is: the platform's rule, or the seller's stricter target.

    WINDOW is harder than a rule: after it the platform refuses an answer altogether.
    """

    MARKETPLACE = "marketplace"
    INTERNAL = "internal"
    WINDOW = "window"


class Stage(StrEnum):
    """Where the customer stands: before an order, after one, or not known."""

    PRE_SALE = "pre_sale"
    POST_SALE = "post_sale"
    UNKNOWN = "unknown"


class Risk(StrEnum):
    """How much is at stake beyond one answer, lowest first."""

    NORMAL = "normal"
    ELEVATED = "elevated"
    CRITICAL = "critical"


class Author(StrEnum):
    """Who wrote a message. Only CUSTOMER starts a response clock, only AGENT satisfies one."""

    CUSTOMER = "customer"
    AGENT = "agent"
    AUTO = "auto"
    PLATFORM = "platform"


class Kind(StrEnum):
    """What a ticket is about, as far as the platform's own rules differ by it."""

    MESSAGE = "message"
    CLAIM = "claim"
    RETURN_REQUEST = "return_request"
    CANCEL_REQUEST = "cancel_request"
    NOTICE = "notice"
    SUSPECT = "suspect"


class ClockState(StrEnum):
    """State of one deadline row. MET and LATE are final unless the answer bounces.

    PAUSED waits for somebody else; its `due_at` is when it would be due if it went on at once.
    """

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    LATE = "late"
    CANCELLED = "cancelled"


LASTING: Final = frozenset({ClockState.RUNNING, ClockState.PAUSED})
"""The states of a clock that has not ended."""


class Audience(StrEnum):
    """Who a ping is for. ASSIGNEE falls back to GROUP while nobody has claimed."""

    ASSIGNEE = "assignee"
    GROUP = "group"
    MANAGERS = "managers"


class Until(StrEnum):
    """What ends the pings of a missed deadline. An answer always does."""

    ANSWERED = "answered"
    ACKNOWLEDGED = "acknowledged"


class Waiting(StrEnum):
    """For whom the desk waits while a clock may pause."""

    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


class Reopen(StrEnum):
    """What a resolution clock does when the customer writes again after the resolution."""

    RESUME = "resume"
    RESTART = "restart"
    IGNORE = "ignore"
