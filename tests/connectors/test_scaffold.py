"""A new connector's skeleton: whole, in the project's style, and failing until it is written."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from connectors.scaffold.__main__ import main
from connectors.scaffold.skeleton import AlreadyThere, skeleton, write_skeleton
from tests.architecture.sources import ROOT

TODAY = date(2026, 3, 10)
RUFF = Path(sys.executable).parent / "ruff"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's own packages, in a folder where new files may be written."""
    for name in ("connectors", "sandbox", "tests"):
        (tmp_path / name).mkdir()
        for path in (ROOT / name).iterdir():
            if path.name not in {"markets", "__pycache__"}:
                (tmp_path / name / path.name).symlink_to(path)
    (tmp_path / "tests" / "connectors").unlink()
    (tmp_path / "tests" / "connectors").mkdir()
    (tmp_path / "tests" / "connectors" / "__init__.py").touch()
    (tmp_path / "sandbox" / "markets").mkdir()
    for path in (ROOT / "sandbox" / "markets").glob("*.py"):
        (tmp_path / "sandbox" / "markets" / path.name).symlink_to(path)
    for name in ("sla_rules", "bot", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def contract_tests(project: Path, key: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"tests/connectors/{key}", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=line"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_the_failing_tests_of_a_new_connector_lead_its_author(project: Path) -> None:
    assert main(["acme_shop", "--into", str(project)]) == 0

    said = contract_tests(project, "acme_shop")

    assert "test_04: ask the platform who we are" in said
    assert "test_24: make an InboundMessage of" in said
    assert "test_06: read one page of messages" in said
    assert int(re.findall(r"(\d+) failed", said)[-1]) > 10
    passed = int(re.findall(r"(\d+) passed", said)[-1])
    assert passed >= 3, "manifest, settings and README are in order from the start"
    assert "error" not in said.splitlines()[-1]


@pytest.mark.parametrize("key", ["acme_shop", "zebra"])
def test_the_skeleton_is_in_the_projects_style(project: Path, key: str) -> None:
    written = write_skeleton(key, into=project, today=TODAY)
    files = [str(path) for path in written if path.suffix == ".py"]

    for arguments in (["check", "--quiet", "--no-cache"], ["format", "--check", "--quiet"]):
        done = subprocess.run(
            [RUFF, *arguments, *files], cwd=project, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_written_over_a_connector_that_is_there(tmp_path: Path) -> None:
    write_skeleton("acme", into=tmp_path, today=TODAY)
    readme = tmp_path / "connectors" / "acme" / "README.md"
    readme.write_text("mine")
    (tmp_path / "connectors" / "acme" / "client.py").unlink()

    with pytest.raises(AlreadyThere, match="nothing was written"):
        write_skeleton("acme", into=tmp_path, today=TODAY)

    assert readme.read_text() == "mine"
    assert not (tmp_path / "connectors" / "acme" / "client.py").exists()


@pytest.mark.parametrize("name", ["", "Acme", "1acme", "acme-shop", "../acme", "a" * 41, "a"])
def test_a_name_that_cannot_be_one_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--into", str(tmp_path)])

    assert ended.value.code == 2
    assert "small letters" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_no_placeholder_is_left() -> None:
    for path, text in skeleton("acme", today=TODAY).items():
        assert not re.search(r"\{(?:key|title|name|package|today)\}|\{\{|\}\}", text), path
