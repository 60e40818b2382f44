"""Dates, lengths of time, figures and amounts as somebody who grew up with each language writes them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.language import Language, forms, speaking

EN, IT, FR, DE, ES = (
    Language.EN,
    Language.IT,
    Language.FR,
    Language.DE,
    Language.ES,
)
ROME = "Europe/Rome"
TUESDAY = datetime(2026, 2, 3, 13, 0, tzinfo=UTC)
NARROW, NO_BREAK = "\u202f", "\u00a0"


def said(language: Language, form: Callable[[], str]) -> str:
    with speaking(language):
        return form()


@pytest.mark.parametrize(
    ("language", "winter", "summer"),
    [
        (EN, "Tue 3 Feb 14:00 CET", "Tue 1 Sep 15:00 CEST"),
        (IT, "mar 3 feb 14:00 CET", "mar 1 set 15:00 CEST"),
        (FR, "mar. 3 févr. 14:00 CET", "mar. 1 sept. 15:00 CEST"),
        (DE, "Di. 3. Feb. 14:00 MEZ", "Di. 1. Sept. 15:00 MESZ"),
        (ES, "mar 3 feb 14:00 CET", "mar 1 sept 15:00 CEST"),
    ],
)
def test_a_moment_is_written_in_its_zone(language: Language, winter: str, summer: str) -> None:
    september = TUESDAY + timedelta(days=210)

    assert said(language, lambda: forms.moment(TUESDAY, ROME)) == winter
    assert said(language, lambda: forms.moment(september, ROME)) == summer


@pytest.mark.parametrize(
    ("minute", "written"),
    [
        (0, "So. 25. Okt. 02:30 MESZ"),
        (60, "So. 25. Okt. 02:30 MEZ"),
        (120, "So. 25. Okt. 03:30 MEZ"),
    ],
)
def test_the_hour_that_comes_twice_is_told_by_its_zone(minute: int, written: str) -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    at = first + timedelta(minutes=minute)

    assert said(DE, lambda: forms.moment(at, ROME)) == written


def test_the_hour_that_is_left_out_is_not_written() -> None:
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)

    assert said(IT, lambda: forms.moment(before, ROME)) == "dom 29 mar 01:59 CET"
    after = before + timedelta(minutes=1)
    assert said(IT, lambda: forms.moment(after, ROME)) == "dom 29 mar 03:00 CEST"


def test_a_zone_without_a_name_of_its_own_is_written_as_it_is_called_there() -> None:
    assert said(DE, lambda: forms.moment(TUESDAY, "America/New_York")) == "Di. 3. Feb. 08:00 EST"
    assert said(FR, lambda: forms.moment(TUESDAY, "UTC")) == "mar. 3 févr. 13:00 UTC"


@pytest.mark.parametrize(
    ("language", "written"),
    [(EN, "3 Feb"), (IT, "3 feb"), (FR, "3 févr."), (DE, "3. Feb."), (ES, "3 feb")],
)
def test_a_day_is_written_short(language: Language, written: str) -> None:
    assert said(language, lambda: forms.short_day(date(2026, 2, 3))) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        (EN, "Friday 20 November"),
        (IT, "venerdì 20 novembre"),
        (FR, "vendredi 20 novembre"),
        (DE, "Freitag, 20. November"),
        (ES, "viernes, 20 de noviembre"),
    ],
)
def test_a_day_is_written_by_its_weekday(language: Language, written: str) -> None:
    assert said(language, lambda: forms.long_day(date(2026, 11, 20))) == written


@pytest.mark.parametrize(
    ("language", "minutes", "hours", "days"),
    [
        (EN, "1 min", "2 h 30 min", "2 d 3 h"),
        (IT, "1 min", "2 h 30 min", "2 gg 3 h"),
        (FR, f"1{NARROW}min", f"2{NARROW}h 30{NARROW}min", f"2{NARROW}j 3{NARROW}h"),
        (DE, "1 min", "2 h 30 min", "2 d 3 h"),
        (ES, "1 min", "2 h 30 min", "2 d 3 h"),
    ],
)
def test_a_length_of_time_is_said_in_the_units_of_the_language(
    language: Language, minutes: str, hours: str, days: str
) -> None:
    assert said(language, lambda: forms.span(timedelta(minutes=1))) == minutes
    assert said(language, lambda: forms.span(timedelta(minutes=150))) == hours
    assert said(language, lambda: forms.span(-timedelta(days=2, hours=3))) == days


@pytest.mark.parametrize(
    ("language", "four", "five", "exact"),
    [
        (EN, "1,234", "12,345", "1,234,567.50"),
        (IT, "1.234", "12.345", "1.234.567,50"),
        (FR, f"1{NARROW}234", f"12{NARROW}345", f"1{NARROW}234{NARROW}567,50"),
        (DE, "1.234", "12.345", "1.234.567,50"),
        (ES, "1234", "12.345", "1.234.567,50"),
    ],
)
def test_figures_have_the_marks_of_the_language(
    language: Language, four: str, five: str, exact: str
) -> None:
    assert said(language, lambda: forms.number(0)) == "0"
    assert said(language, lambda: forms.number(1234)) == four
    assert said(language, lambda: forms.number(12_345)) == five
    assert said(language, lambda: forms.number(-12_345)) == f"-{five}"
    assert said(language, lambda: forms.number(Decimal("1234567.50"))) == exact


@pytest.mark.parametrize(
    ("language", "whole", "part"),
    [
        (EN, "95 %", "99.5 %"),
        (IT, "95%", "99,5%"),
        (FR, f"95{NO_BREAK}%", f"99,5{NO_BREAK}%"),
        (DE, f"95{NO_BREAK}%", f"99,5{NO_BREAK}%"),
        (ES, f"95{NO_BREAK}%", f"99,5{NO_BREAK}%"),
    ],
)
def test_a_share_is_written_with_its_sign(language: Language, whole: str, part: str) -> None:
    assert said(language, lambda: forms.percent(95)) == whole
    assert said(language, lambda: forms.percent(Decimal("99.5"))) == part


@pytest.mark.parametrize(
    ("language", "euros", "owed"),
    [
        (EN, "1,234.50 EUR", "-0.99 EUR"),
        (IT, f"1.234,50{NO_BREAK}€", f"-0,99{NO_BREAK}€"),
        (FR, f"1{NARROW}234,50{NO_BREAK}€", f"-0,99{NO_BREAK}€"),
        (DE, f"1.234,50{NO_BREAK}€", f"-0,99{NO_BREAK}€"),
        (ES, f"1234,50{NO_BREAK}€", f"-0,99{NO_BREAK}€"),
    ],
)
def test_money_is_shown_to_agents_in_their_language(
    language: Language, euros: str, owed: str
) -> None:
    assert said(language, lambda: forms.amount(Decimal("1234.5"), "EUR")) == euros
    assert said(language, lambda: forms.amount(Decimal("-0.99"), "EUR")) == owed


def test_money_without_a_currency_is_a_figure() -> None:
    assert said(DE, lambda: forms.amount(Decimal("1234.5"), "")) == "1.234,50"
    assert said(EN, lambda: forms.amount(Decimal("1234.5"), "")) == "1,234.50"


@pytest.mark.parametrize(
    ("language", "small", "large"),
    [
        (EN, "120 kB", "2.4 MB"),
        (IT, "120 kB", "2,4 MB"),
        (FR, f"120{NARROW}ko", f"2,4{NARROW}Mo"),
        (DE, "120 kB", "2,4 MB"),
        (ES, "120 kB", "2,4 MB"),
    ],
)
def test_the_size_of_a_file_is_said_in_two_figures_or_three(
    language: Language, small: str, large: str
) -> None:
    assert said(language, lambda: forms.file_size(119_600)) == small
    assert said(language, lambda: forms.file_size(2_400_000)) == large


@pytest.mark.parametrize(
    ("language", "two", "three"),
    [
        (EN, "Ada and Bo", "Ada, Bo and Cy"),
        (IT, "Ada e Bo", "Ada, Bo e Cy"),
        (FR, "Ada et Bo", "Ada, Bo et Cy"),
        (DE, "Ada und Bo", "Ada, Bo und Cy"),
        (ES, "Ada y Bo", "Ada, Bo y Cy"),
    ],
)
def test_names_are_listed_with_an_and_before_the_last(
    language: Language, two: str, three: str
) -> None:
    assert said(language, lambda: forms.listed([])) == ""
    assert said(language, lambda: forms.listed(["Ada"])) == "Ada"
    assert said(language, lambda: forms.listed(["Ada", "Bo"])) == two
    assert said(language, lambda: forms.listed(["Ada", "Bo", "Cy"])) == three


@pytest.mark.parametrize(
    ("language", "german"),
    [(EN, "German"), (IT, "tedesco"), (FR, "allemand"), (DE, "Deutsch"), (ES, "alemán")],
)
def test_a_language_is_called_by_its_name(language: Language, german: str) -> None:
    assert said(language, lambda: forms.language_name("de")) == german
    assert said(language, lambda: forms.language_name("xx")) == "XX"


@pytest.mark.parametrize(
    ("language", "first", "third"),
    [
        ("en", "1 March 2026", "3 March 2026"),
        ("it", "1º marzo 2026", "3 marzo 2026"),
        ("fr", "1er mars 2026", "3 mars 2026"),
        ("de", "1. März 2026", "3. März 2026"),
        ("es", "1 de marzo de 2026", "3 de marzo de 2026"),
        ("pl", "1 marca 2026", "3 marca 2026"),
        ("nl", "1 maart 2026", "3 maart 2026"),
        ("pt-BR", "1 de março de 2026", "3 de março de 2026"),
        ("ar", "1 مارس 2026", "3 مارس 2026"),
        ("zz-none", "2026-03-01", "2026-03-03"),
        ("", "2026-03-01", "2026-03-03"),
    ],
)
def test_customers_read_dates_as_their_language_writes_them(
    language: str, first: str, third: str
) -> None:
    assert forms.date_in(language, date(2026, 3, 1)) == first
    assert forms.date_in(language, date(2026, 3, 3)) == third


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("en", "24.9", "EUR", "€24.90"),
        ("en", "-1234.5", "GBP", "-£1,234.50"),
        ("en", "20", "PLN", f"PLN{NO_BREAK}20.00"),
        ("it", "24.9", "EUR", f"24,90{NO_BREAK}€"),
        ("it", "0", "EUR", f"0,00{NO_BREAK}€"),
        ("fr", "1234.5", "EUR", f"1{NARROW}234,50{NO_BREAK}€"),
        ("de", "1234.5", "EUR", f"1.234,50{NO_BREAK}€"),
        ("de", "-24.9", "eur", f"-24,90{NO_BREAK}€"),
        ("de", "1200", "JPY", f"1.200{NO_BREAK}¥"),
        ("es", "1234.5", "EUR", f"1234,50{NO_BREAK}€"),
        ("es", "12345.5", "EUR", f"12.345,50{NO_BREAK}€"),
        ("pl", "1234.5", "PLN", f"1234,50{NO_BREAK}zł"),
        ("pt-PT", "1234.5", "EUR", f"1234,50{NO_BREAK}€"),
        ("sv", "1234.5", "SEK", f"1{NO_BREAK}234,50{NO_BREAK}kr"),
        ("it", "1.005", "EUR", f"1,01{NO_BREAK}€"),
        ("ar", "-24.9", "SEK", f"-24.90{NO_BREAK}SEK"),
        ("fr", "24.9", "", "24,90"),
        ("zz-none", "1234.5", "SEK", "1234.50 SEK"),
        ("", "24.9", "", "24.90"),
    ],
)
def test_customers_read_amounts_as_their_language_writes_them(
    language: str, amount: str, currency: str, written: str
) -> None:
    assert forms.amount_in(language, Decimal(amount), currency) == written


@pytest.mark.parametrize(
    ("language", "led", "joined", "quoted"),
    [
        (EN, "Limit: ", "one; two", "“late”"),
        (IT, "Limit: ", "one; two", "“late”"),
        (FR, f"Limit{NO_BREAK}: ", f"one{NARROW}; two", f"«{NARROW}late{NARROW}»"),
        (DE, "Limit: ", "one; two", "„late“"),
        (ES, "Limit: ", "one; two", "«late»"),
    ],
)
def test_marks_stand_as_the_language_sets_them(
    language: Language, led: str, joined: str, quoted: str
) -> None:
    assert said(language, lambda: forms.led("Limit")) == led
    assert said(language, lambda: forms.joined(["one", "two"])) == joined
    assert said(language, lambda: forms.quoted("late")) == quoted
