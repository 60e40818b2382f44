"""Spans of hours as people write them."""

import pytest

from sla_rules.errors import CalendarError
from sla_rules.hours import read_span, refuse_overlaps
from sla_rules.rule_file import Origin


@pytest.mark.parametrize(
    ("text", "texts", "today", "over_midnight"),
    [
        ("09:00-13:00", ("09:00", "13:00"), (540, 780), False),
        (" 9:00 - 24:00 ", ("09:00", "24:00"), (540, 1440), False),
        ("22:00-00:00", ("22:00", "00:00"), (1320, 1440), False),
        ("22:00-06:00", ("22:00", "06:00"), (1320, 1440), True),
    ],
)
def test_a_span_is_read_as_it_is_meant(text, texts, today, over_midnight):
    span = read_span(text)

    assert (span.texts, span.today, span.over_midnight) == (texts, today, over_midnight)


@pytest.mark.parametrize("text", ["09:00", "25:00-26:00", "24:00-06:00", "a-b", "9-13", "1-2-3"])
def test_what_is_no_span_is_refused_with_what_to_write(text):
    with pytest.raises(CalendarError, match=r"\. Write "):
        read_span(text)


def test_spans_that_touch_do_not_overlap_and_those_that_share_a_minute_do():
    refuse_overlaps(["09:00-13:00", "13:00-18:00", "00:00-02:00", "22:00-02:00"])

    with pytest.raises(CalendarError, match='"17:59-19:00" overlaps "13:00-18:00"'):
        refuse_overlaps(["13:00-18:00", "17:59-19:00"])


def test_without_lines_a_place_is_the_file():
    assert Origin("rules.toml").at(("clock", 0)) == "rules.toml"
