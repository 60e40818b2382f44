"""A CSV of our own, for every figure that no other format brings. `docs/metrics.md` describes it.

measure,marketplace,since,until,counted,out_of,value
late_shipment,it,2026-02-08,2026-03-09,3,412,0.73 %
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from connectors.report_files.cells import count, day, heading, number, place, share, table
from connectors.report_files.reading import (
    Measure,
    Reading,
    ReportFile,
    Sort,
    UnreadableReport,
    agrees,
    sort_of,
)

COLUMNS: Final = ("measure", "marketplace", "since", "until", "counted", "out_of", "value")
_NEEDED: Final = ("measure", "until")


def looks_like(headings: Sequence[str]) -> bool:
    """Whether these are headings of such a file."""
    return "measure" in headings


def read(text: str) -> ReportFile:
    """Every line of the table.

    Raises:
        UnreadableReport: a column or measure is not known, a line lacks what it needs, or its
            numbers exclude each other.
    """
    rows = table(text)
    headings = [each.replace(" ", "_") for each in heading(rows[0])]
    wrong = [each for each in headings if each not in COLUMNS]
    missing = [each for each in _NEEDED if each not in headings]
    if wrong or missing:
        raise UnreadableReport(_columns_words(wrong, missing))
    found: dict[tuple[Measure, str, date], Reading] = {}
    for line, row in enumerate(rows[1:], 2):
        if len(row) > len(headings):
            raise UnreadableReport(
                f"line {line} has more cells than there are headings; put a number with a comma "
                "in quotes, or part the columns by semicolons"
            )
        one = _reading(line, dict(zip(headings, row, strict=False)))
        key = (one.measure, one.marketplace, one.until)
        if key in found and found[key] != one:
            raise UnreadableReport(
                f"line {line} tells {one.measure} of {one.until} again, and otherwise"
            )
        found[key] = one
    if not found:
        raise UnreadableReport("there is no line under its headings")
    return ReportFile(platform="", language="", readings=tuple(found.values()))


def _columns_words(wrong: Sequence[str], missing: Sequence[str]) -> str:
    said = [f'there is no column "{each[:40]}"' for each in wrong]
    said += [f'the column "{each}" is missing' for each in missing]
    return f"{'; '.join(said)}; the columns are {', '.join(COLUMNS)}"


def _reading(line: int, cells: Mapping[str, str]) -> Reading:
    measure = _measure(line, cells.get("measure", ""))
    counted, out_of = _count(line, cells, "counted"), _count(line, cells, "out_of")
    until = _day(line, cells, "until")
    if until is None:
        raise UnreadableReport(f"line {line} has no day in until; write it as 2026-03-10")
    return Reading(
        measure=measure,
        marketplace=place(cells.get("marketplace", "")),
        value=_value(line, measure, cells.get("value", ""), counted, out_of),
        counted=counted,
        out_of=out_of,
        since=_day(line, cells, "since"),
        until=until,
    )


def _measure(line: int, cell: str) -> Measure:
    try:
        return Measure(cell.casefold())
    except ValueError:
        raise UnreadableReport(
            f'line {line}: there is no measure "{cell[:40]}"; there are {", ".join(Measure)}'
        ) from None


def _count(line: int, cells: Mapping[str, str], column: str) -> int | None:
    cell = cells.get(column, "")
    found = count(cell)
    if cell and found is None:
        raise UnreadableReport(f'line {line}: "{cell[:40]}" in {column} is no whole number')
    return found


def _day(line: int, cells: Mapping[str, str], column: str) -> date | None:
    cell = cells.get(column, "")
    found = day(cell)
    if cell and found is None:
        raise UnreadableReport(
            f'line {line}: "{cell[:40]}" in {column} is no day; write it as 2026-03-10'
        )
    return found


def _value(
    line: int, measure: Measure, cell: str, counted: int | None, out_of: int | None
) -> float | None:
    sort = sort_of(measure)
    if sort in {Sort.COUNT, Sort.MINUTES}:
        value = number(cell)
        told = float(counted) if value is None and counted is not None and not cell else value
        if told is None or told < 0:
            raise UnreadableReport(f"line {line}: {measure} needs a number in value")
        return told
    return _share(line, share(cell) if cell else None, cell, (counted, out_of))


def _share(
    line: int, value: float | None, cell: str, counts: tuple[int | None, int | None]
) -> float | None:
    counted, out_of = counts
    if cell and (value is None or not 0 <= value <= 1):
        raise UnreadableReport(
            f'line {line}: "{cell[:40]}" is no share; write 0.73 % or 0.0073, at most 100 %'
        )
    if counted is None or out_of is None:
        if value is None:
            raise UnreadableReport(f"line {line} needs counted and out_of, or value")
        return value
    if counted > out_of:
        raise UnreadableReport(f"line {line}: counted ({counted}) is more than out_of ({out_of})")
    if value is not None and not agrees(value, counted, out_of):
        raise UnreadableReport(f"line {line}: {cell} is not {counted} of {out_of}")
    return counted / out_of if out_of else None
