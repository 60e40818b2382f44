"""`[desk] companions_file` → what goes with what. Every mistake says file, line, key, value and remedy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field, ValidationError

from bot.configuration.problems import Found, Problem, from_validation
from bot.configuration.source import Source, read_text
from bot.errors import SettingsError
from bot.setting_values import Strict
from sla_rules.errors import PolicyError
from sla_rules.rule_file import read_toml
from sla_rules.toml_lines import Place, lines_of

_TABLES: Final = "companions"
MOST: Final = 500
"""Tables of a file: each is tried on every line of an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """What goes with an article, told by its `sku` or by words of its `title`; one of them is empty.

    `sentence` is for the agent: why it may be worth a word.
    """

    companion: str
    sentence: str
    sku: str = ""
    title: str = ""


class CompanionTable(Strict):
    """`[[companions]]`: one article, and what goes with it."""

    sku: str = Field(
        default="",
        max_length=100,
        description='the article\'s number in the shop, such as "KB-100"',
    )
    title: str = Field(
        default="", max_length=100, description='words of the article\'s title, such as "keyboard"'
    )
    companion: str = Field(
        min_length=2, max_length=100, description='what goes with it, such as "wrist rest"'
    )
    sentence: str = Field(
        min_length=5, max_length=200, description="one sentence that tells the agent why"
    )


class CompanionFile(Strict):
    """A whole file."""

    companions: tuple[CompanionTable, ...] = Field(
        default=(), max_length=MOST, description=f"at most {MOST} [[companions]] tables"
    )


def load_companions(source: Source, problems: Found) -> tuple[Companion, ...]:
    """What the file says; what is wrong with it becomes problems."""
    desk = source.table.get("desk")
    named = desk.get("companions_file") if isinstance(desk, Mapping) else None
    if not isinstance(named, str) or not named.strip():
        return ()
    path = source.folder / named
    if not path.is_file():
        problems.append(
            Problem(
                where="desk → companions_file",
                value=f'"{named}"',
                wrong="is no file beside this one.",
                remedy='Write a path such as "companions.toml".',
                place=("desk", "companions_file"),
            )
        )
        return ()
    try:
        text = read_text(path)
        table = read_toml(named, text)
    except (SettingsError, PolicyError) as exc:
        problems.extend(exc.problems)
        return ()
    return _companions(named, table, lines_of(text), problems)


def _companions(
    file: str, table: Mapping[str, Any], lines: Mapping[Place, int], problems: Found
) -> tuple[Companion, ...]:
    def at(place: Place) -> str:
        ends = range(len(place), 0, -1)
        line = next((lines[place[:end]] for end in ends if place[:end] in lines), 1)
        return f"{file}:{line}"

    try:
        read = CompanionFile.model_validate(table).companions
    except ValidationError as exc:
        wrong = from_validation(exc, CompanionFile, table)
        problems.extend(problem.sentence(at) for problem in wrong)
        return ()
    for index, each in enumerate(read):
        problems.extend(problem.sentence(at) for problem in _unclear(index, each))
    return tuple(
        Companion(sku=each.sku, title=each.title, companion=each.companion, sentence=each.sentence)
        for each in read
    )


def _unclear(index: int, table: CompanionTable) -> Iterator[Problem]:
    if bool(table.sku) == bool(table.title):
        has = "both sku and title" if table.sku else "neither sku nor title"
        yield Problem(
            where=f"companions no. {index + 1}",
            wrong=f"has {has}.",
            remedy="Write one of them: which article is it about?",
            place=(_TABLES, index),
        )
