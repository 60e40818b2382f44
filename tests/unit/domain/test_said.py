"""What rows keep in English is said in the language of whoever reads it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.class_change import what_changed
from bot.domain.effects import post_ops
from bot.domain.inbound import UNREADABLE, said_body
from bot.domain.kept_words import said_in, told_again
from bot.domain.reasons import NO_INBOX, said_reason
from bot.domain.said import said, said_cause, said_changes, said_clamp, said_excerpt
from bot.language import Language, catalogues_in, speaking
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk
from sla_rules.worded import worded, worded_as
from tests.languages import Text, write_catalogue
from tests.unit.domain.builders import a_ticket_value

GERMAN: dict[Text, Text] = {
    "risk {before} → {after}": "Risiko {before} → {after}",
    "no tag {tag}": "ohne Tag {tag}",
    "order value {amount}": "Bestellwert {amount}",
    "{what}; its target had passed by then, so {grace} from the change": (
        "{what}; das Ziel war da schon vorbei, also {grace} ab der Änderung"
    ),
    "its target had passed by then, so {grace} from the change": (
        "das Ziel war da schon vorbei, also {grace} ab der Änderung"
    ),
    "moved to {margin} before the marketplace limit": "{margin} vor die Frist verschoben",
    "would end; {why}": "würde enden; {why}",
    "{date} is closed, so the next open day": "am {date} zu, also der nächste offene Tag",
    "the inbox {inbox} is not configured any more": "der Eingang {inbox} ist nicht mehr da",
    "the answer bounced": "die Antwort kam zurück",
    "This message could not be read. Open it in the marketplace.": "Nicht lesbar.",
    "Please look: {finding}.": "Bitte nachsehen: {finding}.",
    "inbox {inbox} was not looked at in three intervals": "{inbox} wurde nicht gelesen",
}


@pytest.fixture
def in_german(tmp_path):
    write_catalogue(tmp_path, Language.DE, GERMAN)
    with catalogues_in(tmp_path), speaking(Language.DE):
        yield


@pytest.mark.usefixtures("in_german")
def test_what_changed_of_a_ticket_is_said_change_by_change():
    before = a_ticket_value(tags=frozenset({"trade"}))
    after = replace(
        before,
        risk=Risk.CRITICAL,
        tags=frozenset(),
        order_value=Decimal("9.50"),
        currency="EUR",
        topic=Topic.A_TO_Z,
    )

    kept = what_changed(before, after)

    assert said_changes(kept) == (
        "topic other → A-to-z, Risiko normal → critical, Bestellwert 9.50 EUR, ohne Tag trade"
    )


@pytest.mark.usefixtures("in_german")
def test_why_a_clock_has_more_time_is_said_with_what_changed_or_without():
    kept = (
        "policy_change: risk normal → critical; its target had passed by then, "
        "so 1 h 30 min from the change"
    )

    assert said_cause(kept) == (
        "Risiko normal → critical; das Ziel war da schon vorbei, also 1 h 30 min ab der Änderung"
    )
    assert said_cause(kept, "risk normal → critical") == (
        "das Ziel war da schon vorbei, also 1 h 30 min ab der Änderung"
    )


@pytest.mark.usefixtures("in_german")
def test_a_step_of_a_clock_is_said_with_all_that_stands_in_it():
    clamped = worded("would end; {why}", why="moved to 5 min before the marketplace limit")
    closed = worded("{date} is closed, so the next open day", date=date(2026, 11, 20))

    assert said(clamped) == "würde enden; 5 min vor die Frist verschoben"
    assert said(closed) == "am Freitag, 20. November zu, also der nächste offene Tag"
    assert said_clamp("moved to 5 min before the marketplace limit") == (
        "5 min vor die Frist verschoben"
    )


@pytest.mark.usefixtures("in_german")
def test_words_of_before_that_nobody_knows_any_more_are_shown_as_they_were_kept():
    assert said_changes("something of an older version") == "something of an older version"
    assert said_cause("policy_change: once upon a time") == "once upon a time"
    assert said_clamp("cut short") == "cut short"
    assert said(worded("{left} left", left=timedelta(hours=2))) == "2 h left"
    assert said(worded_as("a step", "closed")) == "closed"


@pytest.mark.usefixtures("in_german")
def test_a_reason_is_said_whether_it_names_something_or_not():
    assert said_reason(NO_INBOX.format(inbox="shop")) == "der Eingang shop ist nicht mehr da"
    assert said_reason("the answer bounced") == "die Antwort kam zurück"
    assert said_reason("550 mailbox unavailable") == "550 mailbox unavailable"


@pytest.mark.usefixtures("in_german")
def test_an_excerpt_of_an_answer_is_never_taken_for_words_of_ours():
    assert said_excerpt("the answer bounced") == "the answer bounced"
    assert said_body(UNREADABLE) == "Nicht lesbar."
    assert said_body("the answer bounced") == "the answer bounced"


@pytest.mark.usefixtures("in_german")
def test_a_line_for_the_ops_channel_survives_its_row_and_is_said_as_a_whole():
    finding = worded("inbox {inbox} was not looked at in three intervals", inbox="shop")

    effect = post_ops("key", worded("Please look: {finding}.", finding=finding))
    payload = json.loads(json.dumps(dict(effect.payload)))

    assert payload["text"] == "Please look: inbox shop was not looked at in three intervals."
    assert said_in(payload) == "Bitte nachsehen: shop wurde nicht gelesen."
    assert said_in({"text": "a row of before"}) == "a row of before"


def test_an_instant_is_said_in_the_desks_own_zone_and_kept_in_utc() -> None:
    at = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
    inner = worded("last read well {time}", time=at)
    payload = {"text": "…", **told_again(worded("Please look: {finding}.", finding=inner))}
    payload = json.loads(json.dumps(payload))
    assert str(inner) == "last read well 2026-11-20 13:05 UTC"
    assert said_in(payload, "Europe/Rome") == "Please look: last read well Fri 20 Nov 14:05 CET."
    with speaking(Language.DE):
        assert "20. Nov" in said_in(payload, "Europe/Rome")
