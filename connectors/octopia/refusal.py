"""Octopia's own words for a refusal: problem documents (RFC 9457)."""

from typing import Final

from connectors.answer import HttpAnswer
from connectors.errors import ConnectorError, Rejected

_OUR_MISTAKES: Final = range(400, 500)
_NOT_ABOUT_US: Final = frozenset({401, 403, 429})


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """A refusal in Octopia's own words; the status says who may not, or too often."""
    if answer.status not in _OUR_MISTAKES or answer.status in _NOT_ABOUT_US:
        return None
    problem = answer.object_or_empty()
    said = (problem.get(name) for name in ("detail", "title", "error_description", "error"))
    words = next((one.strip() for one in said if isinstance(one, str) and one.strip()), "")
    return Rejected(f"Octopia refused: {words[:200]}") if words else None
