"""What a provider sent back, read: an OpenAI-compatible chat completion, whole or as a stream."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

LONGEST: Final = 20_000
"""Characters of an answer. More is no answer to what was asked."""

_THOUGHTS: Final = ("<think>", "</think>")
"""Around what some local models write before they answer."""


class Nonsense(StrEnum):
    """What is wrong with an answer."""

    NOT_JSON = "not_json"
    WRONG_SHAPE = "wrong_shape"
    EMPTY = "empty"
    HUGE = "huge"
    CUT_OFF = "cut_off"


class NoReply(Exception):
    """The provider answered, and what it said is of no use."""

    def __init__(self, why: Nonsense) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the model wrote, and what it counted: the tokens of question and answer, 0 if not told."""

    text: str = field(repr=False)
    tokens: int = 0


def read_reply(body: bytes) -> Reply:
    """The first choice of an answer. Raises NoReply."""
    told = _streamed(body) if body.lstrip().startswith(b"data:") else _object(body)
    text = _without_thoughts(_content(told))
    if not text.strip():
        raise NoReply(Nonsense.EMPTY)
    if len(text) > LONGEST:
        raise NoReply(Nonsense.HUGE)
    if _first(told).get("finish_reason") == "length":
        raise NoReply(Nonsense.CUT_OFF)
    return Reply(text=text.strip(), tokens=_tokens(told))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if found is None:
        # Outside the handler: the decoder's error carries the whole body.
        raise NoReply(Nonsense.NOT_JSON)
    if not isinstance(found, dict):
        raise NoReply(Nonsense.WRONG_SHAPE)
    return found


def _first(told: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = told.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict):
        raise NoReply(Nonsense.WRONG_SHAPE)
    return first


def _content(told: Mapping[str, Any]) -> str:
    message = _first(told).get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if content is None and isinstance(message, dict):
        raise NoReply(Nonsense.EMPTY)
    if not isinstance(content, str):
        raise NoReply(Nonsense.WRONG_SHAPE)
    return content


def _tokens(told: Mapping[str, Any]) -> int:
    usage = told.get("usage")
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else 0


def _streamed(body: bytes) -> Mapping[str, Any]:
    """The pieces of a stream put together, for a provider that knows no other way."""
    said: list[str] = []
    reason, usage = None, None
    for piece in _pieces(body):
        usage = piece.get("usage") or usage
        if not piece.get("choices"):
            continue
        first = _first(piece)
        reason = first.get("finish_reason") or reason
        delta = first.get("delta")
        content = delta.get("content") if isinstance(delta, dict) else None
        said += [content] if isinstance(content, str) else []
    return {
        "choices": [{"message": {"content": "".join(said)}, "finish_reason": reason}],
        "usage": usage,
    }


def _pieces(body: bytes) -> Iterator[Mapping[str, Any]]:
    for line in body.splitlines():
        told = line.removeprefix(b"data:").strip()
        if line.startswith(b"data:") and told != b"[DONE]":
            yield _object(told)


def _without_thoughts(text: str) -> str:
    before, found, rest = text.partition(_THOUGHTS[0])
    if not found:
        return text
    return before + rest.partition(_THOUGHTS[1])[2]
