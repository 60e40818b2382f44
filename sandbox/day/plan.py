"""What is to be played: customers, people, hours and rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sandbox.day.script import Conversation
from sandbox.day.staff import Habits
from sandbox.day.town import POLICIES

ANSWER_SECONDS: Final = 0.15
"""How long a call to Slack is on its way: an ordinary one from a machine in Europe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is played, from `start` to `end`; what is still under way then has `after` to reach Slack.

    With `one_shift` everybody is there all the time. `policies` are the seller's own rules.
    """

    seed: int
    conversations: Sequence[Conversation]
    staff: Sequence[Habits]
    start: datetime
    end: datetime
    one_shift: bool = False
    policies: str = POLICIES
    after: timedelta = timedelta(minutes=5)
