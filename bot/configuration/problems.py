"""What is wrong in the file, as sentences: file, line, key, value and remedy. Never a secret's value."""

import json
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from bot.configuration.source import Source
from bot.errors import SettingsError
from bot.log import redact_tokens
from sla_rules.refusals import did_you_mean
from sla_rules.toml_lines import Place

_SECRET_NAME: Final = re.compile(r"(?i)pass|secret|token(?!s)|credential|api_?key|private")
_LONGEST_VALUE: Final = 60
_ARROW: Final = " → "
_PLAIN: Final = {
    "string_type": "is no text",
    "tuple_type": "is no list",
    "dict_type": "is no table",
    "model_type": "is no table",
    "int_type": "is no whole number",
    "int_parsing": "is no whole number",
    "int_from_float": "is no whole number",
    "date_type": "is no date",
    "date_parsing": "is no date",
    "date_from_datetime_parsing": "is no date",
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
}
"""Our words for what the validator says in Python's."""

_KINDS: Final[Mapping[type, str]] = {dict: "a table", list: "a list"}
_NAMED: Final = ("calendars", "shifts")
_LINE: Final = re.compile(r"(.+?):(\d+): ")
_REDIRECTED: Final = {
    "slack": "Slack's tokens come from the environment: SLACK_BOT_TOKEN, SLACK_APP_TOKEN.",
    "database": "The database's address comes from the environment: DATABASE_URL.",
    "database_url": "The database's address comes from the environment: DATABASE_URL.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that cannot be used. `where` is the key as a person would say it.

    `place` is the way to it in the file; what is missing stands on the line of its table.
    """

    where: str
    wrong: str
    remedy: str
    place: Place
    value: str | None = None

    def sentence(self, at: Callable[[Place], str]) -> str:
        """The line a person reads; `at` tells file and line."""
        said = f"{self.value} {self.wrong}" if self.value is not None else self.wrong
        return redact_tokens(f"{at(self.place)}: {self.where}: {said} {self.remedy}".rstrip())


Found = list[Problem | str]
"""Problems found so far; one that a rule file's own check told is a whole sentence already."""


def refuse(problems: Sequence[Problem | str], source: Source) -> None:
    """Raise SettingsError when there is any problem, in the order of the lines."""
    if problems:
        said = [p if isinstance(p, str) else p.sentence(source.at) for p in problems]
        raise SettingsError(sorted(dict.fromkeys(said), key=_order))


def _order(sentence: str) -> tuple[str, int]:
    found = _LINE.match(sentence)
    return (found[1], int(found[2])) if found else ("", 0)


def shown(key: str, value: Any) -> str:
    """`value` as it would be written, short, or a placeholder where the key sounds secret."""
    if _SECRET_NAME.search(key):
        return "(not shown)"
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError):
        text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def from_validation(
    exc: ValidationError,
    model: type[BaseModel],
    table: Mapping[str, Any],
    *,
    prefix: str = "",
    place: Place = (),
) -> list[Problem]:
    """Every error of `exc` as a Problem. `table` is what was validated against `model`.

    `prefix` and `place` say where the table itself stands, in words and in the file.
    """
    return [
        _problem(error, model, table, (prefix, place)) for error in exc.errors(include_url=False)
    ]


def _problem(
    error: Any, model: type[BaseModel], table: Mapping[str, Any], around: tuple[str, Place]
) -> Problem:
    loc: Place = tuple(part for part in error["loc"] if part != "[key]")
    prefix, outer = around
    where = (prefix + spell(loc, table)).removesuffix(_ARROW)
    place = (*outer, *loc)
    value = _written(loc, table) or _KINDS.get(type(_at(loc, table)))
    if loc != error["loc"]:
        value = None  # the key itself is wrong, and is in the words already
    if error["type"] == "extra_forbidden":
        parent = model_at(model, loc[:-1])
        remedy = unknown_key(str(loc[-1]), list(parent.model_fields) if parent else [])
        wrong = f"unknown key, set to {value}." if value is not None else "unknown key."
        return Problem(where=where, wrong=wrong, remedy=remedy, place=place)
    if error["type"] == "missing":
        return Problem(where=where, wrong="is missing.", remedy=_remedy(loc, model), place=place)
    wrong = _wrong(error)
    if wrong.startswith('"'):
        # Names the part of the value that is wrong, and what to write instead.
        return Problem(where=where, wrong=wrong, remedy="", place=place)
    return Problem(where=where, value=value, wrong=wrong, remedy=_remedy(loc, model), place=place)


