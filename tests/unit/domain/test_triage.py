import pytest

from bot.domain.triage import graver_risk, language_of, triage
from connectors.contract import Verdict
from sla_rules.vocabulary import Kind, Risk, Stage
from tests.builders import an_inbound


@pytest.mark.parametrize(
    "text",
    [
        "I will call my lawyer tomorrow",
        "Ho già sentito il mio avvocato",
        "Je vais porter plainte",
        "Das geht an meinen Anwalt",
        "Hablaré con mi abogado",
        "The charger caught fire in my kitchen",
    ],
)
def test_law_and_harm_are_critical_in_every_language(text):
    assert triage(an_inbound(text=text)).risk is Risk.CRITICAL


@pytest.mark.parametrize(
    "text",
    [
        "I want a refund",
        "È arrivato rotto",
        "Je demande le remboursement",
        "Das Gerät ist kaputt",
        "Quiero un reembolso",
    ],
)
def test_an_order_gone_wrong_is_elevated(text):
    assert triage(an_inbound(text=text)).risk is Risk.ELEVATED


def test_a_plain_question_is_normal():
    assert triage(an_inbound(text="Which colours do you have?")).risk is Risk.NORMAL


def test_a_claim_is_critical_whatever_it_says():
    judged = triage(an_inbound(verdict=Verdict.CLAIM, text="ok"))
    assert (judged.kind, judged.risk, judged.stage) == (Kind.CLAIM, Risk.CRITICAL, Stage.POST_SALE)


def test_mail_that_pretends_is_suspect_whatever_kind_it_names():
    judged = triage(an_inbound(verdict=Verdict.SUSPECT, kind=Kind.MESSAGE))
    assert judged.kind is Kind.SUSPECT


def test_an_order_number_means_after_the_sale():
    message = an_inbound(stage=Stage.UNKNOWN, order_id="407-1234567-1234567")
    assert triage(message).stage is Stage.POST_SALE
    assert triage(an_inbound(stage=Stage.UNKNOWN)).stage is Stage.UNKNOWN


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is the parcel and when will it be here?", "en"),
        ("Non ho ancora il pacco, quando arriva? Grazie", "it"),
        ("Bonjour, je n'ai pas les colis pour ma fille", "fr"),
        ("Ich habe das Paket nicht erhalten, bitte melden", "de"),
        ("Hola, no he recibido el paquete, gracias", "es"),
        ("42?", None),
        ("", None),
    ],
)
def test_a_language_is_told_by_its_common_words(text, language):
    assert language_of(text) == language


def test_what_the_connector_knows_goes_before_words():
    assert triage(an_inbound(language="it", text="the and is are")).language == "it"


def test_the_graver_of_two_risks():
    assert graver_risk(Risk.CRITICAL, Risk.NORMAL) is Risk.CRITICAL
    assert graver_risk(Risk.NORMAL, Risk.ELEVATED) is Risk.ELEVATED
