"""What a language file says, and what becomes of its mistakes."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.language import (
    Language,
    catalogues_in,
    language_named,
    language_of,
    marked,
    speaking,
    spoken_now,
    tr,
    tr_as,
    tr_many,
    tr_parts,
)
from bot.language.catalogue import placeholders, read_catalogue
from tests.languages import write_catalogue

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'


def test_a_text_is_said_in_the_language_spoken_and_its_values_are_put_in(tmp_path: Path) -> None:
    write_catalogue(tmp_path, Language.DE, {"{who} claimed it": "{who} hat es übernommen"})

    with catalogues_in(tmp_path), speaking(Language.DE):
        said = tr("{who} claimed it", who="Anna")

    assert said == "Anna hat es übernommen"


def test_english_and_what_has_no_translation_are_said_as_the_code_has_them(tmp_path: Path) -> None:
    write_catalogue(tmp_path, Language.IT, {"Claim": "Prendi"})

    with catalogues_in(tmp_path):
        english = tr("Claim")
        with speaking(Language.IT):
            unknown = tr("{count} of {all}", count=1, all=2)
        with speaking(Language.FR):
            without_file = tr("Claim")

    assert (english, unknown, without_file) == ("Claim", "1 of 2", "Claim")


@pytest.mark.parametrize(("count", "said"), [(0, "0 aperto"), (1, "1 aperto"), (2, "2 aperti")])
def test_a_count_takes_the_form_its_language_has_for_it(
    tmp_path: Path, count: int, said: str
) -> None:
    path = tmp_path / "it.po"
    path.write_text(
        HEADER
        + '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        + 'msgid "{count} open"\nmsgid_plural "{count} open ones"\n'
        + 'msgstr[0] "{count} aperto"\nmsgstr[1] "{count} aperti"\n',
        encoding="utf-8",
    )

    with catalogues_in(tmp_path), speaking(Language.IT):
        assert tr_many("{count} open", "{count} open ones", count) == said


def test_english_has_one_form_for_one_and_another_for_all_else() -> None:
    assert [tr_many("{count} ticket", "{count} tickets", n) for n in (0, 1, 2)] == [
        "0 tickets",
        "1 ticket",
        "2 tickets",
    ]


def test_one_form_may_leave_its_figure_out(tmp_path: Path) -> None:
    forms = ("ein Ticket", "{count} Tickets")
    write_catalogue(tmp_path, Language.DE, {("{count} ticket", "{count} tickets"): forms})

    with catalogues_in(tmp_path), speaking(Language.DE):
        assert [tr_many("{count} ticket", "{count} tickets", n) for n in (1, 3)] == [
            "ein Ticket",
            "3 Tickets",
        ]


def test_a_word_with_two_meanings_has_two_translations(tmp_path: Path) -> None:
    write_catalogue(tmp_path, Language.FR, {"open": "ouvert"}, meaning="of a ticket")

    with catalogues_in(tmp_path), speaking(Language.FR):
        assert tr_as("of a ticket", "open") == "ouvert"
        assert tr_as("button", "open") == "open"
        assert tr("open") == "open"


def test_pieces_come_in_the_order_of_the_translation_and_values_stay_what_they_are(
    tmp_path: Path,
) -> None:
    write_catalogue(tmp_path, Language.DE, {"{who} until {end}.": "Bis {end}: {who}"})
    who, end = object(), object()

    with catalogues_in(tmp_path), speaking(Language.DE):
        assert tr_parts("{who} until {end}.", who=who, end=end) == ["Bis ", end, ": ", who]


def test_a_translation_that_nobody_has_checked_is_not_said(tmp_path: Path) -> None:
    path = tmp_path / "es.po"
    path.write_text(f'{HEADER}\n#, fuzzy\nmsgid "Claim"\nmsgstr "Dudoso"\n', encoding="utf-8")

    with catalogues_in(tmp_path), speaking(Language.ES):
        assert tr("Claim") == "Claim"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("ha preso", "it names nothing where the English names {who}"),
        ("{chi} ha preso", "it names {chi} where the English names {who}"),
        ("{who} ha preso {number}", "it names {number}, {who} where the English names {who}"),
        ("{who ha preso", "its braces cannot be read"),
        ("{who} ha {} preso", "its braces cannot be read"),
        ("{who!r} {who.name}", "its braces cannot be read"),
        ("{who:>99999}", "its braces cannot be read"),
    ],
)
def test_a_slip_in_one_line_costs_that_sentence_and_is_logged_with_its_line(
    tmp_path: Path, said: str, problem: str
) -> None:
    path = tmp_path / "it.po"
    path.write_text(
        f'{HEADER}\nmsgid "{{who}} claimed it"\nmsgstr "{said}"\n\n'
        'msgid "Claim"\nmsgstr "Prendi"\n',
        encoding="utf-8",
    )

    with capture_logs() as logs, catalogues_in(tmp_path), speaking(Language.IT):
        answers = [tr("{who} claimed it", who="Anna"), tr("Claim"), tr("{who} claimed it", who="B")]

    assert answers == ["Anna claimed it", "Prendi", "B claimed it"]
    (slip,) = [each for each in logs if each["event"] == "language.slip"]
    assert slip["problem"].startswith("it.po, line 5: ")
    assert problem in slip["problem"]


def test_words_in_braces_that_no_value_replaces_stay_as_they_are(tmp_path: Path) -> None:
    english, said = "Write {order.id} there.", "Scrivi lì {order.id}."
    write_catalogue(tmp_path, Language.IT, {english: said})
    write_catalogue(tmp_path, Language.ES, {english: "Escribe ahí {pedido.id}."})

    with catalogues_in(tmp_path):
        with speaking(Language.IT):
            assert tr(english) == said
        with speaking(Language.ES):
            assert tr(english) == english


@pytest.mark.parametrize(
    "content",
    [
        b'msgid "Claim"\nmsgstr "Prendi\n',
        b'msgid "Claim"\nmsgstr "Prendi"\nnonsense\n',
        b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "\xff"\n',
        b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=klingon\\n"\n\nmsgid "\xc3\xaa"\n',
    ],
)
def test_a_file_that_cannot_be_read_costs_its_language_and_never_an_answer(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "it.po").write_bytes(content)
    write_catalogue(tmp_path, Language.DE, {"Claim": "Übernehmen"})

    with capture_logs() as logs, catalogues_in(tmp_path):
        with speaking(Language.IT):
            italian = tr("Claim")
        with speaking(Language.DE):
            german = tr("Claim")

    assert (italian, german) == ("Claim", "Übernehmen")
    assert [each["file"] for each in logs if each["event"] == "language.unreadable"] == ["it.po"]


def test_a_broken_file_says_where_it_ceases_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "it.po"
    path.write_text('msgid "Claim"\nmsgstr "Prendi"\nnonsense\n', encoding="utf-8")

    with pytest.raises(ValueError, match=r"^it\.po, line 3: "):
        read_catalogue(path)


def test_what_is_spoken_inside_ends_with_it() -> None:
    with speaking(Language.FR):
        with speaking(Language.DE):
            assert spoken_now() is Language.DE
        assert spoken_now() is Language.FR
    assert spoken_now() is Language.EN


def test_a_text_that_is_only_marked_stays_what_it_is(tmp_path: Path) -> None:
    write_catalogue(tmp_path, Language.DE, {"Claim": "Übernehmen"})
    with catalogues_in(tmp_path), speaking(Language.DE):
        assert marked("Claim") == "Claim"
        assert tr(marked("Claim")) == "Übernehmen"


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("it-IT", Language.IT),
        ("de_AT", Language.DE),
        ("ES", Language.ES),
        ("en-GB", Language.EN),
        ("pt-BR", None),
        ("C.UTF-8", None),
        ("", None),
    ],
)
def test_a_locale_is_a_language_where_the_bot_speaks_it(
    locale: str, language: Language | None
) -> None:
    assert language_of(locale) is language


@pytest.mark.parametrize(
    ("said", "language"),
    [("it", Language.IT), (" Français ", Language.FR), ("deutsch", Language.DE), ("klingon", None)],
)
def test_a_language_is_known_by_its_code_and_by_its_own_name(
    said: str, language: Language | None
) -> None:
    assert language_named(said) is language


def test_the_names_in_braces_are_found() -> None:
    assert placeholders("{who} has {count} {{of these}}") == {"who", "count"}
