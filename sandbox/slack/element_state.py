"""What an element holds: its first state, the state a person's choice gives it, and the client's own checks."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.slack.errors import ClientRefused
from sandbox.slack.model import JsonObject

# element type → (field of the state, field of the first value); docs.slack.dev "view_submission", `state.values`.
_FIELDS: Mapping[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
_MOST_FILES = 10
_STATELESS = {"overflow"}
_REQUIRED = "Please complete this required field."


def initial_state(element: JsonObject) -> JsonObject | None:
    """The state of an element nobody touched; None for buttons and the like."""
    kind = element["type"]
    if kind not in _FIELDS or kind in _STATELESS:
        return None
    field, initial = _FIELDS[kind]
    empty: Any = [] if field.endswith("s") and field != "files" else None
    return {"type": kind, field: element.get(initial, empty) if initial else empty}


def _options(element: JsonObject) -> dict[str, JsonObject]:
    offered: list[JsonObject] = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        offered.extend(group["options"])
    return {option["value"]: option for option in offered}


def _choose(element: JsonObject, value: Any) -> JsonObject:
    if isinstance(value, dict):
        return value
    if element["type"] in {"external_select", "multi_external_select"}:
        return {"text": {"type": "plain_text", "text": str(value)}, "value": str(value)}
    options = _options(element)
    if value not in options:
        raise ClientRefused("no_such_option", f"There is no option {value!r} to choose.")
    return options[value]


def chosen_state(element: JsonObject, value: Any) -> JsonObject:
    """The state after a person chose or typed `value`. Raises ClientRefused for an option that is not there."""
    kind = element["type"]
    if kind not in _FIELDS:
        return {"type": kind}
    field = _FIELDS[kind][0]
    if value is None or value in ("", []):
        return {"type": kind, field: [] if field.endswith("s") else None}
    if field == "selected_option":
        return {"type": kind, field: _choose(element, value)}
    if field == "selected_options":
        chosen = value if isinstance(value, list) else [value]
        return {"type": kind, field: [_choose(element, one) for one in chosen]}
    if field.endswith("s"):
        return {"type": kind, field: value if isinstance(value, list) else [value]}
    return {"type": kind, field: str(value) if field == "value" else value}


def _too_short_or_long(element: JsonObject, text: str) -> str | None:
    least, most = element.get("min_length"), element.get("max_length")
    if least is not None and len(text) < least:
        return f"Must be at least {least} characters."
    if most is not None and len(text) > most:
        return f"Must be at most {most} characters."
    return None


def _no_email(_element: JsonObject, text: str) -> str | None:
    fine = re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text)
    return None if fine else "Must be an e-mail address."


def _no_url(_element: JsonObject, text: str) -> str | None:
    return None if re.fullmatch(r"https?://\S+", text) else "Must be a web address."


def _no_number(element: JsonObject, text: str) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return "Must be a number."
    if not element.get("is_decimal_allowed") and number != int(number):
        return "Must be a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and number < float(least):
        return f"Must be {least} or more."
    if most is not None and number > float(most):
        return f"Must be {most} or less."
    return None


_CHECKS: Mapping[str, Callable[[JsonObject, str], str | None]] = {
    "plain_text_input": _too_short_or_long,
    "email_text_input": _no_email,
    "url_text_input": _no_url,
    "number_input": _no_number,
}


def wrong_files(element: JsonObject, names: Iterable[str]) -> str | None:
    """What the client holds against files chosen for a file input: their number, their endings."""
    chosen = list(names)
    most, endings = element.get("max_files", _MOST_FILES), element.get("filetypes")
    if len(chosen) > most:
        return f"You can add up to {most} files."
    if endings and any(name.rpartition(".")[2].lower() not in endings for name in chosen):
        return "This file type is not supported."
    return None


def client_complaints(
    blocks: Iterable[JsonObject], values: Mapping[str, Mapping[str, JsonObject]]
) -> dict[str, str]:
    """What Slack's client holds against a submission, by block id, before the app hears of it."""
    complaints: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values.get(block["block_id"], {}).get(element["action_id"], {})
        value = state.get(_FIELDS[element["type"]][0])
        if value in (None, "", []):
            if not block.get("optional"):
                complaints[block["block_id"]] = _REQUIRED
            continue
        check = _CHECKS.get(element["type"])
        complaint = check(element, str(value)) if check else None
        if complaint is not None:
            complaints[block["block_id"]] = complaint
    return complaints
