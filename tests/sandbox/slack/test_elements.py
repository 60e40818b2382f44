"""What elements hold: untouched, chosen, and what Slack's client finds wrong before a form goes out."""

from typing import Any

import pytest

from sandbox.slack.element_state import chosen_state, client_complaints, initial_state
from sandbox.slack.errors import ClientRefused
from sandbox.slack.model import JsonObject


def option(value: str) -> JsonObject:
    return {"text": {"type": "plain_text", "text": value.upper()}, "value": value}


OPTIONS = [option("a"), option("b")]
GROUPED = [{"label": {"type": "plain_text", "text": "Group"}, "options": OPTIONS}]


@pytest.mark.parametrize(
    ("element", "state"),
    [
        ({"type": "plain_text_input"}, {"value": None}),
        ({"type": "plain_text_input", "initial_value": "x"}, {"value": "x"}),
        ({"type": "static_select"}, {"selected_option": None}),
        ({"type": "checkboxes", "initial_options": OPTIONS}, {"selected_options": OPTIONS}),
        ({"type": "multi_users_select"}, {"selected_users": []}),
        ({"type": "users_select", "initial_user": "U1"}, {"selected_user": "U1"}),
        ({"type": "datepicker"}, {"selected_date": None}),
    ],
)
def test_an_untouched_element_holds_its_first_value(element: JsonObject, state: JsonObject) -> None:
    assert initial_state(element) == {"type": element["type"], **state}


@pytest.mark.parametrize("kind", ["button", "overflow"])
def test_some_elements_hold_nothing(kind: str) -> None:
    assert initial_state({"type": kind}) is None


@pytest.mark.parametrize(
    ("element", "value", "state"),
    [
        ({"type": "plain_text_input"}, "x", {"value": "x"}),
        ({"type": "plain_text_input"}, "", {"value": None}),
        ({"type": "number_input"}, 3, {"value": "3"}),
        ({"type": "static_select", "option_groups": GROUPED}, "b", {"selected_option": OPTIONS[1]}),
        ({"type": "checkboxes", "options": OPTIONS}, ["a", "b"], {"selected_options": OPTIONS}),
        ({"type": "checkboxes", "options": OPTIONS}, "a", {"selected_options": OPTIONS[:1]}),
        ({"type": "checkboxes", "options": OPTIONS}, [], {"selected_options": []}),
        ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
        ({"type": "multi_users_select"}, ["U1"], {"selected_users": ["U1"]}),
        ({"type": "multi_channels_select"}, "C1", {"selected_channels": ["C1"]}),
        ({"type": "datepicker"}, "2026-11-21", {"selected_date": "2026-11-21"}),
        ({"type": "datetimepicker"}, 1_800_000_000, {"selected_date_time": 1_800_000_000}),
        ({"type": "external_select"}, OPTIONS[0], {"selected_option": OPTIONS[0]}),
        ({"type": "button"}, None, {}),
    ],
)
def test_a_choice_becomes_state(element: JsonObject, value: Any, state: JsonObject) -> None:
    assert chosen_state(element, value) == {"type": element["type"], **state}


def test_an_option_nobody_offers_cannot_be_chosen() -> None:
    with pytest.raises(ClientRefused, match="no_such_option"):
        chosen_state({"type": "static_select", "options": OPTIONS}, "z")


@pytest.mark.parametrize(
    ("element", "value", "complaint"),
    [
        ({"type": "plain_text_input", "min_length": 3}, "ab", "at least 3"),
        ({"type": "plain_text_input", "max_length": 1}, "ab", "at most 1"),
        ({"type": "plain_text_input", "min_length": 2, "max_length": 2}, "ab", None),
        ({"type": "email_text_input"}, "ab", "e-mail"),
        ({"type": "email_text_input"}, "a@b.example", None),
        ({"type": "url_text_input"}, "b.example", "web address"),
        ({"type": "url_text_input"}, "https://b.example", None),
        ({"type": "number_input"}, "x", "a number"),
        ({"type": "number_input"}, "1.5", "whole"),
        ({"type": "number_input", "is_decimal_allowed": True}, "1.5", None),
        ({"type": "number_input", "min_value": "2"}, "1", "2 or more"),
        ({"type": "number_input", "max_value": "2"}, "3", "2 or less"),
        ({"type": "datepicker"}, "2026-11-21", None),
        ({"type": "plain_text_input"}, None, "required"),
    ],
)
def test_the_clients_own_checks(element: JsonObject, value: Any, complaint: str | None) -> None:
    element |= {"action_id": "a"}
    block = {"type": "input", "block_id": "b", "element": element}
    values = {"b": {"a": chosen_state(element, value)}}

    found = client_complaints([block, {"type": "divider", "block_id": "d"}], values)

    assert ("b" in found) == (complaint is not None)
    assert (complaint or "") in found.get("b", "")


def test_an_optional_input_may_stay_empty() -> None:
    element = {"type": "plain_text_input", "action_id": "a"}
    block = {"type": "input", "block_id": "b", "element": element, "optional": True}

    assert client_complaints([block], {}) == {}
