"""The text of a macro: its grammar, what fills it, and what is missing in it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.configuration.macros import (
    Macro,
    MacroMistake,
    Slot,
    Variable,
    check_name,
    read_text,
)
from bot.domain.macros import (
    Situation,
    fill,
    gap,
    gap_refusal,
    gaps_in,
    inserted,
    named,
    speaks,
    usable,
)

NAME, URL = Variable.CUSTOMER_FIRST_NAME, Variable.TRACKING_URL
ANYTHING = st.text(max_size=60)
WORDS = ANYTHING.filter(lambda text: text.strip() != "")


def written(text: str) -> str:
    """Any text, as somebody would write it in a macro."""
    return text.replace("{", "{{").replace("}", "}}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {customer.first_name},", "Hello Maria,"),
        ("Hello { Customer.First_Name },", "Hello Maria,"),
        ("{customer.first_name|there}", "Maria"),
        ("{customer.name|dear customer}", "dear customer"),
        ("{customer.name|}!", "!"),
        ("{{order}} } }}", "{order} } }"),
        ("{customer.first_name}}}", "Maria}"),
    ],
)
def test_variables_become_values_and_doubled_braces_braces(text: str, said: str) -> None:
    assert fill(text, {NAME: "Maria"}).text == said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hi {customer.frst_name}", "Write {customer.first_name}"),
        ("Hi {x}", "Known: customer.first_name"),
        ("Hi {}", "is no variable"),
        ("Hi {customer.name", "nothing closes"),
        ("a { b {order.id}", "nothing closes"),
        ("  ", "is no answer"),
        ("x" * 3001, "3001 characters"),
    ],
)
def test_a_text_that_cannot_be_meant_is_refused_with_what_to_write(text: str, told: str) -> None:
    with pytest.raises(MacroMistake) as refusal:
        read_text(text)
    assert told in str(refusal.value)


@pytest.mark.parametrize("name", ["", "two words", "!thanks", "-x", "x" * 41, "a:b", "a/b"])
def test_a_name_that_could_not_be_typed_is_refused(name: str) -> None:
    with pytest.raises(MacroMistake):
        check_name(name)


@pytest.mark.parametrize("name", ["thanks", "where-is-it", "größe", "2nd.try", "x_y"])
def test_one_word_is_a_name(name: str) -> None:
    check_name(name)


@given(WORDS)
def test_any_text_survives_being_a_macro(text: str) -> None:
    plain = text.replace("⟦", "").replace("⟧", "")
    if plain.strip():
        assert fill(written(plain), {}).text == plain


@given(before=ANYTHING, value=ANYTHING, after=ANYTHING)
def test_a_value_is_put_in_as_it_is_whatever_it_holds(before: str, value: str, after: str) -> None:
    text = f"{written(before)}{{{NAME}|-}}{written(after)}"
    clean = str.maketrans("", "", "⟦⟧")
    said = fill(text, {NAME: value})
    shown = value.translate(clean) or "-"
    assert said.text == f"{before.translate(clean)}{shown}{after.translate(clean)}"
    assert gaps_in(said.text) == ()


@given(ANYTHING)
def test_any_text_is_read_or_refused_as_a_mistake(text: str) -> None:
    with suppress(MacroMistake):
        assert all(isinstance(part, (str, Slot)) for part in read_text(text))


def test_a_missing_value_leaves_a_gap_that_refuses_to_be_sent() -> None:
    said = fill("Dear {customer.first_name}, see {tracking.url} and {tracking.url}", {})
    assert said.missing == (NAME, URL)
    assert gap(URL) in said.text
    refusal = gap_refusal(said.text)
    assert refusal is not None
    assert "⟦customer.first_name⟧, ⟦tracking.url⟧" in refusal
    assert gap_refusal("Dear Maria, see [[here]] {and} there") is None


def test_what_was_typed_stands_before_what_is_inserted() -> None:
    assert inserted("Hello!\n", "Your parcel left.") == "Hello!\n\nYour parcel left."
    assert inserted(" \n", "Your parcel left.") == "Your parcel left."


HERE = Situation(actor="U1", inbox="amazon-it", channels=("amazon",), language="it", topic="return")


def a_macro(name: str, language: str = "", **more: object) -> Macro:
    told = {"ref": f"{name}:{language}:{more.get('owner', '')}", "text": "x", **more}
    return Macro(name=name, language=language, **told)  # type: ignore[arg-type]


def test_macros_of_other_people_channels_and_inboxes_are_not_offered() -> None:
    macros = [
        a_macro("mine", owner="U1"),
        a_macro("hers", owner="U2"),
        a_macro("ebay", channels=("ebay",)),
        a_macro("amazon", channels=("ebay", "amazon")),
        a_macro("other", inboxes=("amazon-de",)),
    ]
    assert [one.name for one in usable(macros, HERE)] == ["mine", "amazon"]


def test_the_fitting_ones_come_first() -> None:
    macros = [
        a_macro("a", "de"),
        a_macro("b", ""),
        a_macro("c", "it"),
        a_macro("d", "de", topics=("return",)),
        a_macro("e", "it", topics=("return",)),
        a_macro("f", "it", owner="U1"),
    ]
    assert "".join(one.name for one in usable(macros, HERE)) == "edfcba"


def test_a_name_finds_the_macro_in_the_customers_language_ones_own_first() -> None:
    macros = [a_macro("Thanks", ""), a_macro("thanks", "it"), a_macro("thanks", "it", owner="U1")]
    found = named(macros, "THANKS", HERE)
    assert isinstance(found, Macro)
    assert (found.language, found.owner) == ("it", "U1")
    assert named(macros[:1], "thanks", HERE) == macros[0]


def test_a_macro_of_another_language_is_taken_only_when_it_is_asked_for() -> None:
    macros = [a_macro("thanks", "de")]
    told = named(macros, "thanks", HERE)
    assert told == "The macro “thanks” is not written in “it”. There is !thanks:de."
    assert named(macros, "thanks:de", HERE) == macros[0]
    assert not speaks(macros[0], HERE)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    told = named([a_macro("where-is-it")], "where-isit", HERE)
    assert told == 'There is no macro “where-isit” for this ticket. Did you mean "where-is-it"?'
