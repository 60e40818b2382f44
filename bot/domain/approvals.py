"""Answers that want a second person: which ones, what is kept of them, and how that ends.

An answer that began from a macro with `approval` goes out when somebody with the lead role or
more has let it, who is not its author. Whoever may let such answers out sends their own at once.
Changing the words does not help, typing them by hand does: the macro is what is watched.

What an answer began from is remembered by the macros' refs, and once one of them wanted a second
person also by `SECOND`: a macro that is changed, renamed or archived afterwards changes nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from bot.configuration.macros import ANY_LANGUAGE, Macro, name_key
from connectors.contract import Attachment

APPROVE_WITHIN: Final = timedelta(hours=24)
"""Afterwards the question it answers is another one: its author gets it back as a draft."""

SECOND: Final = "second"
"""Among the refs of an answer: a second person was wanted when a macro was put in. No ref is like it."""

_WORD: Final = re.compile(r"\w+")
_TELLING: Final = 6
"""Words that are not found together in another answer by chance."""


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


def guarded(macros: Iterable[Macro]) -> list[Macro]:
    """The same macros, with `approval` also for those kept in Slack that stand in for one of them.

    One stands in that is called like one which wants a second person, in its language or for any, or
    that holds its words, whatever their capitals and signs. Those in files are as their file says.
    """
    every = list(macros)
    wanting = [one for one in every if one.approval]
    return [
        one
        if one.approval or one.origin or not any(_stands_in(one, other) for other in wanting)
        else replace(one, approval=True)
        for one in every
    ]


def _stands_in(one: Macro, other: Macro) -> bool:
    alike = one.language == other.language or ANY_LANGUAGE in {one.language, other.language}
    if alike and name_key(one.name) == name_key(other.name):
        return True
    words, sought = _words(one.text), _words(other.text)
    # A few words stand in any answer: then it is the same text or another one.
    return sought in words if len(sought.split()) >= _TELLING else words == sought


@lru_cache(maxsize=2048)
def _words(text: str) -> str:
    """The words alone, each between two spaces."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def noted(macros: Iterable[Macro], refs: Iterable[str]) -> tuple[str, ...]:
    """The refs, each once; and `SECOND` if one of the macros wants a second person, or did."""
    told = tuple(dict.fromkeys(refs))
    wanting = {macro.ref for macro in macros if macro.approval}
    return told if SECOND in told or wanting.isdisjoint(told) else (*told, SECOND)


def plain(refs: Iterable[str]) -> tuple[str, ...]:
    """The refs of macros alone."""
    return tuple(ref for ref in refs if ref != SECOND)


def watched(macros: Iterable[Macro], refs: Iterable[str]) -> tuple[str, ...]:
    """Of the `refs` those whose macro wants a second person, and `SECOND`; none if none does or did."""
    every = list(macros)
    told = noted(every, refs)
    wanting = {macro.ref for macro in every if macro.approval} | {SECOND}
    return tuple(ref for ref in told if ref in wanting)


def remembered(macros: Iterable[Macro], refs: Iterable[str], most: int) -> tuple[str, ...]:
    """The newest refs, as many as a window remembers; `SECOND` stays whatever is forgotten."""
    told = noted(macros, refs)
    newest = plain(told)[-most:]
    return (*newest, SECOND) if SECOND in told else newest
