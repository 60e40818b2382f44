"""Threads, windows and answers where another language is spoken than English."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ticket import CUSTOMER, EventType
from bot.language import Language, catalogues_in, speaking
from bot.slack.blocks import log, macro_views, thread, views
from bot.slack.blocks.log_sentences import REASONED, SENTENCES
from bot.slack.blocks.offer import Offer, render_offer
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.reply_fields import Draft
from bot.slack.blocks.routed import routed_parts
from bot.slack.blocks.together import together_words
from bot.usecases.route import routing_told
from connectors.contract import ReplyPreview
from tests.languages import Text, write_catalogue, write_marked
from tests.unit.slack.scenes import (
    GIULIA,
    MARCO,
    NOON,
    a_desk,
    a_message,
    a_ping,
    a_row,
    a_ticket,
    an_event,
)

DESK = a_desk()
GERMAN: Mapping[Text, Text] = {
    "{who} snoozed the warnings until {time}. Deadlines run on.": (
        "Bis {time} stellt {who} die Warnungen stumm. Die Fristen laufen weiter."
    ),
    "{agent}'s answer was not sent: {reason}. The clock runs on.": (
        "Die Antwort von {agent} ging nicht hinaus: {reason}. Die Uhr läuft weiter."
    ),
    "{file} could not be fetched from Slack": "{file} war von Slack nicht zu bekommen",
    "Reopened by the customer": "Vom Kunden wieder geöffnet",
    "{name} wrote again {time}": "{time}: {name} hat wieder geschrieben",
    "{name} wrote again": "{name} hat wieder geschrieben",
    "#{number}: {what}: {words}": "#{number}: {what}: {words}",
    "🔴 Still missed, {ordinal} ping of {misses}": "🔴 Noch versäumt, {ordinal}. Ruf von {misses}",
    "Goes out at {time}. Until then you can take it back.": (
        "Um {time} geht sie hinaus. Bis dahin ist sie zurückzuholen."
    ),
    (
        (
            "The last shift here ends at {end}, and {count} ticket is due with nobody on shift "
            "after it. Answer now, or hand over:"
        ),
        (
            "The last shift here ends at {end}, and {count} tickets are due with nobody on shift "
            "after it. Answer now, or hand over:"
        ),
    ): (
        "{count} Ticket wird fällig, wenn um {end} die letzte Schicht endet:",
        "{count} Tickets werden fällig, wenn um {end} die letzte Schicht endet:",
    ),
    "{who} does not read {languages}": "{who} liest kein {languages}",
}


@pytest.fixture
def in_german(tmp_path):
    write_catalogue(tmp_path, Language.DE, GERMAN)
    with catalogues_in(tmp_path), speaking(Language.DE):
        yield


def line_of(type_: str, **data: object) -> str:
    return log.log_line(a_ticket(), an_event(type_, **data), DESK)


def shown(blocks: list[Block]) -> str:
    """The words of the first line, dates as `<time>`."""
    first = blocks[0]["elements"][0]["elements"]
    return "".join(one.get("text", "<time>") for one in first)


@pytest.mark.usefixtures("in_german")
def test_a_line_puts_names_and_times_where_the_language_has_them():
    said = line_of("snoozed", until=(NOON + timedelta(hours=2)).isoformat())

    assert said.startswith("Bis Di. 3. Feb. 15:00 MEZ stellt Giulia Conti die Warnungen stumm.")


@pytest.mark.usefixtures("in_german")
def test_a_reason_that_was_kept_in_english_is_said_in_the_language_spoken():
    said = line_of("reply_failed", reason="foto.jpg could not be fetched from Slack", agent=MARCO)

    assert said == (
        "Die Antwort von Marco Riva ging nicht hinaus: foto.jpg war von Slack nicht zu bekommen. "
        "Die Uhr läuft weiter."
    )


@pytest.mark.usefixtures("in_german")
def test_a_customer_who_opens_it_again_is_in_the_sentence_and_not_put_into_it():
    assert line_of("reopened", actor=CUSTOMER) == "Vom Kunden wieder geöffnet"


@pytest.mark.usefixtures("in_german")
def test_a_later_message_and_its_notification_say_who_wrote():
    drawn = thread.render_message(a_ticket(), a_message(body="Ciao"), DESK)

    assert shown(drawn.blocks) == "<time>: Lucia Bianchi hat wieder geschrieben"
    assert drawn.text == "#17: Lucia Bianchi hat wieder geschrieben: Ciao"


@pytest.mark.usefixtures("in_german")
def test_only_english_ends_its_ordinals_in_letters():
    ping = a_ping("breach3", misses=4)

    german = thread.render_ping(a_ticket(), [ping], DESK, NOON, [])
    with speaking(Language.EN):
        english = thread.render_ping(a_ticket(), [ping], DESK, NOON, [])

    assert "3. Ruf von 4" in german.text
    assert "3rd ping of 4" in english.text


@pytest.mark.usefixtures("in_german")
@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 Ticket wird fällig, wenn um"), (3, "3 Tickets werden fällig, wenn")]
)
def test_what_is_counted_beside_a_time_has_the_languages_plural(count, said):
    offer = Offer(rows=[a_row()], of=count, ends_at=NOON + timedelta(hours=1))

    drawn = render_offer(offer, DESK, NOON)

    assert drawn.text.startswith(said)
    assert shown(drawn.blocks).endswith("um <time> die letzte Schicht endet:")


@pytest.mark.usefixtures("in_german")
def test_what_stands_before_the_time_of_sending_is_bold_in_any_language():
    preview = ReplyPreview(sender="shop", recipient="Lucia", subject="", body="Ciao")
    view = views.queued_view(a_ticket(), Draft(ticket_id=17, seen=None), preview, 5, NOON)

    before, _, after = view["blocks"][0]["elements"][0]["elements"]
    assert (before["text"], before["style"]) == ("Um ", {"bold": True})
    assert after["text"].startswith(" geht sie hinaus.")
    assert "style" not in after


@pytest.mark.usefixtures("in_german")
def test_languages_have_the_names_the_language_spoken_has_for_them():
    left_out = [{"agent": GIULIA, "why": "language", "detail": "es, fr"}]
    routing = routing_told({"routes": ["iberia"], "left_out": left_out})
    window = macro_views.macro_window(None, DESK, may_share=True)
    options = next(b for b in window["blocks"] if b.get("block_id") == macro_views.LANGUAGE_FIELD)

    assert routed_parts(routing, DESK)[-1] == " Giulia Conti liest kein Spanisch, Französisch."
    assert [one["text"]["text"] for one in options["element"]["options"]][1:3] == [
        "Englisch",
        "Italienisch",
    ]


def test_every_line_of_a_history_has_a_sentence_of_its_own(tmp_path):
    texts = [*SENTENCES.values(), *(each for both in REASONED.values() for each in both)]
    write_marked(tmp_path, [Language.FR], texts)
    with catalogues_in(tmp_path), speaking(Language.FR):
        said = {type_: line_of(type_) for type_ in (*SENTENCES, *REASONED)}

    assert all(each.startswith("[fr] ") for each in said.values()), said


def test_no_event_of_a_ticket_is_told_by_the_name_it_is_kept_under(tmp_path):
    of_nobody = {EventType.MACRO_CHANGED, EventType.AWAY, EventType.BACK, EventType.STANDING}
    write_marked(tmp_path, [Language.FR], ["{what} by {who}"])
    with catalogues_in(tmp_path), speaking(Language.FR):
        said = {type_: line_of(type_) for type_ in set(EventType) - of_nobody}

    assert [type_ for type_, line in said.items() if line.startswith("[fr]")] == []


def test_a_name_with_braces_is_put_in_as_it_is():
    agent = replace(DESK.roster.agents[GIULIA], name="{who} Conti")
    desk = a_desk(roster=replace(DESK.roster, agents={GIULIA: agent}))

    assert log.log_line(a_ticket(), an_event("claimed"), desk) == "{who} Conti claimed it"


@pytest.mark.parametrize(
    ("tickets", "missed", "said"),
    [
        (1, 0, "🟠 1 ticket is due soon, most urgent first:"),
        (3, 3, "🔴 3 tickets have missed a deadline, most urgent first:"),
        (3, 1, "🔴 1 ticket has missed a deadline, 2 tickets are due soon, most urgent first:"),
    ],
)
def test_a_list_says_how_many_are_late_and_how_many_are_not_yet(tickets, missed, said):
    assert together_words(tickets, missed) == said
