"""How Meta words things on the wire: errors, instants, and the `fields` parameter."""

import re
from datetime import datetime
from typing import Any

Json = dict[str, Any]


class GraphError(Exception):
    """A refusal in Meta's shape."""

    def __init__(self, code: int, message: str, *, subcode: int = 0, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.subcode, self.status = code, message, subcode, status

    def body(self) -> Json:
        """The error object."""
        inner = {"message": self.message, "type": "OAuthException", "code": self.code}
        subcode = {"error_subcode": self.subcode} if self.subcode else {}
        return {"error": {**inner, **subcode, "fbtrace_id": "AbCdEf123"}}


def moment(at: datetime) -> str:
    """An instant as the Graph API writes it: whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def milliseconds(at: datetime) -> int:
    """An instant as webhooks write it."""
    return int(at.timestamp() * 1000)


def fields_of(text: str) -> dict[str, tuple[dict[str, str], dict[str, Any]]]:
    """A `fields` parameter: names, their modifiers, and the fields asked of what they hold."""
    found: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}
    depth, start = 0, 0
    for at, char in enumerate(f"{text},"):
        depth += (char in "{(") - (char in "})")
        if char == "," and depth == 0:
            part = text[start:at]
            head, _, inner = part.partition("{")
            name, *modifiers = re.split(r"\.(?=\w+\()", head)
            pairs = (one.rstrip(")").partition("(") for one in modifiers)
            found[name] = ({n: v for n, _, v in pairs}, fields_of(inner[:-1]) if inner else {})
            start = at + 1
    return found
