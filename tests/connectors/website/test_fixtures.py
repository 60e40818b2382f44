"""Every fixture mail of a website, explained."""

from pathlib import Path

import pytest

import connectors
from connectors.contract import InboundMessage, Verdict
from tests.connectors.mailbox_pair import connector, fixture, raw_item

OWN_ID = "t17.901.lh62vnr27el6rlni@seller.example"
EXPECTED = {
    "form_two_lines": (Verdict.CUSTOMER, "elena.marchetti@posta.example", None),
    "form_one_line_de": (Verdict.CUSTOMER, "anton.kessler@post.example", "BS-10422"),
    "form_identity_mismatch": (Verdict.CUSTOMER, "someone@post.example", "10422"),
    "form_sender_notice": (Verdict.NOTICE, "mailer@forms.example", None),
    "customer_mail": (Verdict.CUSTOMER, "renee.aubert@courrier.example", "20931"),
    "customer_follow_up": (Verdict.CUSTOMER, "elena.marchetti@posta.example", None),
    "out_of_office": (Verdict.AUTO_REPLY, "anton.kessler@post.example", None),
    "newsletter": (Verdict.BULK, "news@papermill.example", None),
}


def explained(name: str) -> InboundMessage:
    return connector("website").normalise(raw_item(fixture("website", name)))


def test_every_fixture_has_an_expectation() -> None:
    folder = Path(next(iter(connectors.__path__))) / "website" / "fixtures"
    assert {path.stem for path in folder.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_fixture_is_understood(name: str) -> None:
    found = explained(name)
    assert (found.verdict, found.sender_handle, found.order_id) == EXPECTED[name]
    assert bool(found.reply_context) == (found.verdict is Verdict.CUSTOMER)


def test_a_form_is_answered_as_a_fresh_mail_to_the_customer_with_their_words_quoted() -> None:
    found = explained("form_two_lines")
    assert found.sender_name == "Elena Marchetti"
    assert found.reply_context["to"] == "elena.marchetti@posta.example"
    assert "in_reply_to" not in found.reply_context
    assert found.reply_context["quote"] == found.text


def test_an_address_typed_into_the_message_field_changes_nobody() -> None:
    found = explained("form_two_lines")
    assert "impostor@evil.example" in found.text
    assert "impostor@evil.example" not in str(found.reply_context["to"])
    assert found.reply_context["identity_mismatch"] is False


def test_a_form_that_names_another_address_than_reply_to_says_so() -> None:
    found = explained("form_identity_mismatch")
    assert found.reply_context["identity_mismatch"] is True
    assert "victim@post.example" in found.reason


def test_the_subject_and_message_fields_of_a_form_are_used() -> None:
    found = explained("form_one_line_de")
    assert found.subject == "Lieferzeit für Regal"
    assert found.text == "Wann kommt mein Regal?\nIch bin ab Freitag verreist."


def test_an_answer_to_our_mail_leads_by_our_id_and_comes_without_history() -> None:
    found = explained("customer_follow_up")
    assert found.thread_keys[0].value == OWN_ID
    assert found.text == "Perfetto, la prendo in noce."


def test_an_absence_notice_still_knows_its_conversation() -> None:
    assert [key.value for key in explained("out_of_office").thread_keys] == [OWN_ID]