def _written(loc: Place, table: Mapping[str, Any]) -> str | None:
    """The value as the file has it, never as a reference in it was resolved. No whole tables."""
    value = _at(loc, table)
    if value is None or not loc or isinstance(value, (Mapping, list)):
        return None
    return shown(_name_of(loc), value)


def _at(loc: Place, table: Mapping[str, Any]) -> Any:
    value: Any = table
    for part in loc:
        value = _step(value, part)
    return value


def _name_of(loc: Place) -> str:
    """The key a value stands under, also when it is one of a list."""
    return next((part for part in reversed(loc) if isinstance(part, str)), "")


def unknown_key(key: str, known: Sequence[str]) -> str:
    """What was probably meant, or what can be written there."""
    if key in _REDIRECTED:
        return _REDIRECTED[key]
    close = did_you_mean(key, known)
    if close:
        return close
    return f"Known here: {', '.join(known)}." if known else "Remove it."


def _wrong(error: Any) -> str:
    if error["type"] == "string_pattern_mismatch":
        return "does not have the right form."
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    message = _PLAIN.get(error["type"], message).replace("Input s", "s")
    message = message.replace("should be a valid", "is no")
    return f"{message[0].lower()}{message[1:]}."


def _remedy(loc: Place, model: type[BaseModel]) -> str:
    """The description of the nearest field around `loc`."""
    for end in range(len(loc), 0, -1):
        owner = model_at(model, loc[: end - 1])
        field = owner.model_fields.get(str(loc[end - 1])) if owner else None
        if field is not None and field.description:
            return f"Write {field.description}."
    return ""


def spell(loc: Place, table: Mapping[str, Any]) -> str:
    """`("inboxes", 0, "channel")` → `inboxes "amazon-it" → channel`."""
    words: list[str] = []
    here: Any = table
    for part in loc:
        here = _step(here, part)
        if isinstance(part, str):
            named = len(words) == 1 and words[0] in _NAMED and isinstance(here, Mapping)
            words[-1:] = [f'{words[-1]} "{part}"'] if named else [*words[-1:], part]
        elif isinstance(here, Mapping):
            words[-1:] = [f"{words[-1] if words else ''} {_label(here, part)}".strip()]
    return _ARROW.join(words)


def _step(here: Any, part: int | str) -> Any:
    if isinstance(here, str):
        return here  # a single value that stands for a list of it
    try:
        return here[part]
    except (KeyError, IndexError, TypeError):
        return None


def _label(item: Any, index: int) -> str:
    if isinstance(item, Mapping):
        for key in ("name", "slack"):
            if isinstance(item.get(key), str):
                return f'"{item[key]}"'
    return f"no. {index + 1}"


def model_at(model: type[BaseModel], loc: Place) -> type[BaseModel] | None:
    """The model that is validated at `loc`, or None where there is none."""
    here: Any = model
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = _given(field.annotation) if field else None
        else:
            here = _element(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _given(annotation: Any) -> Any:
    """What a setting holds when it is given: `Table | None` is a table."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation
    arguments = [a for a in get_args(annotation) if a is not type(None)]
    return arguments[0] if len(arguments) == 1 else annotation


def _element(annotation: Any) -> Any:
    """What a list or table holds: the last argument of its type."""
    arguments = [a for a in get_args(annotation) if a not in (type(None), Ellipsis)]
    if get_origin(annotation) in (Union, types.UnionType):
        return _element(arguments[0]) if arguments else None
    return arguments[-1] if arguments else None
