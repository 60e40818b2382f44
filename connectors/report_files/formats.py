"""Which format a report file is in, and what it tells."""

import json
from datetime import date
from enum import StrEnum
from typing import Final

from connectors.report_files import (
    amazon_feedback,
    amazon_performance,
    ebay_standards,
    etsy_messages,
    plain,
)
from connectors.report_files.cells import decoded, heading, table
from connectors.report_files.reading import ReportFile, UnreadableReport


class Format(StrEnum):
    """The formats that can be read."""

    AMAZON_PERFORMANCE = "amazon-performance"
    AMAZON_FEEDBACK = "amazon-feedback"
    EBAY_STANDARDS = "ebay-standards"
    ETSY_MESSAGES = "etsy-messages"
    PLAIN = "plain"


_AMAZON_KEYS: Final = frozenset({"accountStatuses", "performanceMetrics"})
_EBAY_KEYS: Final = frozenset({"standardsProfiles", "standardsLevel", "metrics", "cycle"})


def read_report(content: bytes, *, made_on: date, wanted: Format | None = None) -> ReportFile:
    """What the file tells. `made_on` is the day of a file that does not say its own.

    Raises:
        UnreadableReport: it is in no format that can be read, or not in the one `wanted`.
    """
    text = decoded(content)
    match wanted or _format_of(text):
        case Format.AMAZON_PERFORMANCE:
            return amazon_performance.read(text)
        case Format.AMAZON_FEEDBACK:
            return amazon_feedback.read(text, made_on)
        case Format.EBAY_STANDARDS:
            return ebay_standards.read(text)
        case Format.ETSY_MESSAGES:
            return etsy_messages.read(text)
        case Format.PLAIN:
            return plain.read(text)


def _format_of(text: str) -> Format:
    if text.lstrip().startswith(("{", "[")):
        return _json_format(text)
    if amazon_feedback.language_of(text.lstrip()) is not None:
        return Format.AMAZON_FEEDBACK
    headings = heading(table(text)[0])
    if plain.looks_like(headings):
        return Format.PLAIN
    if etsy_messages.looks_like(headings):
        return Format.ETSY_MESSAGES
    raise UnreadableReport(
        f"its format is not known; the formats are {', '.join(Format)}. Of any other report, "
        f"write the figures into a CSV with the columns {', '.join(plain.COLUMNS)}"
    )


def _json_format(text: str) -> Format:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableReport("it begins like JSON and is none; it may be cut off") from None
    keys = set(told) if isinstance(told, dict) else set()
    if keys & _AMAZON_KEYS:
        return Format.AMAZON_PERFORMANCE
    if keys & _EBAY_KEYS:
        return Format.EBAY_STANDARDS
    raise UnreadableReport(
        "it is JSON, but neither Amazon's report on the account nor eBay's seller standards"
    )
