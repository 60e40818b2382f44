import json
import re

import pytest

from tests.supply_chain.__main__ import SBOM, sbom, verdict
from tests.supply_chain.locks import (
    DEV,
    LICENCES,
    PERMISSIVE,
    ROOT,
    RUN,
    licence_page,
    licences_of,
    pins,
)


@pytest.mark.parametrize("package", sorted(pins(RUN)))
def test_everything_installed_is_under_a_permissive_licence(package: str) -> None:
    named = licences_of(package)

    assert named
    assert named <= PERMISSIVE


def test_the_list_of_licences_is_that_of_the_lock() -> None:
    assert LICENCES.read_text("utf-8") == licence_page(), "run `make licences`"


@pytest.mark.parametrize("file", [RUN, DEV], ids=lambda file: file.name)
def test_every_locked_package_has_a_hash_and_no_index_is_named(file) -> None:
    text = file.read_text("utf-8")
    entries = [each for each in re.split(r"\n(?=\S)", text) if each and not each.startswith("#")]

    assert len(entries) == len(pins(file))
    assert all("--hash=sha256:" in each for each in entries)
    assert "://" not in text


def test_what_runs_is_locked_alike_for_the_tests() -> None:
    dev = pins(DEV)

    assert {name: dev.get(name) for name in pins(RUN)} == pins(RUN)


@pytest.mark.parametrize(
    ("found", "code", "says"),
    [
        ([{"name": "a", "skip_reason": "not found"}], 0, "NOT CHECKED"),
        ([{"name": "a", "vulns": []}, {"name": "b", "skip_reason": "x"}], 0, "not checked: b"),
        ([{"name": "a", "vulns": []}], 0, "none known for 1"),
        ([{"name": "a", "vulns": [{"id": "CVE-1"}]}], 1, "a has a known hole: CVE-1"),
    ],
)
def test_advisories_that_were_not_read_are_not_called_none(found, code, says, capsys) -> None:
    assert verdict(found) == code
    assert says in capsys.readouterr().out


@pytest.mark.slow
def test_the_bill_of_materials_names_every_package() -> None:
    assert sbom() == 0

    told = json.loads(SBOM.read_text("utf-8"))
    assert {each["name"]: each["version"] for each in told["components"]} == pins(RUN)
    assert SBOM.is_relative_to(ROOT / "build")
