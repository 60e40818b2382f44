"""Answers that want a second person: which ones, what is kept of them, and how that ends.

An answer that began from a macro with `approval` goes out when somebody with the lead role or
more has let it, who is not its author. Whoever may let such answers out sends their own at once.
Changing the words does not help, typing them by hand does: the macro is what is watched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.configuration.macros import Macro
from connectors.contract import Attachment

APPROVE_WITHIN: Final = timedelta(hours=24)
"""Afterwards the question it answers is another one: its author gets it back as a draft."""


class ApprovalState(StrEnum):
    """Decided once: everything but ASKED is for good."""

    ASKED = "asked"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"  # by its author
    OVERTAKEN = "overtaken"  # the ticket was answered otherwise, or needs no answer
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAnswer:
    """What its author submitted. `seen` is the newest customer message it answers."""

    text: str = field(repr=False)
    seen: int
    files: Sequence[Attachment] = ()
    public: bool | None = None
    overruled: Sequence[str] = ()
    reason: str = ""
    macros: Sequence[str] = ()
    machine: str = ""
    survey: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An answer that was held, and what became of it."""

    id: int
    ticket_id: int
    author: str
    client_key: str
    answer: HeldAnswer
    state: ApprovalState
    asked_at: datetime
    ends_at: datetime
    decided_by: str | None = None


def watched(macros: Iterable[Macro], refs: Iterable[str]) -> tuple[str, ...]:
    """Those of the `refs` whose macro wants a second person, each once."""
    wanting = {macro.ref for macro in macros if macro.approval}
    return tuple(ref for ref in dict.fromkeys(refs) if ref in wanting)


def remembered(macros: Iterable[Macro], refs: Sequence[str], most: int) -> tuple[str, ...]:
    """As many refs as a window remembers, the newest; those that want a second person all stay."""
    kept = watched(macros, refs)
    others = [ref for ref in refs if ref not in kept]
    room = max(0, most - len(kept))
    newest = set(others[len(others) - room :]) if room else set()
    return tuple(ref for ref in dict.fromkeys(refs) if ref in kept or ref in newest)
