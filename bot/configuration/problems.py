"""What is wrong in the file, as sentences: file, key, value and remedy. Values of secrets never."""

import difflib
import json
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from bot.errors import SettingsError
from bot.log import redact_tokens

Loc = tuple[int | str, ...]

_SECRET_NAME: Final = re.compile(r"(?i)pass|secret|token|credential|api_?key|private")
_LONGEST_VALUE: Final = 60
_ARROW: Final = " → "
_REDIRECTED: Final = {
    "slack": "Slack's tokens come from the environment: SLACK_BOT_TOKEN, SLACK_APP_TOKEN.",
    "database": "The database's address comes from the environment: DATABASE_URL.",
    "database_url": "The database's address comes from the environment: DATABASE_URL.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that cannot be used. `where` is the key as a person would say it."""

    where: str
    wrong: str
    remedy: str
    value: str | None = None

    def sentence(self, file: str) -> str:
        """The line a person reads."""
        shown = f" = {self.value}" if self.value is not None else ""
        return redact_tokens(f"{file}: {self.where}{shown}: {self.wrong} {self.remedy}".rstrip())


def refuse(problems: Sequence[Problem], file: str) -> None:
    """Raise SettingsError when there is any problem."""
    if problems:
        raise SettingsError([problem.sentence(file) for problem in problems])


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
    exc: ValidationError, model: type[BaseModel], table: Mapping[str, Any], *, prefix: str = ""
) -> list[Problem]:
    """Every error of `exc` as a Problem. `table` is what was validated against `model`."""
    return [_problem(error, model, table, prefix) for error in exc.errors(include_url=False)]


def _problem(error: Any, model: type[BaseModel], table: Mapping[str, Any], prefix: str) -> Problem:
    loc: Loc = tuple(error["loc"])
    parent = model_at(model, loc[:-1])
    where = (prefix + spell(loc, table)).removesuffix(_ARROW)
    value = _written(loc, table)
    if error["type"] == "extra_forbidden":
        known = list(parent.model_fields) if parent else []
        remedy = unknown_key(str(loc[-1]), known)
        return Problem(where=where, value=value, wrong="unknown key.", remedy=remedy)
    remedy = _remedy(loc, model)
    if error["type"] == "missing":
        return Problem(where=where, wrong="is missing.", remedy=remedy)
    return Problem(where=where, value=value, wrong=_wrong(error), remedy=remedy)


def _written(loc: Loc, table: Mapping[str, Any]) -> str | None:
    """The value as the file has it, never as a reference in it was resolved. No whole tables."""
    value: Any = table
    for part in loc:
        value = _step(value, part)
    if value is None or isinstance(value, (Mapping, list)):
        return None
    return shown(str(loc[-1]), value)


def unknown_key(key: str, known: Sequence[str]) -> str:
    """What was probably meant, or what can be written there."""
    if key in _REDIRECTED:
        return _REDIRECTED[key]
    close = did_you_mean(key, known)
    if close:
        return close
    return f"Known here: {', '.join(known)}." if known else "Remove it."


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence naming the nearest of `known`, or nothing."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f'Did you mean "{near[0]}"?' if near else ""


def _wrong(error: Any) -> str:
    if error["type"] == "string_pattern_mismatch":
        return "does not have the right form."
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{message[0].lower()}{message[1:]}."


def _remedy(loc: Loc, model: type[BaseModel]) -> str:
    """The description of the nearest field around `loc`."""
    for end in range(len(loc), 0, -1):
        owner = model_at(model, loc[: end - 1])
        field = owner.model_fields.get(str(loc[end - 1])) if owner else None
        if field is not None and field.description:
            return f"Write {field.description}."
    return ""


def spell(loc: Loc, table: Mapping[str, Any]) -> str:
    """`("inboxes", 0, "channel")` → `inboxes "amazon-it" → channel`."""
    words: list[str] = []
    here: Any = table
    for part in loc:
        here = _step(here, part)
        if isinstance(part, int):
            words[-1:] = [f"{words[-1] if words else ''} {_label(here, part)}".strip()]
        else:
            words.append(part)
    return _ARROW.join(words)


def _step(here: Any, part: int | str) -> Any:
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


def model_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """The model that is validated at `loc`, or None where there is none."""
    here: Any = model
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = field.annotation if field else None
        else:
            here = _element(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _element(annotation: Any) -> Any:
    """What a list or table holds: the last argument of its type."""
    arguments = [a for a in get_args(annotation) if a not in (type(None), Ellipsis)]
    if get_origin(annotation) in (Union, types.UnionType):
        return _element(arguments[0]) if arguments else None
    return arguments[-1] if arguments else None


def without(table: Mapping[str, Any], locs: Iterable[Loc]) -> dict[str, Any]:
    """A copy of `table` that lacks what stands at `locs`; a missing key takes its table along."""
    copy: dict[str, Any] = _copy(table)
    for loc in sorted(locs, key=len, reverse=True):
        _remove(copy, loc)
    kept: dict[str, Any] = _compact(copy)
    return kept


_GONE: Final = object()


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _copy(v) for k, v in value.items()}
    return [_copy(v) for v in value] if isinstance(value, list) else value


def _remove(table: Any, loc: Loc) -> None:
    here = table
    trail: list[tuple[Any, int | str]] = []
    for part in loc:
        trail.append((here, part))
        here = _step(here, part)
    while trail:
        owner, part = trail.pop()
        if _step(owner, part) is not None:
            owner[part] = _GONE
            return


def _compact(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _compact(v) for k, v in value.items() if v is not _GONE}
    if isinstance(value, list):
        return [_compact(v) for v in value if v is not _GONE]
    return value
