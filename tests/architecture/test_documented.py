"""Whatever a person can set or type is explained where they will look for it."""

import re
import tomllib
import typing
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.cli.main import app
from bot.configuration.environment import VARIABLES
from bot.settings import Settings
from bot.slack.request import Do
from bot.slack_manifest import SCOPES
from connectors.registry import load_connectors
from sla_rules.policy_table import PolicyTable
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Metric, Reopen, Risk, Scope, Stage, Waiting
from tests.architecture.sources import ROOT, name


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for key, field in model.model_fields.items():
        yield key
        for inner in _models(field.annotation):
            yield from _keys(inner)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models(argument)


@pytest.mark.parametrize("key", sorted(set(_keys(Settings))))
def test_every_setting_stands_in_the_example(key: str) -> None:
    assert re.search(rf"(?m)^\s*\[*(?:[a-z.]*\.)?{key}\b", _text("threadline.example.toml"))


@pytest.mark.parametrize("key", sorted(set(_keys(Settings))))
def test_every_setting_has_a_description_that_serves_as_remedy(key: str) -> None:
    tables: list[type[BaseModel]] = [Settings, *_inner(Settings)]
    found = [model.model_fields[key].description for model in tables if key in model.model_fields]

    assert found
    assert all(found)


def _inner(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            yield inner
            yield from _inner(inner)


@pytest.mark.parametrize("key", sorted(set(_keys(PolicyTable))))
def test_every_key_of_a_rule_is_explained(key: str) -> None:
    assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", _text("docs/rules.md"))


_WORDS = {*Kind, *Stage, *Risk, *Topic, *Scope, *Metric, *Waiting, *Reopen}


@pytest.mark.parametrize("word", sorted(_WORDS))
def test_every_word_of_a_rule_is_explained(word: str) -> None:
    assert re.search(rf"(?m)^\|.*\b{word}\b.*\|", _text("docs/rules.md"))


@pytest.mark.parametrize("variable", [*VARIABLES, "THREADLINE_CONFIG"])
def test_every_variable_is_explained(variable: str) -> None:
    assert variable in _text(".env.example")
    assert variable in _text("docs/operations.md")


@pytest.mark.parametrize("key", sorted(load_connectors().specs))
def test_every_key_of_a_connector_is_explained_in_its_readme(key: str) -> None:
    readme = _text(f"connectors/{key}/README.md") + _text("docs/mailbox.md")
    config = load_connectors().specs[key].config_model

    unsaid = [key for key in config.model_fields if not re.search(rf"\b{key}\b", readme)]
    assert unsaid == []


def test_every_connector_loads() -> None:
    assert load_connectors().broken == {}


@pytest.mark.parametrize(
    "command",
    sorted(c.name or getattr(c.callback, "__name__", "") for c in app.registered_commands),
)
def test_every_command_is_explained(command: str) -> None:
    assert f"`threadline {command}" in _text("README.md") + _text("docs/operations.md")


@pytest.mark.parametrize("verb", [str(verb) for verb in Do])
def test_every_verb_of_the_bot_is_explained(verb: str) -> None:
    assert re.search(rf"`[^`]*\b{verb}\b[^`]*`", _text("README.md"))


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_every_scope_is_explained(scope: str) -> None:
    assert f"`{scope}`" in _text("docs/slack.md")


def _direct_dependencies() -> list[str]:
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    return sorted({re.split(r"[\[<>=,; ]", one, maxsplit=1)[0] for one in wanted})


@pytest.mark.parametrize("dependency", _direct_dependencies())
def test_every_dependency_says_why_it_is_there(dependency: str) -> None:
    assert f"| {dependency} |" in _text("docs/dependencies.md")


def test_no_dependency_is_explained_that_is_not_there() -> None:
    explained = re.findall(r"(?m)^\| ([a-z][a-z0-9-]+) \|", _text("docs/dependencies.md"))

    assert sorted(set(explained) - {"package"}) == _direct_dependencies()


def _markdown() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", _markdown(), ids=name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    pictures = {"docs/images/ticket-thread.png"}

    missing = [link for link in links if link not in pictures and not (page.parent / link).exists()]
    assert missing == []
