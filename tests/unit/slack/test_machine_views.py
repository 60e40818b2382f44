"""Windows with a machine's words: within Slack's limits at their worst, and inert."""

import json

import pytest

from bot.assist.llm.checking import Checked
from bot.assist.llm.uses import Use
from bot.domain.opportunity import Hint, Reason
from bot.language import Language, speaking
from bot.slack.blocks.hint import hint_blocks
from bot.slack.blocks.log import log_line
from bot.slack.blocks.machine import Asked, Offer, asked_line, machine_buttons, offer_of
from connectors.capabilities import Money
from sandbox.slack.blocks import validate_view
from tests.unit.slack.machine_scenes import ASKED, MACHINE_VIEWS, WORST_MACHINE_VIEWS, _result
from tests.unit.slack.scenes import HOSTILE, a_desk, a_ticket, an_event


@pytest.mark.parametrize("name", [*MACHINE_VIEWS, *WORST_MACHINE_VIEWS])
@pytest.mark.parametrize("language", Language)
def test_every_window_is_one_that_slack_takes(name: str, language: Language) -> None:
    with speaking(language):
        view = ({**MACHINE_VIEWS, **WORST_MACHINE_VIEWS})[name]()

    assert validate_view(view) == []


def test_invariant_9_a_machines_words_are_as_inert_as_a_customers() -> None:
    view = _result(Use.SUMMARY, Checked(text=HOSTILE))

    told = json.dumps(view)
    assert "mrkdwn" not in told
    assert '"type": "link"' not in told
    assert '"type": "user"' not in told


def test_what_a_window_remembers_comes_back() -> None:
    assert Asked.load(ASKED.dump()) == ASKED


def test_nothing_is_offered_without_a_model_or_an_inbox() -> None:
    ticket, desk = a_ticket(), a_desk()

    assert offer_of(desk, ticket, there=False, aside=True) == Offer()
    assert offer_of(desk, a_ticket(inbox="gone"), there=True, aside=False) == Offer()
    assert machine_buttons(Offer(), ticket) == []


@pytest.mark.parametrize(
    ("use", "outcome", "line"),
    [
        ("draft", "answered", "Giulia asked the machine for a draft"),
        ("summary", "slow", "Giulia asked the machine for a summary. There was no answer."),
        ("translate_words", "answered", "Giulia had the machine translate the customer's words"),
        ("translate_answer", "answered", "Giulia had the machine translate an answer"),
    ],
)
def test_the_history_says_who_asked_for_what(use: str, outcome: str, line: str) -> None:
    assert asked_line(use, outcome, "Giulia") == line
    event = an_event("machine_asked", use=use, outcome=outcome, model="tiny-1")
    assert log_line(a_ticket(), event, a_desk()) == line.replace("Giulia", "Giulia Conti")


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (Hint(reason=Reason.VIP), "this is a VIP customer."),
        (Hint(reason=Reason.MANY_ORDERS, orders=4), "a loyal customer, 4 orders so far."),
        (
            Hint(reason=Reason.SPENT_MUCH, spent=Money(amount=900, currency="EUR")),  # type: ignore[arg-type]
            "who has spent 900.00 EUR so far.",
        ),
        (
            Hint(
                reason=Reason.COMPANION, bought="Lamp", companion="bulb", sentence="Not in the box."
            ),
            "“bulb” goes with “Lamp”, which they bought. Not in the box.",
        ),
    ],
)
def test_a_hint_is_one_line_with_its_reason(hint: Hint, words: str) -> None:
    (block,) = hint_blocks(hint)

    (element,) = block["elements"]
    assert element["text"].startswith("💡 For you alone: ")
    assert element["text"].endswith(words)
