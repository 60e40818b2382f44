"""What channels of reviews share: stars, words, settings, public answers."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from connectors.contract import Absent, Found, ReplyReceipt, Unknown, Verdict
from connectors.errors import Rejected
from connectors.reviews import (
    Review,
    ReviewConfig,
    Standing,
    changed_at,
    full_words_of,
    looked_for,
    mark_of,
    meaning_of,
    public_answer,
    stars_line,
    stars_of,
    subject_of,
    words_of,
)
from connectors.traces import references
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
RECEIPT = ReplyReceipt(external_id="reply:1", accepted_at=NOW)


@pytest.mark.parametrize(
    ("stars", "limit", "topic"),
    [
        (1, 2, Topic.NEGATIVE_REVIEW),
        (2, 2, Topic.NEGATIVE_REVIEW),
        (3, 2, Topic.REVIEW),
        (3, 3, Topic.NEGATIVE_REVIEW),
        (5, 3, Topic.REVIEW),
        (2, 1, Topic.REVIEW),
        (None, 3, Topic.REVIEW),
    ],
)
def test_the_setting_says_from_where_on_a_review_is_bad(
    stars: int | None, limit: int, topic: Topic
) -> None:
    found = meaning_of(Review(stars=stars, text="x"), ReviewConfig(negative_up_to=limit))

    assert found.topic is topic


@pytest.mark.parametrize(
    ("setting", "text", "revised", "verdict"),
    [
        ("words", "Great", False, Verdict.CUSTOMER),
        ("words", "", False, Verdict.BULK),
        ("words", " ", True, Verdict.NOTICE),
        ("ticket", "", False, Verdict.CUSTOMER),
        ("notice", "Great", False, Verdict.NOTICE),
        ("quiet", "Great", False, Verdict.BULK),
        ("quiet", "Great", True, Verdict.NOTICE),
    ],
)
def test_the_setting_says_what_becomes_of_praise(
    setting: str, text: str, revised: bool, verdict: Verdict
) -> None:
    config = ReviewConfig.model_validate({"positive": setting})
    found = meaning_of(Review(stars=5, text=text, revised=revised), config)

    assert found.verdict is verdict
    assert (found.kind is Kind.NOTICE) == (verdict is Verdict.NOTICE)


@pytest.mark.parametrize("stars", [1, 2, 3, None])
def test_what_is_no_praise_waits_for_an_answer_whatever_the_setting(stars: int | None) -> None:
    quiet = ReviewConfig(positive="quiet")

    assert meaning_of(Review(stars=stars), quiet).verdict is Verdict.CUSTOMER


@pytest.mark.parametrize("wrong", [{"negative_up_to": 4}, {"negative_up_to": 0}, {"positive": "x"}])
def test_a_setting_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ReviewConfig.model_validate(wrong)


def test_stars_without_words_can_be_read() -> None:
    assert words_of(Review(stars=2)) == "★★☆☆☆ no text"
    assert words_of(Review(stars=None, text=" \n")) == "no stars no text"
    assert subject_of(Review(stars=2)) == "★★☆☆☆"


def test_a_title_names_the_ticket_and_is_the_text_where_there_is_no_other() -> None:
    titled = Review(stars=1, title="  Never\narrived ")

    assert subject_of(titled, "the shop") == "★☆☆☆☆ Never arrived"
    assert words_of(titled) == "  Never\narrived "
    assert full_words_of(titled).startswith("★☆☆☆☆ Never arrived\n\n")


def test_a_changed_review_says_its_stars_in_the_text() -> None:
    assert words_of(Review(stars=4, text="Fine now.", revised=True)) == "★★★★☆ (changed)\nFine now."


@pytest.mark.parametrize(
    ("told", "stars"), [(0, None), (6, None), (-1, None), (None, None), (5, 5)]
)
def test_a_number_of_stars_that_cannot_be_is_not_known(told: int | None, stars: int | None) -> None:
    assert stars_of(told) == stars


def test_stars_are_drawn() -> None:
    assert [stars_line(number) for number in (1, 5, None)] == ["★☆☆☆☆", "★★★★★", "no stars"]


@pytest.mark.parametrize(
    "text",
    ["Your order BS-20417 is lost.", "bs 20417", "It was №BS20417!", "write to N.Q@mail.example"],
)
def test_what_is_private_may_not_stand_in_public(text: str) -> None:
    with pytest.raises(Rejected, match="anybody can read it"):
        public_answer(text, ["BS-20417", "n.q@mail.example", "", "7"])


def test_an_answer_without_anything_private_goes_out_as_it_is() -> None:
    assert public_answer(" We are sorry.\n", ["BS-20417", "7"]) == " We are sorry.\n"


def test_an_empty_answer_is_refused() -> None:
    with pytest.raises(Rejected, match="empty"):
        public_answer(" \n ")


@pytest.mark.parametrize(
    ("standing", "kind"),
    [
        (None, Absent),
        (Standing(text="Another text", at=NOW), Absent),
        (Standing(text="We are\n sorry", at=NOW), Found),
        (Standing(text="We are sorry", at=NOW - timedelta(minutes=1)), Unknown),
        (Standing(text="We are sorry", at=NOW - timedelta(hours=1)), Absent),
        (Standing(text="We are sorry", at=None), Unknown),
    ],
)
def test_an_answer_is_found_by_its_words_and_its_time(
    standing: Standing | None, kind: type
) -> None:
    assert isinstance(looked_for(standing, "We are sorry", NOW, RECEIPT), kind)


def test_an_answer_told_in_whole_seconds_is_found() -> None:
    decided = NOW + timedelta(milliseconds=700)

    assert looked_for(Standing(text="Sorry", at=NOW), "Sorry", decided, RECEIPT) == Found(
        receipt=RECEIPT
    )


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changed", "answered", "found"),
    [
        (None, [], None),
        (NOW, [], None),
        (NOW + timedelta(seconds=59), [], None),
        (NOW + HOUR, [], NOW + HOUR),
        (NOW + HOUR, [None, NOW + HOUR + timedelta(seconds=2)], None),
        (NOW + HOUR, [NOW + 2 * HOUR], NOW + HOUR),
        (NOW - HOUR, [], None),
    ],
)
def test_a_change_is_the_customers_unless_an_answer_explains_it(
    changed: datetime | None, answered: list[datetime | None], found: datetime | None
) -> None:
    assert changed_at(NOW, changed, answered) == found


def test_blanks_make_no_other_version() -> None:
    assert mark_of(1, "a  b\n") == mark_of(1, "a b")
    assert mark_of(1, "a", "b") != mark_of(1, "a b")
    assert len(mark_of("\ud800")) == 12


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Your order 10023 left.", ["10023"]),
        ("Order #1001 left.", ["#1001"]),
        ("L'ordine n. 2024-118 è partito.", ["2024-118"]),
        ("Bestellnummer: AB-99812", ["AB-99812"]),
        ("Votre commande n° FR12345678", ["FR12345678"]),
        ("Su pedido nº 55512", ["55512"]),
        ("Amazon 404-1234567-1234567", ["404-1234567-1234567"]),
        ("Your order of 2026-11-12, or of 24/12/2026", []),
        ("Your order in 2026", []),
        ("Your order comes within 14 days.", []),
        ("We have 12000 happy customers.", []),
        ("You are our #1!", []),
    ],
)
def test_the_numbers_of_orders_are_told_from_other_numbers(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in references(text)] == found
