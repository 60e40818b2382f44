"""Amazon's report of negative and neutral feedback (GET_SELLER_FEEDBACK_DATA): how much there was.

The report tells no positive feedback, so a share cannot be made from it, and no day it is of. Its
headings are in the marketplace's language; those below were seen or translate the ones seen.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from connectors.report_files.cells import heading
from connectors.report_files.reading import Measure, Reading, ReportFile, UnreadableReport
from connectors.selling_partner.feedback import parse_feedback

PLATFORM: Final = "amazon"
DAYS: Final = 60
"""As many days as Amazon's order defect rate looks back."""

NEGATIVE: Final = 2
"""Stars of negative feedback; three are neutral."""

_RATING: Final[Mapping[str, str]] = {
    "rating": "en",
    "valutazione": "it",
    "bewertung": "de",
    "évaluation": "fr",
    "note": "fr",
    "valoración": "es",
    "calificación": "es",
}
"""The heading of the second column. Italian and German were seen, the others are translated."""


def language_of(text: str) -> str | None:
    """The language of a feedback report's headings; None where this is no such report."""
    cells = heading(text.splitlines()[0].split("\t"))
    return _RATING.get(cells[1]) if len(cells) >= _LEAST_COLUMNS else None


_LEAST_COLUMNS: Final = 5


def read(text: str, made_on: date) -> ReportFile:
    """How many left one or two stars in the sixty days before `made_on`.

    Raises:
        UnreadableReport: this is no such report, its language is not known, or a line is younger.
    """
    language = language_of(text)
    if language is None:
        raise UnreadableReport(
            "its second heading is no word for a rating in English, Italian, French, German or "
            "Spanish; ask for the feedback report in one of these languages"
        )
    at = datetime.combine(made_on, time(23, 59, 59), UTC)
    found = parse_feedback(text.encode(), at)
    if found is None:
        raise UnreadableReport("it is no table of lines and tabs")
    since = made_on - timedelta(days=DAYS - 1)
    days = [one.on for one in found if one.rating <= NEGATIVE and one.on is not None]
    bad = sum(since <= on <= made_on for on in days)
    return ReportFile(
        platform=PLATFORM,
        language=language,
        readings=(
            Reading(
                measure=Measure.NEGATIVE_FEEDBACK,
                value=float(bad),
                counted=bad,
                since=since,
                until=made_on,
            ),
        ),
    )
