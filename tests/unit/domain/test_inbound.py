from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.inbound import (
    KEY_LIMIT,
    LONGEST_LIMIT,
    UNREADABLE,
    ReadItem,
    bounded,
    clean,
    joined_tags,
    lookups_of,
    named,
    names_of,
    one_line,
    understood,
    variant_id,
)
from connectors.contract import Attachment, ThreadKey, Verdict
from connectors.errors import Malformed
from tests.builders import NOW, an_inbound, days, hours


def read(message, received_at=NOW):
    return ReadItem(raw_id=5, received_at=received_at, message=message)


@given(st.text(alphabet=st.characters(codec=None)))
def test_clean_text_can_be_stored_anywhere(text):
    cleaned = clean(text)
    assert "\x00" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


def test_clean_text_keeps_what_is_fine():
    assert clean("Grüße 👋 àèì") == "Grüße 👋 àèì"
    assert clean("a\ud800b\x00c") == "a\ufffdbc"


def test_every_text_of_a_message_is_cleaned():
    message = an_inbound(
        subject="a\x00\r\nb",
        text="x\udfff",
        sender_name="N\x00ame",
        attachments=[Attachment(name="f\x00.pdf", media_type="application/pdf", size=1)],
        links={"order\x00": "https://shop.example/\ud800"},
        reply_context={"to": ["a\x00@shop.example", {"deep": "\ud800"}], "n": 3},
        answers_customer_named=" N\x00ora\r\nQuist ",
        finding="some\x00thing\nnew",
    )
    taken = understood(read(message), NOW)
    assert (taken.subject, taken.text, taken.sender_name) == ("a b", "x\ufffd", "Name")
    assert (taken.answers_customer_named, taken.finding) == ("Nora Quist", "something new")
    assert taken.attachments[0].name == "f.pdf"
    assert taken.links == {"order": "https://shop.example/\ufffd"}
    assert taken.reply_context == {"to": ["a@shop.example", {"deep": "\ufffd"}], "n": 3}


def test_a_message_is_never_sent_later_than_it_was_received_or_seen():
    future = an_inbound(sent_at=NOW + days(300))
    assert understood(read(future, received_at=NOW - hours(1)), NOW).sent_at == NOW - hours(1)
    assert understood(read(future, received_at=NOW + days(9)), NOW).sent_at == NOW


def test_a_date_of_years_ago_is_a_wrong_clock_and_starts_no_ancient_deadline():
    ancient = an_inbound(sent_at=datetime(1970, 1, 1, tzinfo=UTC))
    assert understood(read(ancient), NOW).sent_at == NOW


def test_a_mail_that_was_days_under_way_keeps_its_date():
    assert understood(read(an_inbound(sent_at=NOW - days(3))), NOW).sent_at == NOW - days(3)


def test_a_receipt_before_there_was_mail_counts_from_now():
    odd = an_inbound(sent_at=datetime(1901, 1, 1, tzinfo=UTC))
    assert understood(read(odd, received_at=datetime(1901, 1, 2, tzinfo=UTC)), NOW).sent_at == NOW


def test_an_item_nobody_could_read_becomes_a_customer_message_that_says_so():
    item = ReadItem(raw_id=5, received_at=NOW, message=None, error=Malformed("headers", "no colon"))
    taken = understood(item, NOW)
    assert (taken.verdict, taken.text) == (Verdict.CUSTOMER, UNREADABLE)
    assert taken.degraded == "headers: no colon"


def test_a_degraded_message_without_words_says_so_too():
    assert (
        understood(read(an_inbound(text=" ", degraded="unknown charset")), NOW).text == UNREADABLE
    )
    partly = understood(read(an_inbound(text="half", degraded="unknown charset")), NOW)
    assert partly.text == "half"


def test_an_absurd_limit_is_brought_down_to_a_year():
    huge = an_inbound(platform_limit=timedelta(days=99999))
    assert understood(read(huge), NOW).platform_limit == LONGEST_LIMIT
    assert understood(read(an_inbound(platform_limit=-hours(1))), NOW).platform_limit == timedelta(
        seconds=1
    )


@given(st.text(), st.text())
def test_long_keys_fit_and_stay_apart(one, other):
    long = "k" * KEY_LIMIT
    assert len(bounded(long + one)) <= KEY_LIMIT
    assert (bounded(long + one) == bounded(long + other)) == (clean(one) == clean(other))


def test_a_message_is_known_by_its_keys_its_own_names_and_its_id():
    message = an_inbound(
        thread_keys=[ThreadKey(value="case-9")],
        own_keys=["<9@x.example>"],
        external_id="<m@x.example>",
    )
    assert names_of(message) == ["case-9", "<9@x.example>", "<m@x.example>"]


def test_claims_and_suspect_mail_are_looked_up_among_their_own():
    def looked_up(verdict):
        return [key.value for key in lookups_of(an_inbound(thread="order-1", verdict=verdict))]

    assert looked_up(Verdict.CUSTOMER) == ["order-1"]
    assert looked_up(Verdict.CLAIM) == ["claim|order-1"]
    assert looked_up(Verdict.SUSPECT) == ["suspect|order-1"]
    assert looked_up(Verdict.CLAIM_CLOSED) == ["claim|order-1", "order-1"]
    assert looked_up(Verdict.BOUNCE) == ["order-1", "claim|order-1"]


def test_other_words_under_the_same_id_get_an_id_of_their_own():
    one = an_inbound(external_id="<same@x.example>", text="one")
    other = an_inbound(external_id="<same@x.example>", text="other")
    assert variant_id(one) != variant_id(other)


def test_a_line_has_no_breaks():
    assert one_line("  a\r\nBcc: b\t c ") == "a Bcc: b c"


def test_a_chat_without_a_subject_is_called_by_its_first_words():
    chat = an_inbound(subject="", text="Do you\nship to Ireland? " + "x" * 100)
    assert named(chat).startswith("Do you ship to Ireland?")
    assert len(named(chat)) == 60
    assert named(an_inbound(subject="Lamp", text="Hello")) == "Lamp"


@pytest.mark.parametrize(
    ("known", "more", "tags"),
    [
        ({"vip"}, {"gift"}, {"vip", "gift"}),
        ({"account:de"}, {"account:unassigned"}, {"account:de"}),
        ({"account:unassigned"}, {"account:de"}, {"account:de"}),
        ({"shop:1"}, {"account:unassigned"}, {"shop:1", "account:unassigned"}),
    ],
)
def test_what_one_message_tells_of_a_conversation_another_does_not_untell(known, more, tags):
    assert joined_tags(known, more) == tags
