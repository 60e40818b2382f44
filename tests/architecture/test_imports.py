import subprocess
import sys
import tomllib

from tests.architecture.sources import ROOT

CONFIG = ROOT / "pyproject.toml"


def _contracts() -> list[dict[str, object]]:
    tool = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["tool"]
    contracts: list[dict[str, object]] = tool["importlinter"]["contracts"]
    return contracts


def test_every_import_goes_down() -> None:
    """What `lint-imports` says, so that a plain test run says it, too."""
    # In a process of its own: it reconfigures the logging of whoever calls it.
    command = "from importlinter.cli import lint_imports_command as run; run()"
    said = subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo", "--config", str(CONFIG)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 0, said.stdout


def test_every_connector_folder_is_in_the_contract_that_keeps_them_apart() -> None:
    folders = {
        f"connectors.{path.parent.name}" for path in (ROOT / "connectors").glob("*/manifest.toml")
    }
    apart = next(c for c in _contracts() if c["type"] == "independence")

    assert apart["modules"] == sorted(folders)


def test_a_new_room_of_the_desk_has_to_be_given_its_place() -> None:
    rooms = next(c for c in _contracts() if c.get("containers") == ["bot"])

    assert rooms["exhaustive"] is True
