"""Habits that no linter rule states as we mean them."""

import ast
import re

import pytest

from tests.architecture.sources import EVERYWHERE, FLOORS, name, parsed, python_files

CATCH_ALL = {
    "loops that must not die": {
        "bot/jobs/poll.py",
        "bot/outbox/dispatcher.py",
        "bot/runtime/supervise.py",
    },
    "what others wrote: mails and connectors": {
        "bot/jobs/reading.py",
        "bot/web/fence.py",
        "bot/web/webhooks.py",
        "connectors/mail/mime.py",
        "connectors/registry.py",
    },
    "the border to people": {
        "bot/slack/handlers/refusals.py",
        "bot/slack/handlers/views.py",
    },
}
"""The three borders at which every exception is caught, and the modules that stand there."""

READS_THE_CLOCK = {"bot/clock.py", "connectors/contract.py"}
NAMELESS = re.compile(r"(?:^|_)(?:utils?|helpers?|managers?|misc|common)(?:_|$)")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


def _catches_everything(node: ast.ExceptHandler) -> bool:
    caught = [node.type] if not isinstance(node.type, ast.Tuple) else node.type.elts
    names = {one.id for one in caught if isinstance(one, ast.Name)}
    passes_it_on = isinstance(node.body[-1], ast.Raise)
    return (node.type is None or "Exception" in names) and not passes_it_on


def test_every_exception_is_caught_at_three_named_borders_only() -> None:
    found = {
        name(path)
        for path in python_files(*FLOORS)
        if not name(path).startswith("sandbox/")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    }

    assert found == set().union(*CATCH_ALL.values())


def _reads_the_clock(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    owner = node.func.value
    of = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    return (of in {"datetime", "date"} and node.func.attr in {"now", "utcnow", "today"}) or (
        of == "time" and node.func.attr == "time"
    )


def test_invariant_12_the_machines_clock_is_read_in_one_place_per_floor() -> None:
    found = {
        name(path)
        for path in python_files("sla_rules", "connectors", "bot")
        for node in ast.walk(parsed(path))
        if _reads_the_clock(node)
    }

    assert found <= READS_THE_CLOCK


def test_sla_rules_awaits_nothing() -> None:
    found = {
        name(path)
        for path in python_files("sla_rules")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await)
    }

    assert found == set()


@pytest.mark.parametrize("folder", EVERYWHERE)
def test_no_module_is_named_after_nothing(folder: str) -> None:
    assert [name(path) for path in python_files(folder) if NAMELESS.search(path.stem)] == []


@pytest.mark.parametrize("folder", FLOORS)
def test_nothing_is_left_for_later(folder: str) -> None:
    found = [
        f"{name(path)}:{number}"
        for path in python_files(folder)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]

    assert found == []


def test_no_task_is_started_without_being_kept() -> None:
    """A task nobody holds may be collected in the middle of its work."""
    found = [
        f"{name(path)}:{node.lineno}"
        for path in python_files("bot", "connectors")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr in {"create_task", "ensure_future"}
    ]

    assert found == []


def test_no_test_patches() -> None:
    words = ("unittest" + ".mock", "monkeypatch" + ".setattr", "mocker" + ".")
    found = [
        name(path)
        for path in python_files("tests")
        if any(word in path.read_text(encoding="utf-8") for word in words)
    ]

    assert found == []
