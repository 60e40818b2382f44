"""What the Web API answers when it refuses."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.slack.model import JsonObject

COMMON_ERRORS = frozenset(
    {
        "account_inactive",
        "fatal_error",
        "internal_error",
        "invalid_arg_name",
        "invalid_arguments",
        "invalid_auth",
        "invalid_form_data",
        "invalid_json",
        "json_not_object",
        "missing_scope",
        "not_allowed_token_type",
        "not_authed",
        "ratelimited",
        "service_unavailable",
        "token_revoked",
        "unknown_method",
    }
)
"""Codes that Slack's documentation lists for every method ("common errors")."""


@dataclass
class ApiError(Exception):
    """A refusal with its documented code. `extra` goes into the answer beside it."""

    code: str
    messages: Sequence[str] = ()
    extra: JsonObject = field(default_factory=dict)

    def body(self) -> JsonObject:
        """The answer's JSON."""
        body: JsonObject = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            body["response_metadata"] = {"messages": list(self.messages)}
        return body


class RateLimited(Exception):
    """Too many calls; the answer is HTTP 429 with `Retry-After: seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"retry after {seconds} s")
        self.seconds = seconds


class ClientRefused(Exception):
    """Slack's own client would refuse what a person tries; `sentence` is what it shows."""

    def __init__(self, code: str, sentence: str, extra: JsonObject | None = None) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
        self.extra = extra or {}
