import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.text import clusters, cut, escape, inert, one_line, spoken
from tests.unit.slack.scenes import HOSTILE

FAMILY = "👨‍👩‍👧"
any_text = st.text(st.characters(), max_size=300)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(any_text)
@example(HOSTILE)
@example("a" + "\u0301" * 40)
def test_invariant_9_inert_text_holds_nothing_invisible(text: str) -> None:
    shown = inert(text)

    assert all(char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"} for char in shown)
    assert not set(shown) & set("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u061c")
    assert not any(0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 for c in shown)
    assert not any(0xE0000 <= ord(char) <= 0xE007F for char in shown)


@given(any_text)
@example("\u1100" + "\u0301" * 9 + "\u1161")
def test_inert_text_is_composed_and_stays_as_it_is(text: str) -> None:
    shown = inert(text)

    assert unicodedata.is_normalized("NFC", shown)
    assert inert(shown) == shown


@given(any_text, st.integers(min_value=0, max_value=60))
@example("e\u0301" * 20, 5)
def test_a_cut_never_exceeds_its_limit_nor_splits_a_visible_character(
    text: str, limit: int
) -> None:
    shown = cut(text, limit)

    assert utf16(shown) <= limit
    if shown != text and limit > 0:
        kept = shown.removesuffix("…")
        assert text.startswith(kept)
        assert kept.rstrip() == kept


@given(any_text, st.integers(min_value=1, max_value=60))
@example("&" * 100, 20)
def test_spoken_text_fits_once_escaped_and_holds_no_raw_mark(text: str, limit: int) -> None:
    shown = spoken(text, limit)

    assert utf16(shown) <= limit
    assert "<" not in shown
    assert ">" not in shown
    assert "\n" not in shown


@given(any_text)
def test_the_visible_characters_make_up_the_whole_text(text: str) -> None:
    assert "".join(clusters(text)) == text


def test_a_flag_a_skin_tone_and_a_mark_stay_with_their_base() -> None:
    assert list(clusters("🇮🇹🇩🇪👍🏽e\u0301x")) == ["🇮🇹", "🇩🇪", "👍🏽", "e\u0301", "x"]


def test_a_cut_keeps_a_flag_whole() -> None:
    assert cut("ab🇮🇹cd", 6) == "ab…"


def test_reversed_and_hidden_words_are_shown_as_they_were_typed() -> None:
    assert inert("pay\u202egpj.exe\u200b") == "paygpj.exe"
    assert inert("a\u2028b\r\nc\td") == "a\nb\nc d"


def test_stacked_marks_are_thinned_out_but_accents_stay() -> None:
    assert inert("caffe\u0301") == "caffé"
    assert len(inert("z" + "\u0335" * 50)) == 7


def test_words_of_right_to_left_scripts_are_kept() -> None:
    assert inert("شكرا לך") == "شكرا לך"


def test_one_line_has_no_line_ends_and_escape_takes_slacks_three_marks() -> None:
    assert one_line(" a\n\n b\u00a0c ", 10) == "a b c"
    assert escape("<!here> & co") == "&lt;!here&gt; &amp; co"
    assert inert(FAMILY) == "👨👩👧"
