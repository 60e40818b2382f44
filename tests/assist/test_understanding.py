"""What a message is taken to mean, and the words that are shown for it."""

import pytest

from bot.assist.senses import Intent, LiveRisk, Mood, Urgency
from bot.assist.understanding import understand
from sla_rules.vocabulary import Stage


def test_a_message_is_read_with_the_words_that_say_so() -> None:
    meaning = understand("Worst shop ever! This is the THIRD time I ask. Where is my parcel?")

    assert (meaning.language, meaning.intent, meaning.stage) == (
        "en",
        Intent.WHERE_IS_ORDER,
        Stage.POST_SALE,
    )
    assert meaning.mood is Mood.ANGRY
    assert set(meaning.because["mood"]) >= {"Worst", "THIRD time I"}
    assert "where is my parcel" in meaning.because["intent"]


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("The kettle is broken", "The kettle is not broken"),
        ("Il bollitore è rotto", "Il bollitore non è rotto"),
        ("La bouilloire est cassée", "La bouilloire n'est pas cassée"),
        ("Der Kocher ist kaputt", "Der Kocher ist nicht kaputt"),
        ("El hervidor está roto", "El hervidor no está roto"),
        ("The lid is damaged", "The lid isn't really damaged"),
        ("Kommt mit Kratzer", "Kommt ohne Kratzer"),
    ],
)
def test_what_is_denied_is_no_defect(text: str, fine: str) -> None:
    assert understand(text).intent is Intent.DEFECT
    assert understand(fine).intent is not Intent.DEFECT


def test_a_no_before_a_comma_denies_nothing() -> None:
    assert understand("No, è guasto").intent is Intent.DEFECT


def test_harm_is_raised_even_where_it_is_denied() -> None:
    assert LiveRisk.SAFETY in understand("It never caught fire before, now it did").risks


@pytest.mark.parametrize(
    ("typed", "intent"),
    [
        ("i want a reffund", Intent.REFUND),
        ("please canecl... cancell it, cancelation", Intent.CANCEL),
        ("vorrei il rimborsso", Intent.REFUND),
        ("je veux un rembousement", Intent.REFUND),
        ("bitte um Rückerstatung", Intent.REFUND),
        ("quiero una devolucion del dienro, un reembolsso", Intent.REFUND),
    ],
)
def test_one_slip_in_a_long_word_is_read_over(typed: str, intent: Intent) -> None:
    assert understand(typed).intent is intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("perche non e ancora arrivato il pacco", Intent.WHERE_IS_ORDER),
        ("ou est mon colis, je nai rien recu", Intent.WHERE_IS_ORDER),
        ("moechte das zurueckgeben", Intent.RETURN),
        ("cuando llega mi pedido", Intent.WHERE_IS_ORDER),
    ],
)
def test_accents_may_be_missing(text: str, intent: Intent) -> None:
    assert understand(text).intent is intent


def test_several_risks_are_live_at_once() -> None:
    meaning = understand("This is a scam. I do a chargeback and my solicitor will write to you.")

    assert set(meaning.risks) == {LiveRisk.CHARGEBACK, LiveRisk.LEGAL, LiveRisk.FRAUD}
    assert all(meaning.because[risk] for risk in meaning.risks)
    assert meaning.urgency is Urgency.HIGH


def test_a_dispute_with_a_payment_service_is_none_with_the_marketplace() -> None:
    assert understand("I will open a paypal dispute").risks == (LiveRisk.CHARGEBACK,)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, all good!",
        "Grazie mille, perfetto",
        "Merci, c'est réglé",
        "Danke, hat sich erledigt",
    ],
)
def test_thanks_seem_to_need_no_answer(text: str) -> None:
    meaning = understand(text)

    assert not meaning.needs_answer
    assert (meaning.intent, meaning.urgency) == (Intent.THANKS, Urgency.LOW)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but where is the rest?",
        "Thanks. The lid is broken.",
        "All good. Please send me the invoice",
        "Perfect, I will call my lawyer",
        "",
        "?",
        "12345",
    ],
)
def test_whatever_may_ask_for_something_needs_an_answer(text: str) -> None:
    assert understand(text).needs_answer


def test_an_order_that_is_known_means_after_buying() -> None:
    question = "Does it go in the dishwasher?"

    assert understand(question).stage is Stage.PRE_SALE
    assert understand(question, bought=True).stage is Stage.POST_SALE
    assert understand(f"{question} Order 123-4567890-1234567").stage is Stage.POST_SALE


def test_the_subject_is_read_where_the_text_says_nothing() -> None:
    assert understand("See below.", subject="Invoice please").intent is Intent.INVOICE


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("Where is my parcel?", Mood.NEUTRAL),
        ("WHERE IS MY PARCEL, ANSWER AT LAST", Mood.ANGRY),
        ("Where is my parcel? I am disappointed", Mood.NEGATIVE),
        ("I am disappointed!!!", Mood.ANGRY),
        ("It fits, I love it", Mood.POSITIVE),
        ("not delivered yet \U0001f621", Mood.ANGRY),
        ("ORDER 4711?", Mood.NEUTRAL),
        ("Arriva prima di lunedì?", Mood.NEUTRAL),
    ],
)
def test_a_mood_is_how_it_sounds(text: str, mood: Mood) -> None:
    assert understand(text).mood is mood


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Dzień dobry, gdzie jest moja paczka?", "pl"),
        ("Nie działa, proszę o zwrot pieniędzy", "pl"),
        ("Waar is mijn pakket? Ik heb het nog niet ontvangen", "nl"),
        ("Ik wil het graag terugsturen", "nl"),
        ("Bom dia, a minha encomenda ainda não chegou", "pt"),
        ("Gostaria de devolver o produto, obrigada", "pt"),
    ],
)
def test_languages_that_are_not_read_are_told_apart(text: str, language: str) -> None:
    assert understand(text).language == language


def test_words_of_a_huge_text_stay_bounded() -> None:
    meaning = understand("refund " * 20_000)

    assert meaning.intent is Intent.REFUND
    assert all(len(words) <= 3 for words in meaning.because.values())
