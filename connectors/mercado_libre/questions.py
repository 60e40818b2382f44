"""What is new among the questions: asked, answered, closed, removed.

Mercado Libre filters questions by no date. Two lists are read, the newest first: all, back to
where the last poll ended, and the unanswered ones, whole. A question that left the second list is
looked at by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from connectors.contract import RawItem
from connectors.fields import Fields
from connectors.mercado_libre.client import MercadoLibreClient
from connectors.mercado_libre.items import item
from connectors.mercado_libre.paging import pages_from
from connectors.mercado_libre.position import KnownAnswer, Position

OVERLAP: Final = timedelta(minutes=10)
"""Read again at every poll: a question may come into view a little after its own time."""

MOST_LOOKS: Final = 20
MOST_LOOKS_AFTER: Final = 10
"""Waiting and answered questions looked at by themselves in one poll; the others come next time."""

WATCHED: Final = timedelta(hours=48)
"""How long an answer is watched; no time is documented after which none is removed any more."""

REMOVED: Final = frozenset({"BANNED", "DELETED", "DISABLED"})
ENDED: Final = REMOVED | {"CLOSED_UNANSWERED"}


@dataclass(slots=True, kw_only=True)
class Found:
    """What one poll found: items by their names and times, and the questions that wait for an answer."""

    now: datetime
    dated: dict[str, tuple[datetime, RawItem]] = field(default_factory=dict)
    waiting: dict[str, datetime] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def add(self, question: Fields, *, known: bool) -> None:
        """What a question in its present state gives; `known` ones were told of before."""
        name, status = question.id("id", default=""), status_of(question)
        if not name or (status in REMOVED and not known):
            return
        self.seen.add(name)
        asked_at = question.instant_or_none("date_created")
        if status != "UNDER_REVIEW":
            if not known:
                self._put(f"question:{name}", asked_at, "question", question)
            self._ending(name, status, question)
        if status in {"UNANSWERED", "UNDER_REVIEW"} and (known or status == "UNANSWERED"):
            self.waiting[name] = self.now

    def _ending(self, name: str, status: str, question: Fields) -> None:
        answer = question.inner("answer")
        at = answer.instant_or_none("date_created")
        if status in ENDED:
            self._put(f"question_ended:{name}:{status}", None, "question_ended", question)
        elif answer.text("status", default="") in {"BANNED", "DISABLED"}:
            self._put(f"answer_removed:{name}", None, "answer_removed", question)
        elif answer.text("text", default=""):
            self._put(f"answer:{name}", at, "answer_to", question)
            self.answered.add(name)

    def in_order(self) -> list[RawItem]:
        """Every item, as things happened; a question comes before its answer."""
        by_time = sorted(self.dated.values(), key=lambda one: one[0])
        return [found for _, found in by_time]

    def _put(self, source: str, at: datetime | None, kind: str, question: Fields) -> None:
        self.dated[source] = at or self.now, item(source, at, self.now, {kind: question.value})


class QuestionReader:
    """Reads the questions of one account."""

    def __init__(self, client: MercadoLibreClient) -> None:
        self._client = client

    async def read(self, at: Position, now: datetime) -> tuple[list[RawItem], Position]:
        """What is new, oldest first, and the position once that is stored."""
        found = Found(now=now)
        newest = await self._recent(at, found)
        listed, whole = await self._unanswered(at, found)
        if whole:
            await self._gone({k: v for k, v in at.asked.items() if k not in listed}, found)
        else:
            found.waiting = {**at.asked, **found.waiting}
        looked = await self._watched(at.answered, found)
        answered = {
            name: KnownAnswer(
                since=at.answered[name].since if name in at.answered else now, looked=when
            )
            for name, when in looked.items()
        }
        since = max(at.questions_since, min(newest, now))
        following = replace(
            at, questions_since=since, asked=found.waiting, answered=_young(answered, now)
        )
        return found.in_order(), following

    async def _recent(self, at: Position, found: Found) -> datetime:
        newest, floor = at.questions_since, at.questions_since - OVERLAP
        floor = max(floor, at.first)
        async for listed in pages_from(self._client.questions):
            times = [when for one in listed.entries if (when := _asked(one))]
            for one in listed.entries:
                asked_at = _asked(one)
                if asked_at is None or asked_at >= floor:
                    found.add(one, known=one.id("id", default="") in at.asked)
                elif _has_late_word(one, floor):
                    found.add(one, known=True)
            newest = max([newest, *times])
            if min(times, default=floor) < floor:
                break
        return newest

    async def _unanswered(self, at: Position, found: Found) -> tuple[set[str], bool]:
        """The questions that wait, and whether these are all since the very first poll."""
        names: set[str] = set()
        count = 0
        async for listed in pages_from(partial(self._client.questions, status="UNANSWERED")):
            count += len(listed.entries)
            for one in listed.entries:
                name, asked_at = one.id("id", default=""), _asked(one)
                if asked_at is not None and asked_at < at.first:
                    continue
                names.add(name)
                if name not in found.seen:
                    found.add(one, known=name in at.asked)
            times = [when for one in listed.entries if (when := _asked(one))]
            if count >= listed.total or min(times, default=at.first) < at.first:
                return names, True
        return names, False

    async def _gone(self, gone: Mapping[str, datetime], found: Found) -> None:
        """Questions that wait no more, or are hidden: each is looked at, the longest unseen first."""
        order = sorted(gone, key=lambda name: gone[name])
        for name in order[MOST_LOOKS:]:
            found.waiting[name] = gone[name]
        for name in order[:MOST_LOOKS]:
            if name in found.seen:
                continue
            question = await self._client.question(name)
            found.add(question or Fields({"id": name, "status": "DELETED"}), known=True)

    async def _watched(
        self, known: Mapping[str, KnownAnswer], found: Found
    ) -> Mapping[str, datetime]:
        """Answers that still stand, and when each was last looked at."""
        order = sorted(known, key=lambda name: known[name].looked)
        unseen = [name for name in order if name not in found.seen]
        for name in unseen[:MOST_LOOKS_AFTER]:
            question = await self._client.question(name)
            if question is not None:
                found.add(question, known=True)
        later = {name: known[name].looked for name in unseen[MOST_LOOKS_AFTER:]}
        return {**later, **dict.fromkeys(found.answered, found.now)}


def _young(answered: Mapping[str, KnownAnswer], now: datetime) -> Mapping[str, KnownAnswer]:
    return {name: one for name, one in answered.items() if one.since >= now - WATCHED}


def status_of(question: Fields) -> str:
    """A question's status; one without is taken to wait."""
    return question.text("status", default="") or "UNANSWERED"


def _has_late_word(question: Fields, floor: datetime) -> bool:
    """Whether an old question got its answer lately, or lost it: its page is read anyway."""
    answer = question.inner("answer")
    at = answer.instant_or_none("date_created")
    removed = answer.text("status", default="") in {"BANNED", "DISABLED"}
    return at is not None and (at >= floor or (removed and at >= floor - timedelta(days=2)))


def _asked(question: Fields) -> datetime | None:
    return question.instant_or_none("date_created")
