"""An answer whose outcome is not known, looked for on its platform by its words. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Absent, Found, ReplyReceipt, Unknown

SKEW: Final = timedelta(minutes=2)
"""An equal text from shortly before the agent's decision may be this answer on another clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What a conversation shows of an answer: the id of it, or an equal text of doubtful fate."""

    message_id: str = ""
    doubtful: bool = False

    def finding(self, now: datetime) -> Found | Absent | Unknown:
        """What `probe` makes of it."""
        if self.message_id:
            return Found(receipt=ReplyReceipt(external_id=self.message_id, accepted_at=now))
        return Unknown() if self.doubtful else Absent()
