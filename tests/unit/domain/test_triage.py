from dataclasses import replace

import pytest

from bot.assist.reading import language_of, read
from bot.domain.triage import graver_risk, triage
from connectors.contract import Verdict
from sla_rules.topics import Topic
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
    message = an_inbound(stage=Stage.UNKNOWN, order_id="407-1234567-1234567", text="Hello?")
    assert triage(message).stage is Stage.POST_SALE
    assert triage(replace(message, order_id=None)).stage is Stage.UNKNOWN


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
    assert language_of(read(text)) == language


def test_what_the_connector_knows_goes_before_words():
    assert triage(an_inbound(language="it", text="the and is are")).language == "it"


def test_the_graver_of_two_risks():
    assert graver_risk(Risk.CRITICAL, Risk.NORMAL) is Risk.CRITICAL
    assert graver_risk(Risk.NORMAL, Risk.ELEVATED) is Risk.ELEVATED


def test_a_topic_the_channel_told_goes_before_words_and_lowers_no_risk():
    told = triage(an_inbound(topic=Topic.WHERE_IS_MY_ORDER, text="It caught fire"))
    assert (told.topic, told.risk) == (Topic.WHERE_IS_MY_ORDER, Risk.CRITICAL)


@pytest.mark.parametrize(
    ("kind", "topic"),
    [
        (Kind.CLAIM, Topic.CLAIM),
        (Kind.RETURN_REQUEST, Topic.RETURN),
        (Kind.CANCEL_REQUEST, Topic.CANCEL_BEFORE_SHIPMENT),
        (Kind.NOTICE, Topic.OTHER),
    ],
)
def test_what_the_platform_reports_is_not_told_by_words(kind, topic):
    assert triage(an_inbound(kind=kind, text="Where is my parcel?")).topic is topic


def test_a_customer_who_threatens_a_claim_has_not_opened_one():
    judged = triage(an_inbound(text="I will open an A-to-z claim"))
    assert (judged.kind, judged.topic) == (Kind.MESSAGE, Topic.A_TO_Z)


def test_a_question_before_buying_is_none_once_an_order_is_known():
    asked = an_inbound(text="Is it compatible with a dimmer?", stage=Stage.UNKNOWN)
    assert triage(asked).topic is Topic.PRE_SALE_QUESTION
    assert triage(replace(asked, order_id="10422")).topic is Topic.OTHER
    assert triage(replace(asked, stage=Stage.POST_SALE)).topic is Topic.OTHER


def test_before_the_sale_what_nobody_recognises_is_a_question():
    judged = triage(an_inbound(text="Hello, the oak one?", stage=Stage.PRE_SALE))
    assert judged.topic is Topic.PRE_SALE_QUESTION


def test_of_several_topics_the_gravest_counts():
    text = "Where is my parcel? It never arrived. My lawyer knows. I want a refund."
    assert triage(an_inbound(text=text)).topic is Topic.LEGAL_THREAT


def test_thanks_for_an_answer_are_thanks_whatever_the_conversation_was_about():
    answered = an_inbound(subject="Re: Where is my parcel?", text="Thank you, it has arrived!")
    assert triage(answered).topic is Topic.THANKS
    asked = an_inbound(subject="Where is my parcel?", text="Thanks")
    assert triage(asked).topic is Topic.WHERE_IS_MY_ORDER
    silent = an_inbound(subject="AW: Bestellung stornieren", text="siehe oben")
    assert triage(silent).topic is Topic.CANCEL_BEFORE_SHIPMENT


@pytest.mark.parametrize(
    "text",
    [
        "Thanks! Is the blue one in stock too?",
        "Thank you. The left door closes badly and the hinge has come off.",
        "Grazie, purtroppo la seconda scatola era diversa.",
        "Danke, aber die Farbe ist anders.",
        "Thanks for nothing.",
    ],
)
def test_thanks_with_anything_else_are_not_only_thanks(text):
    assert triage(an_inbound(text=text)).topic is not Topic.THANKS
