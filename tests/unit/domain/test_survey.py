"""Who may be asked to rate an answer, in which words, and how long the link below it is."""

from dataclasses import fields
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.survey import (
    LASTS,
    PURPOSE,
    SurveyKind,
    customers_language,
    link_claims,
    longest_link,
    shown_link,
)
from bot.domain.survey_words import EN, SURVEY_WORDS, SurveyWords, asking, question
from bot.language import Language
from connectors.registry import load_connectors
from connectors.reply_guard import check_reply
from tests.api_world import some_links
from tests.builders import NOW

SPECS = load_connectors().specs
LINK = "https://desk.rossi.example/survey/abc"


def test_only_the_shops_own_channels_may_lead_a_customer_to_a_page() -> None:
    may = {key for key, spec in SPECS.items() if spec.manifest.lets_ask_for_ratings}

    assert may == {"shopify", "website"}


@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_text_with_its_values(language: Language) -> None:
    words = SURVEY_WORDS[language]

    assert len(words.satisfied) == len(SurveyKind.CSAT.scores)
    for field in fields(SurveyWords):
        assert values_in(getattr(words, field.name)) == values_in(getattr(EN, field.name)), field
        assert "".join(getattr(words, field.name)).strip()


def values_in(text: str | tuple[str, ...]) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse("".join(text))} - {None}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", SurveyKind)
def test_no_rule_of_these_channels_has_anything_against_the_question(
    kind: SurveyKind, language: Language
) -> None:
    text = asking("It left today.", kind, language, "Casa Conti", LINK)

    assert text.startswith("It left today.\n\n")
    assert text.endswith(f"\n{LINK}")
    for key in ("shopify", "website"):
        assert list(check_reply(text, SPECS[key].manifest, ())) == []


def test_the_question_names_the_shop_where_somebody_wrote_its_name_down() -> None:
    assert "Casa Conti" in question(SurveyKind.NPS, Language.DE, "Casa Conti")
    assert "uns weiterempfehlen" in question(SurveyKind.NPS, Language.DE, "")


@pytest.mark.parametrize(
    ("said", "spoken"),
    [("it", Language.IT), ("de-AT", Language.DE), ("pt", Language.FR), (None, Language.FR)],
)
def test_a_customer_is_asked_in_their_language_or_else_in_the_desks(
    said: str | None, spoken: Language
) -> None:
    assert customers_language(said, Language.FR) is spoken


@given(st.integers(min_value=1, max_value=2**63 - 1))
def test_no_link_takes_more_room_than_was_counted(feedback_id: int) -> None:
    links = some_links()
    real = links.make(PURPOSE, link_claims(feedback_id), now=NOW, lasts=LASTS)

    assert len(real) <= len(longest_link(links, NOW))
    assert shown_link(links) == f"{links.base_url}/survey/…"
