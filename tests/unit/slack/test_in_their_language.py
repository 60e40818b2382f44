"""Cards, lists and answers in other languages: their word order, plural forms, dates and figures."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.card import TicketView
from bot.language import Language, catalogues_in, speaking
from bot.slack.blocks import answers, kit, listing
from bot.slack.blocks.card import render_card
from bot.slack.blocks.clock_lines import clock_line
from bot.slack.blocks.clock_words import clock_phrase
from bot.slack.blocks.orders import order_blocks
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import file_type, moment, span, title
from connectors.capabilities import OrderContext
from sla_rules.vocabulary import Kind
from tests.languages import Text, write_catalogue
from tests.unit.slack.scenes import MARCO, NOON, a_clock, a_desk, a_row, a_ticket

DESK = a_desk()


def seen(elements: list[Block]) -> str:
    """A line as a client draws it, its times as they are written for the desk."""
    return "".join(str(each.get("text") or each.get("fallback")) for each in elements)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_the_words_of_a_clock_stand_where_the_language_wants_them(folder: Path) -> None:
    texts: dict[Text, Text] = {
        "{marketplace}'s {promised} limit missed {length} ago": (
            "{marketplace}: Frist von {promised} vor {length} verpasst"
        ),
    }
    write_catalogue(folder, Language.DE, texts)
    clock = a_clock(due_at=NOON - timedelta(days=2, hours=3))

    with catalogues_in(folder), speaking(Language.DE):
        said = clock_phrase(clock, a_ticket(), NOON)

    assert said == "Amazon: Frist von 24 h vor 2 d 3 h verpasst"


def test_a_time_stands_in_the_middle_where_the_verb_comes_last(folder: Path) -> None:
    write_catalogue(folder, Language.DE, {"missed {when}": "{when} verpasst"})
    clock = a_clock(due_at=NOON - timedelta(hours=1))

    with catalogues_in(folder), speaking(Language.DE):
        line = list(clock_line(clock, a_ticket(), DESK, NOON))

    assert seen(line).endswith(" · Di. 3. Feb. 12:00 MEZ verpasst")
    assert line[-2]["type"] == "date"


def test_a_queue_counts_in_the_plural_forms_of_the_language(folder: Path) -> None:
    forms: dict[Text, Text] = {
        ("{count} unclaimed ticket", "{count} unclaimed tickets, most urgent first"): (
            "{count} ticket non assegnato",
            "{count} ticket non assegnati, prima i più urgenti",
        ),
    }
    write_catalogue(folder, Language.IT, forms)

    with catalogues_in(folder), speaking(Language.IT):
        one = listing.render_queue([a_row()], "unclaimed", DESK, NOON)
        two = listing.render_queue([a_row(), a_row()], "unclaimed", DESK, NOON)

    assert one.text.startswith("1 ticket non assegnato: ")
    assert two.text.startswith("2 ticket non assegnati, prima i più urgenti: ")


def test_a_kind_of_ticket_is_named_in_the_order_of_the_language(folder: Path) -> None:
    write_catalogue(folder, Language.FR, {"{inbox} claim": "Réclamation {inbox}"})

    with catalogues_in(folder), speaking(Language.FR):
        head = title(a_ticket(kind=Kind.CLAIM), DESK)

    assert "Réclamation Amazon IT" in head


def test_who_has_a_ticket_is_one_sentence_around_its_time(folder: Path) -> None:
    english = "{who} has #{number} since {when} ({length})."
    spanish = "Desde {when} ({length}), el n.º {number} es de {who}."
    write_catalogue(folder, Language.ES, {english: spanish})

    with catalogues_in(folder), speaking(Language.ES):
        told = answers.held_by(a_ticket(), MARCO, NOON - timedelta(hours=1), DESK, NOON)

    assert told.text == "Desde mar 3 feb 12:00 CET (1 h), el n.º 17 es de Marco Riva."
    assert told.blocks[0]["elements"][0]["elements"][1]["type"] == "date"


def test_the_words_between_day_and_time_are_those_of_the_language(folder: Path) -> None:
    texts: dict[Text, Text] = {kit.DUE_FORMAT: "{date_short_pretty} alle {time}"}
    write_catalogue(folder, Language.IT, texts)

    with catalogues_in(folder), speaking(Language.IT):
        token = kit.date(NOON, kit.DUE_FORMAT, fallback=moment(NOON, DESK))

    assert token["format"] == "\u200b{date_short_pretty} alle {time}"
    assert token["fallback"] == "mar 3 feb 13:00 CET"


def test_what_nobody_has_translated_is_english_with_the_figures_of_the_language(
    folder: Path,
) -> None:
    ticket: TicketView = a_ticket(lifetime_value=1234.5, currency="EUR", orders=1)

    with catalogues_in(folder), speaking(Language.DE):
        facts = render_card(ticket, DESK, NOON).blocks[3]["elements"][0]["text"]
        assert span(timedelta(seconds=30)) == "less than a minute"

    assert "spent 1.234,50\u00a0€ so far · 1 order" in facts


@pytest.mark.parametrize(
    ("media_type", "shown"),
    [
        ("image/*", "Bilder"),
        ("font/*", "fonts"),
        ("application/pdf", "PDF"),
        ("application/x-odd", "X-ODD"),
        ("", "DATEI"),
    ],
)
def test_a_type_of_file_is_called_as_people_call_it(
    folder: Path, media_type: str, shown: str
) -> None:
    write_catalogue(folder, Language.DE, {"images": "Bilder", "FILE": "DATEI"})

    with catalogues_in(folder), speaking(Language.DE):
        assert file_type(media_type) == shown


def test_french_sets_its_spaces_before_colons_and_semicolons() -> None:
    clock = a_clock()
    ticket = a_ticket(clocks=(clock,))

    with speaking(Language.FR):
        line = seen(list(clock_line(clock, ticket, DESK, NOON)))
        listed = listing.render_queue([a_row(), a_row(number=18)], "all", DESK, NOON).text

    assert "\N{NO-BREAK SPACE}: " in line
    assert " : " not in line
    assert "\N{NO-BREAK SPACE}: #17" in listed
    assert "\N{NARROW NO-BREAK SPACE}; #18" in listed


def test_what_a_platform_does_not_tell_is_said_in_the_language_spoken() -> None:
    untold = OrderContext(gaps=("eBay does not tell whether a parcel arrived", "by hand: no"))
    ticket = a_ticket(order_context=untold)

    with speaking(Language.IT):
        parts = order_blocks(ticket, DESK)[0]["elements"]

    said = [seen(part["elements"]) for part in parts]
    assert said == [
        "Non comunicato: eBay non comunica se il pacco è arrivato",
        "Non comunicato: by hand: no",
    ]
