"""Etsy's "message breakdown" of the Star Seller page as CSV: how many first messages were answered.

Unverified: Etsy publishes that the file exists, has a line for each first message, and tells times
in UTC, but not its headings. So a column counts by the words in its heading, and a file whose
headings have not these words is refused.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from connectors.report_files.cells import heading, table
from connectors.report_files.reading import Measure, Reading, ReportFile, UnreadableReport

PLATFORM: Final = "etsy"
WITHIN: Final = timedelta(hours=24)

_REPLY: Final = ("repl", "respon", "answer")
_CAME: Final = ("received", "sent", "message date", "message time", "first message")
_FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
)  # fmt: skip


def looks_like(headings: Sequence[str]) -> bool:
    """Whether these can be the headings of such a file."""
    return _columns(headings) is not None


def read(text: str) -> ReportFile:
    """The share of first messages answered within 24 hours.

    Raises:
        UnreadableReport: the headings or the times are none that are known.
    """
    rows = table(text)
    columns = _columns(heading(rows[0]))
    if columns is None:
        raise UnreadableReport(
            "no heading tells when a message was received and when it was answered"
        )
    if not rows[1:]:
        raise UnreadableReport("there is no message in it")
    came_at, replied_at = columns
    came: list[datetime] = []
    kept = 0
    for number, row in enumerate(rows[1:], 2):
        cells = [*row, *[""] * (max(columns) + 1 - len(row))]
        asked, answered = _instant(cells[came_at]), _instant(cells[replied_at])
        if asked is None or (answered is None and cells[replied_at]):
            raise UnreadableReport(f"line {number} has a time that is not written 2026-03-10 09:00")
        came.append(asked)
        kept += answered is not None and answered - asked <= WITHIN
    reading = Reading(
        measure=Measure.RESPONSE_RATE,
        value=kept / len(came),
        counted=kept,
        out_of=len(came),
        since=min(came).date(),
        until=max(came).date(),
    )
    return ReportFile(platform=PLATFORM, language="en", readings=(reading,))


def _columns(headings: Sequence[str]) -> tuple[int, int] | None:
    replied = [n for n, one in enumerate(headings) if any(word in one for word in _REPLY)]
    came = [
        n
        for n, one in enumerate(headings)
        if n not in replied and any(word in one for word in _CAME)
    ]
    return (came[0], replied[0]) if came and replied else None


def _instant(cell: str) -> datetime | None:
    text = cell.strip().removesuffix("UTC").removesuffix("Z").strip()
    for written in _FORMATS:
        try:
            return datetime.strptime(text, written).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
