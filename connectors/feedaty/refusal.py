"""Feedaty's own words for a refusal."""

from http import HTTPStatus

from connectors.answer import HttpAnswer
from connectors.errors import AuthExpired, ConnectorError


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """An answer that says of itself that it is none; the status says the rest.

    We ask for nothing but reviews, so what is refused is the access.
    """
    if answer.status != HTTPStatus.OK:
        return None
    said = answer.object_or_empty()
    if said.get("Success") is not False:
        return None
    words = said.get("Message")
    why = f": {words.strip()[:200]}" if isinstance(words, str) and words.strip() else ""
    return AuthExpired(f"Feedaty refused{why}; is access by API switched on in the reserved area?")
