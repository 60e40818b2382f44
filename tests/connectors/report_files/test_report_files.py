"""Report files: the formats that are read, how sellers' machines write them, and what is refused."""

import json
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.report_files.amazon_performance import account_readings
from connectors.report_files.cells import LARGEST, count, day, number, share
from connectors.report_files.formats import Format, read_report
from connectors.report_files.reading import Measure, Reading, UnreadableReport
from sandbox.markets.selling_partner_shapes import a_performance_report

TODAY = date(2026, 3, 10)
PLAIN = (
    "measure;marketplace;since;until;counted;out_of;value\r\n"
    "late_shipment;IT;2026-02-08;2026-03-09;3;412;0,73 %\r\n"
    "a_to_z_claims;;;2026-03-09;2;;\r\n"
)
FEEDBACK = (
    "Datum\tBewertung\tKommentare\tAntwort\tBestellnummer\tE-Mail des Bewerters\n"
    "08.03.26\t1\tNie angekommen\t\t302-1234567-1234567\tx@marketplace.amazon.de\n"
    "07.03.26\t3\tGeht so\t\t302-1234567-1234568\tx@marketplace.amazon.de\n"
    "01.11.25\t2\tLange her\t\t302-1234567-1234569\tx@marketplace.amazon.de\n"
)
ETSY = (
    "Conversation,Message received (UTC),First reply (UTC)\n"
    "1,2026-03-01 09:00,2026-03-02 09:00\n"
    "2,2026-03-02 09:00,2026-03-03 09:01\n"
    "3,2026-03-03 09:00,\n"
)


def read(content: str | bytes, wanted: Format | None = None) -> tuple[Reading, ...]:
    raw = content.encode() if isinstance(content, str) else content
    return read_report(raw, made_on=TODAY, wanted=wanted).readings


def refused(content: str | bytes, wanted: Format | None = None) -> str:
    with pytest.raises(UnreadableReport) as told:
        read(content, wanted)
    return str(told.value)


def performance(**metrics: Any) -> str:
    told = a_performance_report({}, {}, {})
    told["performanceMetrics"][0] |= metrics
    return json.dumps(told)


def defects(bad: int, orders: int) -> dict[str, Any]:
    dates = {
        "reportingDateFrom": "2026-01-05T00:00Z",
        "reportingDateTo": "2026-03-05T23:59Z",
    }
    return {
        "reportingDateRange": dates,
        "orderCount": orders,
        "orderWithDefects": {"count": bad, "status": "GOOD"},
        "claims": {"count": 2},
        "chargebacks": {"count": 0},
        "negativeFeedback": {"count": 3},
        "rate": bad / orders,
    }


def test_amazons_account_report_tells_rates_with_their_counts_and_each_kind_of_defect() -> None:
    found = {
        one.measure: one
        for one in read(performance(orderDefectRate={"mfn": defects(4, 500), "afn": {}}))
    }
    rate = found[Measure.ORDER_DEFECT_RATE]
    assert (rate.value, rate.counted, rate.out_of) == (0.008, 4, 500)
    assert (rate.marketplace, rate.since, rate.until) == ("it", date(2026, 1, 5), date(2026, 3, 5))
    assert found[Measure.NEGATIVE_FEEDBACK].value == 3
    assert found[Measure.A_TO_Z_CLAIMS].counted == 2
    assert found[Measure.LATE_SHIPMENT].value == 0.01
    assert found[Measure.LATE_SHIPMENT].counted is None  # nobody told how many were late
    assert Measure.ORDER_DEFECT_RATE_FBA not in found


def test_counts_that_do_not_fit_their_rate_are_left_out_as_in_amazons_own_example() -> None:
    odd = {**defects(1078, 539_000), "rate": 0.009}
    rate = read(performance(orderDefectRate={"mfn": odd}))[-4]
    assert rate.measure is Measure.ORDER_DEFECT_RATE
    assert (rate.value, rate.counted) == (0.009, None)


def test_ebays_standards_come_in_per_cent_with_a_programme() -> None:
    profile = {
        "cycle": {"cycleType": "CURRENT", "evaluationDate": "2026-02-20T07:00:00.000Z"},
        "program": "PROGRAM_DE",
        "metrics": [
            {"metricKey": "MIN_TXN_COUNT", "value": 720},
            {
                "metricKey": "DEFECTIVE_TRANSACTION_RATE",
                "value": {"value": "0.42", "numerator": 3, "denominator": 720},
                "lookbackStartDate": "2025-02-01T07:00:00.000Z",
            },
        ],
    }
    for told in (profile, {"standardsProfiles": [profile]}):
        (found,) = read(json.dumps(told))
        assert found == Reading(
            measure=Measure.TRANSACTION_DEFECTS,
            marketplace="de",
            value=0.0042,
            counted=3,
            out_of=720,
            since=date(2025, 2, 1),
            until=date(2026, 2, 20),
        )


