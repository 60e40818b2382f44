"""Octopia's own words for a refusal: problem documents (RFC 9457)."""

from connectors.answer import HttpAnswer, refusal_in_words
from connectors.errors import ConnectorError


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """A refusal in Octopia's own words; the status says who may not, or too often."""
    problem = answer.object_or_empty()
    said = (problem.get(name) for name in ("detail", "title", "error_description", "error"))
    words = next((one for one in said if isinstance(one, str) and one.strip()), None)
    return refusal_in_words(answer, "Octopia", words)
