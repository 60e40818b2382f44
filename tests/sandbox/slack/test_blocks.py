"""The validator against Slack's documented limits: what is at the limit passes, what is over it is pointed at."""

from typing import Any

import pytest

from sandbox.slack.blocks import complete_blocks, validate_blocks, validate_view
from sandbox.slack.model import JsonObject
from tests.sandbox.slack.bolt import actions, button, modal, rich_text, section, text_input


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def option(number: int, text: str = "one") -> JsonObject:
    return {"text": plain(text), "value": str(number)}


def menu(kind: str = "static_select", count: int = 1, **fields: Any) -> JsonObject:
    options = [option(number) for number in range(count)]
    return {"type": kind, "action_id": "menu", "options": options, **fields}


def with_element(element: JsonObject) -> list[JsonObject]:
    return [actions(element)]


def table(rows: int, columns: int) -> JsonObject:
    cell = {"type": "raw_text", "text": "x"}
    return {"type": "table", "rows": [[cell] * columns] * rows}


def chart(**fields: Any) -> JsonObject:
    pie = {"type": "pie", "segments": [{"label": "Late", "value": 3}]}
    return {"type": "data_visualization", "title": "Week", "chart": pie, **fields}


CONTAINER = {"type": "container", "title": plain("History"), "child_blocks": [section("x")]}
LONG = "x" * 3001

FINE: dict[str, list[JsonObject]] = {
    "fifty blocks": [section("x")] * 50,
    "a section of 3,000 characters": [section("x" * 3000)],
    "a header of 150": [{"type": "header", "text": plain("x" * 150)}],
    "twenty-five buttons": [actions(*(button(f"b{n}") for n in range(25)))],
    "a button value of 2,000": with_element(button("b", value="x" * 2000)),
    "a hundred options": with_element(menu(count=100)),
    "five overflow options": with_element(menu("overflow", count=5)),
    "the same action_id in two blocks": [actions(button("b"), block_id=f"a{n}") for n in range(2)],
    "a list in rich text": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [{"type": "rich_text_section", "elements": []}],
                }
            ],
        }
    ],
    "a date in rich text": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "date", "timestamp": 1, "format": "{ago}"}],
                }
            ],
        }
    ],
    "a table of 100 rows": [table(100, 20)],
    "two charts": [chart(), chart()],
    "a folded container": [{**CONTAINER, "is_collapsible": True, "default_collapsed": True}],
    "an expanded section": [{**section("x"), "expand": True}],
}


@pytest.mark.parametrize("blocks", FINE.values(), ids=FINE)
def test_blocks_within_the_limits_are_taken(blocks: list[JsonObject]) -> None:
    assert validate_blocks(blocks) == []


WRONG: dict[str, tuple[list[Any], str, str]] = {
    "fifty-one blocks": ([section("x")] * 51, "", "no more than 50 items allowed"),
    "a long section": ([section(LONG)], "/0/text/text", "must be less than 3001 characters"),
    "an empty section": ([section("")], "/0/text/text", "must be more than 0 characters"),
    "a section of nothing": ([{"type": "section"}], "/0", "must define at least one of"),
    "a long field": (
        [{"type": "section", "fields": [plain("x" * 2001)]}],
        "/0/fields/0/text",
        "must be less than 2001",
    ),
    "eleven fields": ([{"type": "section", "fields": [plain("x")] * 11}], "/0/fields", "no more"),
    "a marked header": (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "/0/text/type",
        "unsupported type: mrkdwn",
    ),
    "a long header": ([{"type": "header", "text": plain("x" * 151)}], "/0/text/text", "151"),
    "an unknown block": ([{"type": "banner"}], "/0/type", "unsupported type: banner"),
    "a block without type": ([{"text": "x"}], "/0", "missing required field: type"),
    "no object": (["x"], "/0", "must provide an object"),
    "an unknown field": ([{**section("x"), "colour": "red"}], "/0/colour", "additional property"),
    "too many buttons": (
        [actions(*(button(f"b{n}") for n in range(26)))],
        "/0/elements",
        "no more than 25",
    ),
    "no button": ([actions()], "/0/elements", "no fewer than 1"),
    "a long button": (with_element(button("b", "x" * 76)), "/0/elements/0/text/text", "76"),
    "a long value": (with_element(button("b", value="x" * 2001)), "/0/elements/0/value", "2001"),
    "an odd style": (with_element(button("b", style="green")), "/0/elements/0/style", "one of"),
    "a relative link": (with_element(button("b", url="/x")), "/0/elements/0/url", "valid URL"),
    "a text input in actions": (
        with_element({"type": "plain_text_input", "action_id": "a"}),
        "/0/elements/0/type",
        "unsupported type: plain_text_input",
    ),
    "101 options": (with_element(menu(count=101)), "/0/elements/0/options", "no more than 100"),
    "six overflow options": (
        with_element(menu("overflow", count=6)),
        "/0/elements/0/options",
        "no more than 5",
    ),
    "eleven checkboxes": (
        with_element(menu("checkboxes", count=11)),
        "/0/elements/0/options",
        "no more than 10",
    ),
    "a long option": (
        with_element(menu(options=[option(1, "x" * 76)])),
        "/0/elements/0/options/0/text/text",
        "76",
    ),
    "an initial option nobody offers": (
        with_element(menu(initial_option=option(7))),
        "/0/elements/0",
        "initial option",
    ),
    "no options at all": (
        with_element({"type": "static_select", "action_id": "a"}),
        "/0/elements/0",
        "exactly one of: options, option_groups",
    ),
    "two equal action ids in a block": (
        [actions(button("b"), button("b"))],
        "/0/elements/1/action_id",
        "already exists",
    ),
    "two equal block ids": (
        [actions(button("b")), actions(button("b"))],
        "/1/block_id",
        "already exists",
    ),
    "a long block id": ([{**section("x"), "block_id": "x" * 256}], "/0/block_id", "256"),
    "an image without alt text": (
        [{"type": "image", "image_url": "https://a.example/x.png"}],
        "/0",
        "missing required field: alt_text",
    ),
    "an unknown rich text element": (
        [{"type": "rich_text", "elements": [{"type": "rich_text_table"}]}],
        "/0/elements/0/type",
        "unsupported type",
    ),
    "text straight inside a list": (
        [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_list",
                        "style": "bullet",
                        "elements": [{"type": "text", "text": "x"}],
                    }
                ],
            }
        ],
        "/0/elements/0/elements/0/type",
        "unsupported type: text",
    ),
    "an empty text in rich text": ([rich_text("")], "/0/elements/0/elements/0/text", "more than 0"),
    "eleven context elements": (
        [{"type": "context", "elements": [plain("x")] * 11}],
        "/0/elements",
        "no more than 10",
    ),
    "an alert in a message": ([{"type": "alert", "text": plain("x")}], "/0/type", "unsupported"),
    "two tables": ([table(1, 1), table(1, 1)], "", "no more than 1 blocks of type table"),
    "a table of 101 rows": ([table(101, 1)], "/0/rows", "no more than 100"),
    "a table of 21 columns": ([table(1, 21)], "/0/rows/0", "no more than 20"),
    "three charts": ([chart()] * 3, "", "no more than 2 blocks"),
    "a long chart title": ([chart(title="x" * 51)], "/0/title", "51"),
    "too much markdown in all": (
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        "",
        "markdown blocks must be less than 12001",
    ),
    "a container in a container": (
        [{**CONTAINER, "child_blocks": [CONTAINER]}],
        "/0/child_blocks/0/type",
        "unsupported type: container",
    ),
    "a container that cannot unfold": (
        [{**CONTAINER, "default_collapsed": True}],
        "/0",
        "requires is_collapsible",
    ),
    "a card of nothing": ([{"type": "card", "subtitle": plain("x")}], "/0", "at least one of"),
    "a file input in a message": (
        [
            {
                "type": "input",
                "label": plain("x"),
                "element": {"type": "file_input", "action_id": "a"},
            }
        ],
        "/0/element/type",
        "unsupported type: file_input",
    ),
    "a data table with one row": (
        [{"type": "data_table", "caption": "x", "rows": [[{"type": "raw_text", "text": "x"}]]}],
        "/0/rows",
        "no fewer than 2",
    ),
}


