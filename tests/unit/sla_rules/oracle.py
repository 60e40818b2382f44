"""Reads oracle files and asks our calendar the same questions."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sla_rules.calendar import BusinessCalendar

SAMPLE = Path(__file__).parent / "data"

Case = dict[str, Any]


def cases(folder: Path) -> Iterator[Case]:
    for file in sorted(folder.glob("sla_*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def expected(case: Case) -> datetime | timedelta | date:
    if "expected_elapsed_seconds" in case:
        return timedelta(seconds=case["expected_elapsed_seconds"])
    if "expected_date" in case:
        return date.fromisoformat(case["expected_date"])
    return datetime.fromisoformat(case.get("expected_deadline") or case["expected_next_open"])


def answer(case: Case) -> datetime | timedelta | date:
    calendar = calendar_of(case)
    if case["kind"] == "business_days":
        return calendar.add_business_days(date.fromisoformat(case["start_date"]), case["days"])
    start = datetime.fromisoformat(case["start"])
    if case["kind"] == "next_open":
        return calendar.next_open(start)
    pauses = [
        (datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        for begins, ends in case.get("pauses", [])
    ]
    if case["kind"].startswith("elapsed"):
        return calendar.elapsed(start, datetime.fromisoformat(case["end"]), pauses)
    return calendar.deadline(start, timedelta(seconds=case["target_seconds"]), pauses)


def calendar_of(case: Case) -> BusinessCalendar:
    return _calendar(json.dumps(case["calendar"], sort_keys=True))


@cache
def _calendar(written: str) -> BusinessCalendar:
    table = json.loads(written)
    return BusinessCalendar(
        table["tz"],
        table["week"],
        [date.fromisoformat(day) for day in table.get("holidays", [])],
        {date.fromisoformat(day): spans for day, spans in table.get("closures", {}).items()},
    )
