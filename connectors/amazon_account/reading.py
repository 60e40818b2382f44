"""Reports: asked for once a day, waited for a little, read when they are done.

A report takes Amazon minutes. What was asked for stands in the cursor, so a restart or a slow day
asks for nothing twice.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.amazon_account.config import Config
from connectors.amazon_account.state import Asked, State
from connectors.contract import InboxContext, Json, Page, RawItem
from connectors.errors import Unavailable
from connectors.pages import arrived_at, pages_of
from connectors.report_files.amazon_performance import account_readings
from connectors.report_files.reading import Reading as Figure
from connectors.selling_partner import feedback, performance
from connectors.selling_partner.client import Report, SellingPartner
from connectors.selling_partner.feedback import Feedback
from connectors.selling_partner.regions import regions

ROUNDS: Final = 3
PAUSE: Final = 15.0
"""A poll looks this often, with seconds between; a report that takes longer is read by the next."""

LONGEST: Final = timedelta(hours=12)
"""A report that is not done by then is asked for anew."""

AFTER_FAILURE: Final = timedelta(hours=1)
"""How long after a report that Amazon could not write the next one is asked for."""

MOST_STARS: Final = 3
"""Neutral feedback; whatever has more stars is none of ours, should it ever be told."""

A_SECOND: Final = timedelta(seconds=1)
DONE: Final = "DONE"
NO_DATA: Final = "CANCELLED"
_ENDS: Final = frozenset({DONE, NO_DATA, "FATAL"})
"""`processingStatus` of a report that nobody works on any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One report: of one marketplace, or on the account as a whole (`country` is empty)."""

    name: str
    report_type: str
    marketplace_ids: Sequence[str]
    country: str = ""


def jobs_of(config: Config) -> tuple[Job, ...]:
    """Feedback by marketplace, so that its country and its way to write dates are known."""
    known = regions().marketplaces
    countries = tuple(dict.fromkeys(config.marketplaces))
    return (
        *(
            Job(
                name=f"feedback:{country}",
                report_type=feedback.REPORT_TYPE,
                marketplace_ids=(known[country].id,),
                country=country,
            )
            for country in countries
        ),
        Job(
            name="performance",
            report_type=performance.REPORT_TYPE,
            marketplace_ids=tuple(known[country].id for country in countries),
        ),
    )


@dataclass(slots=True)
class Reading:
    """One poll. `state` is true for what was yielded, `problems` are reports that were no use."""

    api: SellingPartner
    config: Config
    context: InboxContext
    state: State
    problems: list[str] = field(default_factory=list)

    async def pages(self) -> AsyncIterator[Page]:
        """Ask for what is due, then read what is done. One bad report stops no other.

        Raises:
            Unavailable: once all else is read, where a report could not be.
        """
        jobs = jobs_of(self.config)
        for job in filter(self._is_due, jobs):
            await self._ask(job)
            yield Page(items=(), cursor=self.state.cursor)
        waiting = [job for job in jobs if self._report_id(job)]
        for round_ in range(ROUNDS):
            for job in tuple(waiting):
                report = await self.api.report(self._report_id(job))
                if self._may_come(job, report):
                    continue
                waiting.remove(job)
                async for page in self._read(job, report):
                    yield page
            if waiting and round_ < ROUNDS - 1:
                await self.context.sleep(PAUSE)
        if self.problems:
            raise Unavailable("; ".join(self.problems))

    def _is_due(self, job: Job) -> bool:
        asked = self.state.asked.get(job.name)
        if asked is None:
            return True
        pause = timedelta(hours=self.config.report_hours)
        return not asked.report_id and self.context.now() - asked.at >= pause

    async def _ask(self, job: Job) -> None:
        now = self.context.now()
        since = now - timedelta(days=self.config.since_days) if job.country else None
        report_id = await self.api.create_report(job.report_type, job.marketplace_ids, since=since)
        self.state = self.state.asking(job.name, Asked(at=now, report_id=report_id))

    def _report_id(self, job: Job) -> str:
        asked = self.state.asked.get(job.name)
        return asked.report_id if asked else ""

    def _may_come(self, job: Job, report: Report | None) -> bool:
        """Whether Amazon is still writing it, and has not taken too long."""
        if report is None or report.status in _ENDS:
            return False
        return self.context.now() - self.state.asked[job.name].at <= LONGEST

    async def _read(self, job: Job, report: Report | None) -> AsyncIterator[Page]:
        """What a report brought; one that failed or was lost is asked for again in a while."""
        before, asked = self.state, self.state.asked[job.name]
        items: Sequence[RawItem] = ()
        figures: Sequence[Figure] = ()
        self.state = before.asking(job.name, Asked(at=asked.at))
        if report is not None and report.status == DONE:
            try:
                items, figures = await self._found(job, report, asked.report_id)
            except Unavailable as error:
                self.problems.append(f"{job.name}: {error}")
                self._ask_soon(job)
        elif report is None or report.status != NO_DATA:
            self._ask_soon(job)
        for page in pages_of(items, before.cursor, self.state.cursor, figures):
            yield page

    def _ask_soon(self, job: Job) -> None:
        usual = timedelta(hours=self.config.report_hours)
        again = self.context.now() - max(usual - AFTER_FAILURE, timedelta(0))
        self.state = self.state.asking(job.name, Asked(at=again))

    async def _found(
        self, job: Job, report: Report, report_id: str
    ) -> tuple[list[RawItem], Sequence[Figure]]:
        content = await self.api.document(report.document)
        if job.country:
            return self._feedback(job, content), ()
        items, troubles = self._performance(report_id, content)
        self.state = replace(self.state, troubles=troubles)
        return items, account_readings(content)

    def _feedback(self, job: Job, content: bytes) -> list[RawItem]:
        now = self.context.now()
        place = regions().marketplaces[job.country]
        found = feedback.parse_feedback(
            content,
            now,
            month_first=place.day == "month_first",
            japanese=job.country == "jp",
        )
        if found is None:
            raise Unavailable("the feedback report is no table that could be read")
        earliest = (now - timedelta(days=self.config.since_days)).date()
        young = [one for one in found if one.rating <= MOST_STARS]
        young = [one for one in young if one.on is None or one.on >= earliest]
        return [item for one in young for item in self._items(one, job.country)]

    def _items(self, one: Feedback, country: str) -> list[RawItem]:
        now = self.context.now()
        arrived = arrived_at(one.at(now), now - A_SECOND)
        told: dict[str, Json] = {
            "order_id": one.order_id,
            "marketplace": country,
            "on": one.on.isoformat() if one.on else None,
            "rating": one.rating,
        }
        said = {**told, "what": "feedback", "text": one.comment}
        items = [_item(f"feedback:{one.order_id}:{one.key}", said, arrived)]
        if one.response:
            answer = {**told, "what": "response", "text": one.response}
            name = f"response:{one.order_id}:{one.response_key}"
            # A second after what it answers, so that it counts as an answer to it.
            items.append(_item(name, answer, arrived + A_SECOND))
        return items

    def _performance(self, report_id: str, content: bytes) -> tuple[list[RawItem], frozenset[str]]:
        """A notice when something is wrong that was not wrong before, else nothing."""
        found = performance.parse_performance(content)
        if found is None:
            raise Unavailable("the performance report is no JSON that could be read")
        keys = frozenset(one.key for one in found)
        new: list[Json] = [one.words for one in found if one.key not in self.state.troubles]
        known: list[Json] = [one.words for one in found if one.key in self.state.troubles]
        if not new:
            return [], keys
        told: dict[str, Json] = {
            "what": "performance",
            "at": self.context.now().isoformat(),
            "new": new,
            "known": known,
        }
        return [_item(f"performance:{report_id}", told, self.context.now())], keys


def _item(source_id: str, payload: Mapping[str, Json], at: datetime) -> RawItem:
    content = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    return RawItem(source_id=source_id, received_at=at, payload=content)