def test_negative_feedback_of_sixty_days_is_counted_and_its_language_told() -> None:
    file = read_report(FEEDBACK.encode(), made_on=TODAY)
    assert (file.platform, file.language) == ("amazon", "de")
    assert [(one.counted, one.until) for one in file.readings] == [(1, TODAY)]


def test_etsys_first_messages_are_in_time_to_the_minute() -> None:
    (found,) = read(ETSY)
    assert (found.measure, found.counted, found.out_of) == (Measure.RESPONSE_RATE, 1, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_of_our_own_is_read_in_any_spreadsheets_letters(encoding: str) -> None:
    # A column of words with an accent, so that the encodings differ at all.
    late, claims = read(PLAIN.replace("IT", "ITà").encode(encoding))
    assert (late.marketplace, late.counted, late.value) == ("ità", 3, 3 / 412)
    assert (claims.value, claims.counted) == (2.0, 2)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("0.4", 0.4), ("0,4", 0.4), ("1.204,5", 1204.5), ("1,204.5", 1204.5), ("-3", -3.0),
     ("", None), ("4 %", None), ("1.2.3", None), ("٣", 3.0), ("9" * 30, None)],
)  # fmt: skip
def test_numbers_with_points_and_commas(cell: str, value: float | None) -> None:
    assert number(cell) == value


def test_shares_counts_and_days() -> None:
    assert [share(cell) for cell in ("0,4 %", "0.4%", "0.004", "x")] == [0.004, 0.004, 0.004, None]
    assert [count(cell) for cell in ("12", "1.204", "1,5", "-1", "3000000000")] == [
        12, 1204, None, None, None,
    ]  # fmt: skip
    assert day("2026-03-10T07:00:00Z") == TODAY
    assert day("2026-02-30") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b" \n ", "it is empty"),
        (b"PK\x03\x04\x00\x00", "it is no text"),
        (b"a" * (LARGEST + 1), "5000001 bytes"),
        ("name,age\nAnna,3\n", "the formats are amazon-performance"),
        ('{"accountStatuses": [', "it may be cut off"),
        ('{"some": 1}', "neither Amazon's report"),
        ('{"accountStatuses": []}', "no figure of an account"),
        ('{"metrics": []}', "cycle.evaluationDate"),
        ("measure,until,weight\n", 'there is no column "weight"'),
        ("measure,value\nlate_shipment,1 %\n", 'the column "until" is missing'),
        ("measure,until,value\nluck,2026-03-09,1\n", 'line 2: there is no measure "luck"'),
        ("measure,until,value\nlate_shipment,9/3/26,1 %\n", "write it as 2026-03-10"),
        ("measure,until,value\nlate_shipment,2026-03-09,0,73 %\n", "more cells"),
        ("measure,until,value\nlate_shipment,2026-03-09,\n", "needs counted and out_of, or value"),
        ("measure,until,value\nlate_shipment,2026-03-09,120 %\n", "is no share"),
        ("measure,until,counted,out_of\nlate_shipment,2026-03-09,5,4\n", "more than out_of"),
        (PLAIN.replace("0,73 %", "7,3 %"), "7,3 % is not 3 of 412"),
        (PLAIN + "late_shipment;it;;2026-03-09;4;412;\n", "again, and otherwise"),
        (PLAIN.splitlines()[0], "no line under its headings"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_the_way_out(content: str | bytes, words: str) -> None:
    assert words in refused(content)


def test_a_format_that_was_asked_for_is_not_guessed_again() -> None:
    assert "second heading" in refused(PLAIN, Format.AMAZON_FEEDBACK)
    assert "no heading tells" in refused(PLAIN, Format.ETSY_MESSAGES)
    assert "not written 2026" in refused(ETSY.replace("2026-03-02 09:00\n", "soon\n"))


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=200), wanted=st.sampled_from([None, *Format]))
def test_any_bytes_are_read_or_refused(content: bytes, wanted: Format | None) -> None:
    with suppress(UnreadableReport):
        assert read(content, wanted)


def test_nothing_of_a_file_steers_the_terminal_that_shows_it() -> None:
    told = json.loads(performance())
    told["performanceMetrics"][0]["marketplaceId"] = "\x1b[2J\u202eX1"
    assert {one.marketplace for one in read(json.dumps(told))} == {"2jx1"}
    assert "\x9b" not in refused(PLAIN.replace("late_shipment", "\x9b2Jluck"))


@pytest.mark.parametrize("rate", [10**400, -1, "NaN", None, [1]])
def test_an_account_report_with_impossible_numbers_has_fewer_figures(rate: Any) -> None:
    told = performance(lateShipmentRate={**defects(1, 10), "rate": rate, "orderCount": 10**30})
    assert Measure.LATE_SHIPMENT not in {one.measure for one in account_readings(told.encode())}
    odd = performance(orderDefectRate={"mfn": {**defects(1, 10), "claims": {"count": 10**300}}})
    assert Measure.A_TO_Z_CLAIMS not in {one.measure for one in account_readings(odd.encode())}
