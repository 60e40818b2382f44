"""The sandbox against Slack's published descriptions; they are no part of this repository.

THREADLINE_SPECS names a folder with `slack/methods/*.json` and the manifest schema; without it these are skipped.
"""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sandbox.slack.manifest_default import default_manifest
from sandbox.slack.methods.registry import Method
from sandbox.slack.methods.table import METHODS

SPECS = os.environ.get("THREADLINE_SPECS")
pytestmark = pytest.mark.skipif(SPECS is None, reason="THREADLINE_SPECS names no folder")
TIERS = {"t1": 1, "t2": 2, "t3": 3, "t4": 4, "t5": 5}
# What the client's own documentation says, and the scraped description of a method leaves out.


def described(name: str) -> dict[str, Any]:
    path = Path(SPECS or "") / "slack" / "methods" / f"{name}.json"
    spec: dict[str, Any] = json.loads(path.read_text())
    return spec


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_error_is_a_documented_one(method: Method) -> None:
    assert method.errors <= set(described(method.name)["errors"])


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_scope_is_a_documented_one(method: Method) -> None:
    scopes = described(method.name).get("scope", {}).get("bot", [])

    assert method.scopes <= set(scopes)
    assert bool(method.scopes) == bool(scopes)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_tier_is_the_documented_one(method: Method) -> None:
    tier = described(method.name).get("rate_limits")

    assert tier is None or method.tier == TIERS[tier]


def test_the_default_manifest_is_valid() -> None:
    schema = json.loads((Path(SPECS or "") / "slack" / "manifest.schema.2.0.0.json").read_text())

    jsonschema.validate(default_manifest(), schema)
