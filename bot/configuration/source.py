"""The settings file as it was read: its values, its rule files, and the line each key stands on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bot.errors import SettingsError
from sla_rules.errors import PolicyError
from sla_rules.rule_file import TABLES, read_toml
from sla_rules.toml_lines import Place, lines_of

_PROPOSED: Final = (*TABLES, "calendars", "inboxes", "shifts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a person wrote. `places` maps each key to its file and line, such as `desk.toml:12`.

    `rules` are the texts with policies in them, by the name that errors give their files.
    """

    file: str
    folder: Path
    table: Mapping[str, Any]
    places: Mapping[Place, str]
    rules: Mapping[str, str]

    def at(self, place: Place) -> str:
        """File and line of the key, of the nearest table around it, or of the file's beginning."""
        for length in range(len(place), 0, -1):
            found = self.places.get(place[:length])
            if found is not None:
                return found
        return f"{self.file}:1"

    def tables(self, key: str) -> list[tuple[Place, Mapping[str, Any]]]:
        """The `[[key]]` tables, or the `[key.NAME]` tables, each with its place."""
        found = self.table.get(key)
        named = found.items() if isinstance(found, Mapping) else enumerate(_listed(found))
        return [((key, name), each) for name, each in named if isinstance(each, Mapping)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def read_source(path: Path) -> Source:
    """The file as TOML. Raises SettingsError when it cannot be read, or is no TOML."""
    text = read_text(path)
    try:
        table = read_toml(path.name, text)
        places = {place: f"{path.name}:{line}" for place, line in lines_of(text).items()}
    except PolicyError as exc:
        raise SettingsError(list(exc.problems)) from None
    return Source(
        file=path.name, folder=path.parent, table=table, places=places, rules={path.name: text}
    )


def with_rule_files(source: Source) -> tuple[Source, list[str]]:
    """The source with the texts of its `[desk] rule_files`, and what is wrong with them."""
    desk = source.table.get("desk")
    patterns = _listed(desk.get("rule_files")) if isinstance(desk, Mapping) else []
    texts: dict[str, str] = {}
    problems: list[str] = []
    for index, pattern in enumerate(patterns):
        if not isinstance(pattern, str):
            continue
        paths = matching(source.folder, pattern)
        paths.pop(source.file, None)
        if not paths:
            at = source.at(("desk", "rule_files", index))
            problems.append(
                f'{at}: desk → rule_files: "{pattern}" is no file beside this one. '
                'Write a path such as "rules/amazon.toml", or "rules/*.toml".'
            )
        for name, path in paths.items():
            try:
                texts[name] = read_text(path)
            except SettingsError as exc:
                problems += exc.problems
            else:
                problems += _foreign_keys(name, texts[name])
    return replace(source, rules={**source.rules, **texts}), problems


def matching(folder: Path, pattern: str) -> dict[str, Path]:
    """The files by their path from `folder`; none where the pattern cannot be one."""
    try:
        found = sorted(path for path in folder.glob(pattern) if path.is_file())
        return {path.relative_to(folder).as_posix(): path for path in found}
    except (ValueError, IndexError, NotImplementedError, OSError):
        return {}


def _foreign_keys(name: str, text: str) -> list[str]:
    try:
        table = read_toml(name, text)
    except PolicyError:
        return []  # said when its policies are read
    lines = lines_of(text)
    return [
        f"{name}:{lines[key,]}: {key}: unknown key. A rule file holds [[policies]] only."
        for key in table
        if key not in TABLES
    ]


def read_text(path: Path) -> str:
    """The text of the file, without a byte order mark. Raises SettingsError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        remedy = "Run `threadline init` to write one, or set THREADLINE_CONFIG."
        raise SettingsError([f"{path}: there is no such file. {remedy}"]) from None
    except OSError as exc:
        raise SettingsError(
            [f"{path}: cannot be read ({exc.strerror}). Check the file's rights."]
        ) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise SettingsError([f"{path.name}:{line}: is not UTF-8. Save it as UTF-8."]) from None


def proposed(base: Source, proposal: Source) -> Source:
    """`base` with what `proposal` says instead: policies and inboxes as a whole, calendars by name.

    Raises:
        SettingsError: when `proposal` holds anything else.
    """
    unknown = [key for key in proposal.table if key not in _PROPOSED]
    if unknown:
        raise SettingsError(
            [
                f"{proposal.at((key,))}: {key}: unknown key. Write policies, calendars, inboxes or shifts."
                for key in unknown
            ]
        )
    own_rules = any(key in proposal.table for key in TABLES)
    replaced = {*proposal.table.keys(), *(TABLES if own_rules else ())} - {"calendars"}
    here, there = base.table.get("calendars", {}), proposal.table.get("calendars", {})
    both = {**here, **there} if isinstance(here, dict) and isinstance(there, dict) else there
    table = {key: value for key, value in base.table.items() if key not in replaced}
    places = {
        place: at
        for place, at in base.places.items()
        if place[0] not in replaced and place[:2] not in proposal.places
    }
    if "shifts" in replaced:
        # A roster that is tried has people of its own: who names a shift of before does not count.
        agents = [
            {k: v for k, v in each.items() if k != "shifts"} for _, each in base.tables("agents")
        ]
        table["agents"] = agents
    return replace(
        base,
        file=proposal.file,
        table={**table, **proposal.table, "calendars": both},
        places={**places, **proposal.places},
        rules=proposal.rules if own_rules else base.rules,
    )
