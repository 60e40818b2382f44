"""Words in a payload: in English for whoever reads the row, and how they were made for the reader."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.language import tr
from bot.language.forms import moment
from sla_rules.worded import Worded, alone


def told_again(words: str) -> dict[str, Any]:
    """What a payload keeps beside a text, so that `said_in` can say it; nothing for plain text."""
    if not isinstance(words, Worded):
        return {}
    values = {name: _kept(value) for name, value in words.values.items()}
    return {"template": words.template, "values": values}


def _kept(value: object) -> object:
    if isinstance(value, Worded):
        return {"text": str(value), **told_again(value)}
    if isinstance(value, datetime):
        return {"text": str(alone(value)), "instant": value.isoformat()}
    return {"seconds": value.total_seconds()} if isinstance(value, timedelta) else value


def said_in(payload: Mapping[str, Any], timezone: str = "UTC") -> str:
    """The text of a payload in the language spoken; one kept without its making as it is.

    Instants in it are said in `timezone`.
    """
    template = payload.get("template")
    if not isinstance(template, str):
        return str(payload["text"])
    values = payload.get("values") or {}
    return tr(
        template,
        **{name: _said(value, timezone) for name, value in values.items()},
    )


def _said(value: Any, timezone: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "instant" in value:
        return moment(datetime.fromisoformat(value["instant"]), timezone)
    if "seconds" in value:
        return timedelta(seconds=value["seconds"])
    return said_in(value, timezone)
