"""The feedback report: both layouts, dates of every country, encodings, and spoilt tables."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.selling_partner.feedback import Feedback, parse_feedback

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ORDER = "405-7719234-1180357"
NINE = "Date\tRating\tComments\tYour Response\tArrived on Time\tItem as Described\tCustomer Service\tOrder ID\tRater Email"
SIX = "Datum\tBewertung\tKommentare\tAntwort\tBestellnummer\tE-Mail des Bewerters"


def nine(day: str, comment: str = "Too late", *, response: str = "", rating: str = "1") -> str:
    return f"{day}\t{rating}\t{comment}\t{response}\tNo\tYes\t\t{ORDER}\tb7x@marketplace.amazon.it"


def read(*lines: str, month_first: bool = False) -> tuple[Feedback, ...]:
    found = parse_feedback("\r\n".join(lines).encode(), NOW, month_first=month_first)
    assert found is not None
    return found


def test_nine_columns_are_read_and_the_raters_address_is_not() -> None:
    (found,) = read(NINE, nine("08/03/26", response="We are sorry."))
    assert found == Feedback(
        order_id=ORDER,
        on=date(2026, 3, 8),
        rating=1,
        comment="Too late",
        response="We are sorry.",
    )
    assert "marketplace.amazon" not in repr(found)


def test_six_columns_are_read_whatever_their_headings_say() -> None:
    line = f"08.03.26\t3\tIn Ordnung\tDanke\t{ORDER}\tb7x@marketplace.amazon.de"
    (found,) = read(SIX, line)
    assert (found.order_id, found.rating, found.response) == (ORDER, 3, "Danke")
    assert found.on == date(2026, 3, 8)


@pytest.mark.parametrize(
    ("written", "month_first", "on"),
    [
        ("02/03/26", False, date(2026, 3, 2)),
        ("02/03/26", True, date(2026, 2, 3)),
        ("02.03.2026", True, date(2026, 3, 2)),
        ("2026/03/02", False, date(2026, 3, 2)),
        ("03/25/26", False, None),  # no such month that way, and ahead of us the other
        ("02/28/26", False, date(2026, 2, 28)),
        ("05/03/2026", True, date(2026, 3, 5)),  # the third of May is ahead of us
        ("yesterday", False, None),
        ("99/99/99", False, None),
    ],
)
def test_dates_are_read_as_their_country_writes_them(
    written: str, month_first: bool, on: date | None
) -> None:
    (found,) = read(NINE, nine(written), month_first=month_first)
    assert found.on == on


def test_a_day_without_a_time_counts_from_its_end_and_never_from_the_future() -> None:
    earlier = Feedback(order_id=ORDER, on=date(2026, 3, 8), rating=1, comment="")
    today = Feedback(order_id=ORDER, on=date(2026, 3, 10), rating=1, comment="")
    assert earlier.at(NOW) == datetime(2026, 3, 8, 23, 59, 59, tzinfo=UTC)
    assert today.at(NOW) < NOW


def test_the_encodings_of_europe_and_japan_are_understood() -> None:
    for text, encoding, japanese in (
        ("Gr\u00fc\u00dfe aus K\u00f6ln", "cp1252", False),
        ("\u5c4a\u304d\u307e\u305b\u3093\u3067\u3057\u305f", "cp932", True),
        ("\u0141\u00f3d\u017a", "utf-8-sig", False),
    ):
        content = f"{NINE}\n{nine('2026/03/02', text)}\n".encode(encoding)
        found = parse_feedback(content, NOW, japanese=japanese)
        assert found is not None
        assert found[0].comment == text


def test_the_same_words_keep_their_key_and_other_words_get_another() -> None:
    (first,) = read(NINE, nine("08/03/26"))
    (same,) = read(NINE, nine("08/03/26", response="Sorry"))
    (other,) = read(NINE, nine("08/03/26", rating="2"))
    assert first.key == same.key != other.key


@pytest.mark.parametrize("content", [b"", b"<html><body>502</body></html>", b"{}", b"\x1f\x8b\x00"])
def test_what_is_no_table_is_told_apart_from_a_table_without_lines(content: bytes) -> None:
    assert parse_feedback(content, NOW) is None
    assert parse_feedback(NINE.encode(), NOW) == ()


PLAIN = "\r\n".join([NINE, nine("08/03/26"), nine("02.03.26", "No", rating="3")]).encode()


@settings(max_examples=25, deadline=None)
@given(at=st.integers(0, len(PLAIN)), gone=st.integers(0, 12), junk=st.binary(max_size=12))
def test_a_spoilt_table_is_read_as_far_as_it_can_be(at: int, gone: int, junk: bytes) -> None:
    spoilt = PLAIN[:at] + junk + PLAIN[at + gone :]
    for japanese in (False, True):
        for one in parse_feedback(spoilt, NOW, japanese=japanese) or ():
            assert 1 <= one.rating <= 5
            assert "\x00" not in one.comment
            assert one.at(NOW) < NOW
