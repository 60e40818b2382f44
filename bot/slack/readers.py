"""Who may read an answer, as agents type it before the answer's words."""

import re
from collections.abc import Mapping
from typing import Final

from bot.slack.typed_words import first_word

_READERS: Final[Mapping[str, bool]] = {"--private": False, "--public": True}
_DASHES: Final = re.compile("^[-\u2013\u2014]+")  # what keyboards make of two hyphens


def readers_of(text: str) -> tuple[bool | None, str]:
    """True for everybody, False for the customer alone, None where nothing was chosen; and the words."""
    word, rest = first_word(text)
    public = _READERS.get(_DASHES.sub("--", word).casefold())
    return (None, text) if public is None else (public, rest)