@pytest.mark.parametrize(("blocks", "pointer", "message"), WRONG.values(), ids=WRONG)
def test_blocks_beyond_the_limits_are_pointed_at(
    blocks: list[Any], pointer: str, message: str
) -> None:
    errors = validate_blocks(blocks)

    assert any(e.pointer == pointer and message in e.message for e in errors), errors


def test_something_that_is_no_list_is_refused() -> None:
    assert validate_blocks({"type": "section"})[0].message == "must be an array"


def test_a_modal_within_the_limits_is_taken() -> None:
    alert = {"type": "alert", "text": plain("This stops no clock"), "level": "warning"}

    assert validate_view(modal(text_input("a", max_length=3000), alert)) == []


WRONG_VIEWS: dict[str, tuple[Any, str, str]] = {
    "a long title": ({**modal(), "title": plain("x" * 25)}, "/title/text", "25"),
    "no title": ({"type": "modal", "blocks": []}, "", "missing required field: title"),
    "inputs without a submit button": (
        {key: value for key, value in modal().items() if key != "submit"},
        "",
        "missing required field: submit",
    ),
    "too much private metadata": ({**modal(), "private_metadata": LONG}, "/private_metadata", "3"),
    "a table in a modal": (modal(table(1, 1)), "/blocks/0/type", "unsupported type: table"),
    "101 blocks": (modal(*[section("x")] * 101), "/blocks", "no more than 100"),
    "an input longer than 3,000": (
        modal(text_input("a", max_length=3001)),
        "/blocks/0/element/max_length",
        "between 1 and 3000",
    ),
    "lengths that contradict": (
        modal(text_input("a", min_length=5, max_length=3)),
        "/blocks/0/element",
        "min_length",
    ),
    "two inputs with the focus": (
        modal(text_input("a", focus_on_load=True), text_input("b", focus_on_load=True)),
        "/blocks/1/element/focus_on_load",
        "only one element",
    ),
    "a Home with a title": ({"type": "home", "title": plain("x"), "blocks": []}, "/title", "addit"),
    "a Home with markdown": (
        {"type": "home", "blocks": [{"type": "markdown", "text": "x"}]},
        "/blocks/0/type",
        "unsupported type: markdown",
    ),
    "an unknown view": ({"type": "sheet"}, "/type", "unsupported type: sheet"),
    "no view": (None, "", "must provide an object"),
}


@pytest.mark.parametrize(("view", "pointer", "message"), WRONG_VIEWS.values(), ids=WRONG_VIEWS)
def test_views_beyond_the_limits_are_pointed_at(view: Any, pointer: str, message: str) -> None:
    errors = validate_view(view)

    assert any(e.pointer == pointer and message in e.message for e in errors), errors


def test_missing_ids_are_made_up_and_given_ones_kept() -> None:
    anonymous = {"type": "button", "text": plain("x")}
    given = [section("x"), actions(anonymous, button("mine"), block_id="kept")]

    first, second = complete_blocks(given)

    assert first["block_id"]
    assert second["block_id"] == "kept"
    assert second["elements"][0]["action_id"]
    assert second["elements"][1]["action_id"] == "mine"
    assert "action_id" not in anonymous
