"""What people of the desk see, want, and are told: the words of `people`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.db.unit import Tx
from bot.domain.desk import Desk

Verdict = Callable[[Tx, Desk], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A ticket as somebody has it before their eyes: perhaps not as it is any more."""

    id: int
    number: int
    inbox: str
    state: str
    assignee: str | None
    newest: int | None


@dataclass(slots=True, kw_only=True)
class Promise:
    """Somebody was told that their answer goes out. `undo_wanted` once they tried to take it back."""

    message_id: int
    ticket_id: int
    number: int
    actor: str
    words: str
    at: datetime
    undo_wanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody was told of an act: its outcome's name, or the refusal's."""

    actor: str
    act: str
    ticket_id: int
    number: int
    outcome: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class Act:
    """What somebody wants to do; kept and tried again until they get an answer."""

    name: str
    actor: str
    seen: Seen
    work: Verdict
    words: str = ""
    undoes: int | None = None
    tries: int = 0
