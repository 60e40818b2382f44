"""`python -m tests.supply_chain advisories|licences|sbom`: see the Makefile."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.cli.console import say
from tests.supply_chain.locks import LICENCES, ROOT, RUN, licence_page

_BIN = Path(sys.executable).parent
PATIENCE = 120
SBOM = ROOT / "build" / "sbom.json"


def advisories() -> int:
    """Look for known holes in what is locked; 1 where one is known.

    Where the advisories cannot be reached nothing is proven: that is said, and is no failure.
    """
    try:
        ran = subprocess.run(
            [
                _BIN / "pip-audit", "--format=json", "--progress-spinner=off", "--disable-pip",
                "--require-hashes", f"--requirement={RUN}",
            ],
            capture_output=True, check=False, text=True, timeout=PATIENCE,
        )  # fmt: skip
        found: list[dict[str, Any]] = json.loads(ran.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        say("advisories: NOT CHECKED, they cannot be reached from here")
        return 0
    return verdict(found)


def verdict(found: list[dict[str, Any]]) -> int:
    """What the answer means. A package that was skipped was not found to be without a hole."""
    holes = [(each["name"], hole["id"]) for each in found for hole in each.get("vulns", ())]
    skipped = [each["name"] for each in found if "skip_reason" in each]
    for name, hole in holes:
        say(f"advisories: {name} has a known hole: {hole}")
    if found and len(skipped) == len(found):
        say("advisories: NOT CHECKED, they cannot be reached from here")
    elif skipped:
        say(f"advisories: not checked: {', '.join(skipped)}")
    if len(skipped) < len(found) and not holes:
        say(f"advisories: none known for {len(found) - len(skipped)} packages")
    return 1 if holes else 0


def licences() -> int:
    """Write the list of licences anew."""
    LICENCES.write_text(licence_page(), encoding="utf-8")
    return 0


def sbom() -> int:
    """Write a bill of materials (CycloneDX) of what is locked."""
    SBOM.parent.mkdir(exist_ok=True)
    return subprocess.run(
        [
            _BIN / "cyclonedx-py", "requirements", RUN, "--pyproject", ROOT / "pyproject.toml",
            "--output-reproducible", "--of", "JSON", "-o", SBOM,
        ],
        check=False,
    ).returncode  # fmt: skip


if __name__ == "__main__":
    jobs = {"advisories": advisories, "licences": licences, "sbom": sbom}
    sys.exit(jobs[sys.argv[1]]())
