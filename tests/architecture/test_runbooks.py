"""An alert leads to a runbook, a runbook to commands that there are, and both to numbers that there are."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import typer
import yaml

from bot.cli.main import app
from bot.jobs.telling import OVER
from tests.architecture.sources import ROOT
from tests.unit.web.test_measures import exported

DOCS: Final = ROOT / "docs"
RUNBOOKS: Final = sorted(
    path for path in (DOCS / "runbooks").glob("*.md") if path.name != "README.md"
)
PENDING: Final = frozenset({"purge", "forget", "export-person", "hold"})
"""Commands that runbooks may name before they are there."""


def _alerts() -> list[dict[str, Any]]:
    read = yaml.safe_load((DOCS / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


ALERTS: Final = _alerts()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_an_alert_asks_for_metrics_that_there_are_and_leads_to_a_runbook(
    alert: dict[str, Any],
) -> None:
    asked = set(re.findall(r"\bthreadline_\w+", alert["expr"]))
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}

    assert families
    assert families <= exported()
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert (ROOT / alert["annotations"]["runbook"]).is_file()
    assert alert["annotations"]["summary"].endswith(".")


def test_alerts_have_names_of_their_own() -> None:
    assert len({alert["alert"] for alert in ALERTS}) == len(ALERTS)


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: str(path.stem))
def test_a_runbook_is_found_and_says_all_it_has_to(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    index = (DOCS / "runbooks" / "README.md").read_text(encoding="utf-8")

    assert f"]({path.name})" in index
    assert text.startswith("# ")
    assert "**Do" in text
    assert "**Over when**" in text


def test_the_list_of_runbooks_is_in_the_operations_guide() -> None:
    assert "(runbooks/README.md)" in (DOCS / "operations.md").read_text(encoding="utf-8")


def test_every_finding_of_the_audit_is_explained() -> None:
    text = (DOCS / "runbooks" / "audit-finding.md").read_text(encoding="utf-8")

    assert [code for code in OVER if f"`{code}`" not in text] == []


def _commands(group: object, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, command in getattr(group, "commands", {}).items():
        found |= {f"{prefix}{name}", *_commands(command, f"{prefix}{name} ")}
    return found


def _named() -> list[tuple[str, str]]:
    pages = [*(DOCS / "runbooks").glob("*.md")]
    return [
        (page.name, words)
        for page in pages
        for words in re.findall(
            r"threadline ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", page.read_text(encoding="utf-8")
        )
    ]


def test_every_command_of_a_runbook_is_there() -> None:
    known = _commands(typer.main.get_command(app))
    groups = {name.partition(" ")[0] for name in known if " " in name}
    wrong = []
    for page, words in _named():
        first, _, second = words.partition(" ")
        if first in PENDING:
            continue
        if first not in known or (first in groups and second and words not in known):
            wrong.append(f"{page}: threadline {words}")

    assert wrong == []


@pytest.mark.parametrize("path", [*RUNBOOKS, DOCS / "runbooks" / "README.md"], ids=str)
def test_links_of_a_runbook_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (path.parent / target).exists(), target
    for other in re.findall(r"docs/runbooks/[\w-]+\.md", text):
        assert (ROOT / other).is_file()
