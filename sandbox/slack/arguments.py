"""Arguments of a Web API call, from a form, JSON or query; Slack takes all three."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.slack.errors import ApiError

_TRUE = {"1", "true", "True", True}


class Arguments:
    """One call's arguments by name."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def text(self, name: str) -> str | None:
        """A string, None when absent or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, dict | list):
            raise ApiError(
                "invalid_arguments", [f"[ERROR] must be a string [json-pointer:/{name}]"]
            )
        return str(value)

    def need(self, name: str) -> str:
        """A string. Raises ApiError when absent."""
        value = self.text(name)
        if value is None:
            raise ApiError("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean, in any of the spellings Slack takes."""
        value = self.values.get(name)
        return default if value is None or value == "" else value in _TRUE

    def number(self, name: str, default: int) -> int:
        """A whole number. Raises ApiError when it is none."""
        value = self.text(name)
        try:
            return default if value is None else int(value)
        except ValueError:
            raise ApiError(
                "invalid_arguments", [f"[ERROR] must be an integer [json-pointer:/{name}]"]
            ) from None

    def json(self, name: str, *, malformed: str = "invalid_arguments") -> Any:
        """A structure, given as such or as JSON text. Raises ApiError(`malformed`)."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise ApiError(malformed) from None


async def read_arguments(request: web.Request) -> dict[str, Any]:
    """All arguments of a request. Raises ApiError for a body that cannot be read."""
    values: dict[str, Any] = dict(request.query)
    if request.method != "POST":
        return values
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except json.JSONDecodeError:
            raise ApiError("invalid_json") from None
        if not isinstance(body, dict):
            raise ApiError("json_not_object")
        return values | body
    form = await request.post()
    return values | {name: value for name, value in form.items() if isinstance(value, str)}
