"""What the contract suite needs to play with: a fake platform that speaks the real protocol."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from connectors.capabilities import WebhookRequest
from sla_rules.vocabulary import Author

THREAD = "7001"
"""The conversation a fake uses unless another one is named."""


class Fault(StrEnum):
    """What a platform can do wrong. Each lasts until it is taken back."""

    THROTTLED = "throttled"  # too many calls: wait `RETRY_AFTER` seconds
    THROTTLED_SILENTLY = "throttled_silently"  # too many calls, without saying how long
    FAILS = "fails"  # 500, before anything was done
    HTML_PAGE = "html_page"  # 200 with an error page of a proxy
    TRUNCATED = "truncated"  # the answer ends in the middle, what was asked for is done
    SILENT = "silent"  # never answers
    CUT = "cut"  # the connection breaks before anything was done
    CUT_AFTER = "cut_after"  # the connection breaks after it was done
    REFUSED = "refused"  # our credentials are refused


RETRY_AFTER = 7
"""Seconds a throttling fake asks for."""


class Market(Protocol):
    """A fake platform with one seller account, seen from the suite.

    `texts_sent` are the replies that reached a customer, oldest first. `changes` counts what
    callers changed; reading must not raise it. `secrets` are tokens it gave
    out. `faults` and `authors` are those it can play. `overlap` makes pages repeat an item;
    `moderation` is what becomes of replies taken: sent, or held back, or held and refused.
    """

    texts_sent: list[str]
    changes: int
    secrets: set[str]
    faults: frozenset[Fault]
    authors: frozenset[Author]
    overlap: bool
    moderation: str

    @property
    def calls(self) -> int:
        """How many calls were made."""
        ...

    async def start(self) -> None:
        """Listen on loopback."""
        ...

    async def stop(self) -> None:
        """Stop listening. Harmless twice."""
        ...

    async def says(
        self, author: Author, text: str, *, at: datetime | None = None, thread: str = THREAD
    ) -> str:
        """Somebody writes into a conversation, now or `at`. Returns the platform's own id."""
        ...

    def fail(self, fault: Fault | None) -> None:
        """Do this wrong from now on; None ends it."""
        ...

    def close_window(self, thread: str = THREAD) -> None:
        """Take no answer to this conversation any more."""
        ...

    def webhook(self, message_id: str) -> WebhookRequest:
        """The platform's call about a message, rightly signed."""
        ...

    def challenge(self) -> tuple[WebhookRequest, str] | None:
        """The call that proves our address, and the answer it wants; None where there is none."""
        ...

    def unused_routes(self) -> Sequence[str]:
        """What this fake speaks and nobody has asked for yet."""
        ...


MakeMarket = Callable[[Callable[[], datetime]], Market]
"""Builds a fake on a clock: usually the class itself."""
