"""A lead's word on what a message was: it takes the place of the verdict, until the next word on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from bot.domain.holds import Mark
from bot.domain.ticket import EventType, MessageState
from connectors.contract import Verdict
from sla_rules.vocabulary import Author


class Ruling(StrEnum):
    """What a lead can say of a line in the response ledger."""

    AUTOMATIC = "automatic"  # no person wrote it
    PERSON = "person"  # a person's answer, which the customer has
    ELSEWHERE = "elsewhere"  # it belongs to another conversation


OURS: Final = frozenset({Verdict.ACKNOWLEDGEMENT, Verdict.OWN_LOOP})
"""Verdicts of mail that came from our side; all other automatic mail is somebody else's."""

_ARRIVED: Final = frozenset({MessageState.SENT, MessageState.BOUNCED})
"""What may have reached the customer: a bounce may have been another message's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Somebody's ruling on one line, and why."""

    ruling: Ruling
    by: str
    at: datetime
    reason: str


def corrections(marks: Iterable[Mark]) -> Mapping[int, Correction]:
    """The last ruling on each line, by the id of the message or event it is about."""
    found: dict[int, Correction] = {}
    for mark in sorted(marks, key=lambda each: each.id):
        if mark.type != EventType.VERDICT_CORRECTED:
            continue
        found[int(mark.data["line"])] = Correction(
            ruling=Ruling(mark.data["ruling"]),
            by=mark.actor,
            at=mark.at,
            reason=str(mark.data.get("reason") or ""),
        )
    return found


def counts_as(author: str, state: str, ruling: Ruling | None) -> Ruling | None:
    """As what a message that went out counts for clocks; None: as nothing.

    Without a ruling only an agent's answer counts, once it was handed over (invariant 6).
    """
    sent = state == MessageState.SENT
    if ruling is None:
        return Ruling.PERSON if author == Author.AGENT and sent else None
    if ruling is Ruling.PERSON:
        return Ruling.PERSON if state in _ARRIVED else None
    return Ruling.AUTOMATIC if ruling is Ruling.AUTOMATIC and sent else None


def mail_counts_as(verdict: str, ruling: Ruling | None) -> Ruling | None:
    """The same for automatic mail that came in: only what is our own can be an answer of ours."""
    if verdict not in OURS or ruling is Ruling.ELSEWHERE:
        return None
    if ruling is Ruling.PERSON:
        return Ruling.PERSON
    return Ruling.AUTOMATIC if verdict == Verdict.ACKNOWLEDGEMENT else None


def mail_sent_at(data: Mapping[str, Any], seen_at: datetime) -> datetime:
    """When automatic mail was sent, by the event that tells of it: never after it was seen."""
    sent_at = data.get("sent_at")
    return min(datetime.fromisoformat(sent_at), seen_at) if sent_at else seen_at
