"""`[desk] macro_files` → macros. Every mistake says file, line, key, value and remedy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, ValidationError

from bot.configuration.macros import ANY_LANGUAGE, Macro, check_name, name_key
from bot.configuration.macros import read_text as read_macro
from bot.configuration.names import unknown, words
from bot.configuration.problems import Found, Problem, from_validation
from bot.configuration.source import Source, matching, read_text
from bot.errors import SettingsError
from bot.intents import Intent
from bot.setting_values import Strict
from connectors.registry import Registry
from sla_rules.errors import PolicyError
from sla_rules.rule_file import read_toml
from sla_rules.toml_lines import Place, lines_of
from sla_rules.topics import Topic

_TABLES: Final = "macros"


def _name(written: str) -> str:
    check_name(written)
    return written


def _text(written: str) -> str:
    read_macro(written)
    return written


class MacroTable(Strict):
    """`[[macros]]`: one text for answers."""

    name: Annotated[str, AfterValidator(_name)] = Field(
        description='one word, such as "where-is-it"'
    )
    text: Annotated[str, AfterValidator(_text)] = Field(description="the words of the answer")
    language: str = Field(
        default=ANY_LANGUAGE,
        pattern=r"^([a-z]{2})?$",
        description='two small letters such as "it"; left out: it suits any language',
    )
    channels: tuple[str, ...] = Field(
        default=(), description='channels such as ["amazon"]; left out: all of them'
    )
    inboxes: tuple[str, ...] = Field(
        default=(), description='names of inboxes such as ["amazon-it"]; left out: all of them'
    )
    topics: tuple[Topic, ...] = Field(
        default=(), description='what it is offered first for, such as ["where_is_my_order"]'
    )
    intents: tuple[Intent, ...] = Field(
        default=(), description='what customers want whom it answers, such as ["where_is_order"]'
    )
    approval: bool = Field(
        default=False,
        strict=True,
        description="true to have a lead let out what agents answer with it",
    )


class MacroFile(Strict):
    """A whole file."""

    macros: tuple[MacroTable, ...] = Field(default=(), description="[[macros]] tables")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """One file as it was read. `file` is its path beside the settings file."""

    file: str
    table: Mapping[str, Any]
    lines: Mapping[Place, int]

    def at(self, place: Place) -> str:
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return f"{self.file}:{self.lines[place[:length]]}"
        return f"{self.file}:1"


def load_macros(source: Source, registry: Registry, problems: Found) -> tuple[Macro, ...]:
    """The macros of every file that `[desk] macro_files` names; what is wrong becomes problems."""
    known = {
        "channels": sorted(
            {*registry.specs, *(s.manifest.channel for s in registry.specs.values())}
        ),
        "inboxes": sorted(_inboxes(source)),
    }
    found: list[Macro] = []
    for text in _texts(source, problems):
        found += _macros(text, known, problems)
    problems.extend(_twins(found))
    return tuple(found)


def _inboxes(source: Source) -> Iterator[str]:
    for _, table in source.tables("inboxes"):
        if isinstance(table.get("name"), str):
            yield table["name"].strip()


def _texts(source: Source, problems: Found) -> Iterator[_Text]:
    desk = source.table.get("desk")
    patterns = desk.get("macro_files") if isinstance(desk, Mapping) else None
    paths: dict[str, Path] = {}
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else ()):
        if not isinstance(pattern, str):
            continue
        matched = matching(source.folder, pattern)
        matched.pop(source.file, None)
        if not matched:
            problems.append(_no_file(pattern, index))
        paths |= matched
    for name, path in paths.items():
        try:
            text = read_text(path)
            yield _Text(file=name, table=read_toml(name, text), lines=lines_of(text))
        except (SettingsError, PolicyError) as exc:
            problems.extend(exc.problems)


def _no_file(pattern: str, index: int) -> Problem:
    return Problem(
        where="desk → macro_files",
        value=f'"{pattern}"',
        wrong="is no file beside this one.",
        remedy='Write a path such as "macros/it.toml", or "macros/*.toml".',
        place=("desk", "macro_files", index),
    )


def _macros(text: _Text, known: Mapping[str, Sequence[str]], problems: Found) -> list[Macro]:
    try:
        tables = MacroFile.model_validate(text.table).macros
    except ValidationError as exc:
        wrong = from_validation(exc, MacroFile, text.table)
        problems.extend(problem.sentence(text.at) for problem in wrong)
        return []
    for index, table in enumerate(text.table.get(_TABLES, ())):
        place: Place = (_TABLES, index)
        for key, names in known.items():
            for at, name in words(table, key, place):
                if name.strip() not in names:
                    where = f'macros "{table["name"]}" → {key}'
                    problems.append(unknown(where, name, names, at).sentence(text.at))
    return [_macro(text, index, table) for index, table in enumerate(tables)]


def _macro(text: _Text, index: int, table: MacroTable) -> Macro:
    return Macro(
        ref=f"file:{table.language}:{name_key(table.name)}",
        name=table.name,
        text=table.text,
        language=table.language,
        channels=table.channels,
        inboxes=table.inboxes,
        topics=tuple(str(topic) for topic in table.topics),
        intents=tuple(str(intent) for intent in table.intents),
        origin=text.at((_TABLES, index, "name")),
        approval=table.approval,
    )


def _twins(macros: Sequence[Macro]) -> Iterator[str]:
    first: dict[str, Macro] = {}
    for macro in macros:
        earlier = first.setdefault(macro.ref, macro)
        if earlier is not macro:
            language = f'language "{macro.language}"' if macro.language else "any language"
            yield (
                f'{macro.origin}: macros "{macro.name}" → name: "{macro.name}" is used twice for '
                f"{language} (first in {earlier.origin}). Give each its own name or language."
            )
