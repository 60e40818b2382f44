"""Words in a payload: in English for whoever reads the row, and how they were made for the reader."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.language import tr
from sla_rules.worded import Worded


def told_again(words: str) -> dict[str, Any]:
    """What a payload keeps beside a text, so that `said_in` can say it; nothing for plain text."""
    if not isinstance(words, Worded):
        return {}
    values = {name: _kept(value) for name, value in words.values.items()}
    return {"template": words.template, "values": values}


def _kept(value: object) -> object:
    if isinstance(value, Worded):
        return {"text": str(value), **told_again(value)}
    return {"seconds": value.total_seconds()} if isinstance(value, timedelta) else value


def said_in(payload: Mapping[str, Any]) -> str:
    """The text of a payload in the language spoken; one kept without its making as it is."""
    template = payload.get("template")
    if not isinstance(template, str):
        return str(payload["text"])
    values = payload.get("values") or {}
    return tr(
        template,
        **{name: _said(value) for name, value in values.items()},
    )


def _said(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return timedelta(seconds=value["seconds"]) if "seconds" in value else said_in(value)
