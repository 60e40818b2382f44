"""Block Kit's elements: buttons, menus, pickers and inputs, with their limits (Slack's Block Kit reference)."""

import re
from typing import Any

from sandbox.slack.block_schema import (
    Check,
    Report,
    array,
    boolean,
    both,
    complain,
    exactly_one,
    integer,
    one_of,
    record,
    string,
    web_address,
)
from sandbox.slack.block_text import (
    CHOICE_OPTION,
    CONFIRM,
    MENU_OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    RICH_TEXT,
    plain,
)

_ID = string(most=255)
_SLACK_ID = string(most=40)
_BASE: dict[str, Check] = {"type": string(most=50)}
_ACTION: dict[str, Check] = {"action_id": _ID}
_CONFIRM: dict[str, Check] = {"confirm": CONFIRM}
_FOCUS: dict[str, Check] = {"focus_on_load": boolean}
_PLACEHOLDER: dict[str, Check] = {"placeholder": plain(150)}
_MENU: dict[str, Check] = {**_ACTION, **_CONFIRM, **_FOCUS, **_PLACEHOLDER}
_MANY: dict[str, Check] = {**_MENU, "max_selected_items": integer(1, 100)}
_DISPATCH: dict[str, Check] = {
    "dispatch_action_config": record(
        {},
        {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), most=2)},
    )
}
_FILTER = record(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_IDS = array(_SLACK_ID, most=100, least=0)


def _pattern(expression: str, sentence: str) -> Check:
    def check(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, str) or not re.fullmatch(expression, value):
            complain(report, at, sentence)

    return check


_DATE = _pattern(r"\d{4}-\d\d-\d\d", "must be a date as YYYY-MM-DD")
_TIME = _pattern(r"([01]\d|2[0-3]):[0-5]\d", "must be a time as HH:mm")


def _element(optional: dict[str, Check], **required: Check) -> Check:
    return record({**_BASE, **required}, optional)


def _offered(value: Any) -> list[Any]:
    offered = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        if isinstance(group, dict):
            offered.extend(group.get("options") or [])
    return offered


def _initial_is_offered(value: Any, at: str, report: Report) -> None:
    offered = [(o.get("value"), o.get("text")) for o in _offered(value) if isinstance(o, dict)]
    chosen = value.get("initial_options") or [value.get("initial_option")]
    for one in chosen:
        if isinstance(one, dict) and (one.get("value"), one.get("text")) not in offered:
            complain(report, at, "initial option must match one of the given options")


def _static(optional: dict[str, Check]) -> Check:
    lists: dict[str, Check] = {
        "options": array(MENU_OPTION, most=100),
        "option_groups": array(OPTION_GROUP, most=100),
    }
    return both(
        record(_BASE, {**optional, **lists}),
        exactly_one("options", "option_groups"),
        _initial_is_offered,
    )


def _lengths_agree(value: Any, at: str, report: Report) -> None:
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        complain(report, at, "min_length must not be greater than max_length")
    initial = value.get("initial_value")
    if isinstance(initial, str) and isinstance(most, int) and len(initial) > most:
        complain(report, f"{at}/initial_value", f"must be less than {most + 1} characters")


_TEXT_INPUT: dict[str, Check] = {**_ACTION, **_FOCUS, **_PLACEHOLDER, **_DISPATCH}
_FEEDBACK = record(
    {"text": plain(75), "value": string(most=2000)}, {"accessibility_label": string(most=75)}
)
_SLACK_FILE = record({}, {"id": _ID, "url": web_address})

IMAGE_SOURCE = exactly_one("image_url", "slack_file")
IMAGE = both(
    _element({"image_url": web_address, "slack_file": _SLACK_FILE}, alt_text=string(most=2000)),
    IMAGE_SOURCE,
)
"""An image element, as in a section's accessory."""

ELEMENTS: dict[str, Check] = {
    "button": _element(
        {
            **_ACTION,
            **_CONFIRM,
            "url": web_address,
            "value": string(most=2000),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(most=75),
        },
        text=plain(75),
    ),
    "workflow_button": _element(
        {
            **_ACTION,
            "style": one_of("primary", "danger"),
            "accessibility_label": string(most=75),
        },
        text=plain(75),
        workflow=record({"trigger": lambda _value, _at, _report: None}),
    ),
    "overflow": _element({**_ACTION, **_CONFIRM}, options=array(OVERFLOW_OPTION, most=5)),
    "checkboxes": both(
        _element(
            {**_ACTION, **_CONFIRM, **_FOCUS, "initial_options": array(CHOICE_OPTION, most=10)},
            options=array(CHOICE_OPTION, most=10),
        ),
        _initial_is_offered,
    ),
    "radio_buttons": both(
        _element(
            {**_ACTION, **_CONFIRM, **_FOCUS, "initial_option": CHOICE_OPTION},
            options=array(CHOICE_OPTION, most=10),
        ),
        _initial_is_offered,
    ),
    "static_select": _static({**_MENU, "initial_option": MENU_OPTION}),
    "multi_static_select": _static({**_MANY, "initial_options": array(MENU_OPTION, most=100)}),
    "external_select": _element(
        {**_MENU, "min_query_length": integer(0, 3000), "initial_option": MENU_OPTION}
    ),
    "multi_external_select": _element(
        {
            **_MANY,
            "min_query_length": integer(0, 3000),
            "initial_options": array(MENU_OPTION, most=100),
        }
    ),
    "users_select": _element({**_MENU, "initial_user": _SLACK_ID}),
    "multi_users_select": _element({**_MANY, "initial_users": _IDS}),
    "channels_select": _element(
        {**_MENU, "initial_channel": _SLACK_ID, "response_url_enabled": boolean}
    ),
    "multi_channels_select": _element({**_MANY, "initial_channels": _IDS}),
    "conversations_select": _element(
        {
            **_MENU,
            "initial_conversation": _SLACK_ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _FILTER,
        }
    ),
    "multi_conversations_select": _element(
        {
            **_MANY,
            "initial_conversations": _IDS,
            "default_to_current_conversation": boolean,
            "filter": _FILTER,
        }
    ),
    "datepicker": _element({**_MENU, "initial_date": _DATE}),
    "timepicker": _element({**_MENU, "initial_time": _TIME, "timezone": string(most=60)}),
    "datetimepicker": _element(
        {**_ACTION, **_CONFIRM, **_FOCUS, "initial_date_time": integer(10**9, 10**10 - 1)}
    ),
    "plain_text_input": both(
        _element(
            {
                **_TEXT_INPUT,
                "multiline": boolean,
                "initial_value": string(most=3000, least=0),
                "min_length": integer(0, 3000),
                "max_length": integer(1, 3000),
            }
        ),
        _lengths_agree,
    ),
    "email_text_input": _element({**_TEXT_INPUT, "initial_value": string(most=3000, least=0)}),
    "url_text_input": _element({**_TEXT_INPUT, "initial_value": string(most=3000, least=0)}),
    "number_input": _element(
        {
            **_TEXT_INPUT,
            "initial_value": string(most=50, least=0),
            "min_value": string(most=50),
            "max_value": string(most=50),
        },
        is_decimal_allowed=boolean,
    ),
    "rich_text_input": _element({**_TEXT_INPUT, "initial_value": RICH_TEXT}),
    "file_input": _element(
        {**_ACTION, "filetypes": array(_ID, most=100), "max_files": integer(1, 10)}
    ),
    "feedback_buttons": _element(_ACTION, positive_button=_FEEDBACK, negative_button=_FEEDBACK),
    "icon_button": _element(
        {
            **_ACTION,
            **_CONFIRM,
            "value": string(most=2000),
            "accessibility_label": string(most=75),
            "visible_to_user_ids": array(_SLACK_ID, most=10),
        },
        icon=_ID,
        text=plain(75),
    ),
    "image": IMAGE,
}

_SELECTS = (
    "static_select",
    "external_select",
    "users_select",
    "channels_select",
    "conversations_select",
)
_MULTI_SELECTS = tuple(f"multi_{name}" for name in _SELECTS)
_PICKERS = ("checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker")

IN_SECTION = (
    *_SELECTS,
    *_MULTI_SELECTS,
    "button",
    "checkboxes",
    "datepicker",
    "image",
    "overflow",
    "radio_buttons",
    "timepicker",
    "workflow_button",
)
IN_ACTIONS = (
    *_SELECTS,
    *_MULTI_SELECTS,
    *_PICKERS,
    "button",
    "overflow",
    "rich_text_input",
    "workflow_button",
)
IN_INPUT = (
    *_SELECTS,
    *_MULTI_SELECTS,
    *_PICKERS,
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
)
IN_CONTEXT_ACTIONS = ("feedback_buttons", "icon_button")
INTERACTIVE = frozenset(ELEMENTS) - {"image"}
"""Elements that carry an `action_id`."""
