"""Times in the words of every language the bot speaks, whatever language is spoken."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from bot.language import Language, speaking
from bot.slack.when import read_when
from bot.slack.when_words import TIME_WORDS

ROME = ZoneInfo("Europe/Rome")
TUESDAY_NOON = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)  # 13:00 in Rome


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("today 18:00", "2026-02-03T17:00"),
        ("the day after tomorrow 8:00", "2026-02-05T07:00"),
        ("on thursday at 8", "2026-02-05T07:00"),
        ("domani 9:00", "2026-02-04T08:00"),
        ("domani alle 14", "2026-02-04T13:00"),
        ("dopodomani", "2026-02-05T08:00"),
        ("fino a domani alle ore 7.30", "2026-02-04T06:30"),
        ("oggi alle 18", "2026-02-03T17:00"),
        ("fino alle 18", "2026-02-03T17:00"),
        ("lunedì 9:30", "2026-02-09T08:30"),
        ("mercoledi", "2026-02-04T08:00"),
        ("fino al venerdì", "2026-02-06T08:00"),
        ("tra 2 ore", "2026-02-03T14:00"),
        ("fra 2 ore e 30 minuti", "2026-02-03T14:30"),
        ("per 3 giorni", "2026-02-06T12:00"),
        ("2 settimane", "2026-02-17T12:00"),
        ("demain", "2026-02-04T08:00"),
        ("demain 9h", "2026-02-04T08:00"),
        ("jusqu'à demain 9 h", "2026-02-04T08:00"),
        ("jusqu\u2019à 18h30", "2026-02-03T17:30"),
        ("jusqu'à 18h", "2026-02-03T17:00"),
        ("jusqu'au lundi", "2026-02-09T08:00"),
        ("après-demain à 8h", "2026-02-05T07:00"),
        ("aujourd'hui à 18h", "2026-02-03T17:00"),
        ("jeu. 8:30", "2026-02-05T07:30"),
        ("dans 2 heures", "2026-02-03T14:00"),
        ("dans 1h30", "2026-02-03T13:30"),
        ("pendant 3 jours", "2026-02-06T12:00"),
        ("1 semaine et 1 jour", "2026-02-11T12:00"),
        ("morgen", "2026-02-04T08:00"),
        ("bis morgen 7:30 Uhr", "2026-02-04T06:30"),
        ("übermorgen", "2026-02-05T08:00"),
        ("uebermorgen um 8", "2026-02-05T07:00"),
        ("heute 18 Uhr", "2026-02-03T17:00"),
        ("bis 18 Uhr", "2026-02-03T17:00"),
        ("bis 18 h", "2026-02-03T17:00"),
        ("bis zum Montag", "2026-02-09T08:00"),
        ("am Freitag um 8", "2026-02-06T07:00"),
        ("in 2 Stunden", "2026-02-03T14:00"),
        ("in 2 Std. und 5 Minuten", "2026-02-03T14:05"),
        ("für 3 Tage", "2026-02-06T12:00"),
        ("1 Woche", "2026-02-10T12:00"),
        ("3 T", "2026-02-06T12:00"),
        ("mañana", "2026-02-04T08:00"),
        ("manana a las 7", "2026-02-04T06:00"),
        ("pasado mañana 8:00", "2026-02-05T07:00"),
        ("hoy a las 18:00", "2026-02-03T17:00"),
        ("hasta las 18", "2026-02-03T17:00"),
        ("lunes", "2026-02-09T08:00"),
        ("hasta el miércoles a las 10", "2026-02-04T09:00"),
        ("sáb. 8:00", "2026-02-07T07:00"),
        ("en 2 horas", "2026-02-03T14:00"),
        ("dentro de 90 minutos", "2026-02-03T13:30"),
        ("durante 3 días y 1 hora", "2026-02-06T13:00"),
    ],
)
def test_a_time_is_read_in_every_language(said: str, meant: str) -> None:
    when = read_when(said)

    assert when is not None
    expected = datetime.fromisoformat(meant).replace(tzinfo=UTC)
    assert when.resolve(TUESDAY_NOON, ROME) == expected


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("day", range(7))
def test_every_name_of_a_day_is_that_day_where_its_language_is_spoken(
    language: Language, day: int
) -> None:
    with speaking(language):
        for name in TIME_WORDS[language].weekdays[day]:
            when = read_when(f"{name} 8:30")
            assert when is not None
            assert when.weekday == day


@pytest.mark.parametrize(("said", "german", "other"), [("di", 1, 6), ("do", 3, 6)])
def test_a_short_form_of_two_days_is_read_only_where_its_language_is_spoken(
    said: str, german: int, other: int
) -> None:
    assert read_when(said) is None
    for language, day in (
        (Language.DE, german),
        (Language.FR if said == "di" else Language.ES, other),
    ):
        with speaking(language):
            when = read_when(said)
            assert when is not None
            assert when.weekday == day


def test_no_word_for_a_length_or_a_day_ahead_means_two_things() -> None:
    for one, other in combinations(TIME_WORDS.values(), 2):
        for word in one.units.keys() & other.units.keys():
            assert one.units[word] == other.units[word], word
        for phrase in one.ahead.keys() & other.ahead.keys():
            assert one.ahead[phrase] == other.ahead[phrase], phrase


@pytest.mark.parametrize(
    "said",
    ["oggi", "today", "heute", "2 mesi", "domani forse", "400 Tage", "morgen 25 Uhr", "jusqu'à"],
)
def test_what_is_no_time_in_any_language_is_refused(said: str) -> None:
    assert read_when(said) is None


def test_an_hour_of_today_that_is_over_is_not_moved_to_another_day() -> None:
    when = read_when("heute 9 Uhr")

    assert when is not None
    assert when.resolve(TUESDAY_NOON, ROME) == TUESDAY_NOON - timedelta(hours=4)
