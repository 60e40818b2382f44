"""The README says of each channel what its manifest and its quality file say."""

from pathlib import Path

import pytest

from connectors.matrix import matrix, written_into
from connectors.registry import load_connectors

ROOT = Path(__file__).parents[2]


def test_every_connector_of_ours_can_be_loaded():
    assert dict(load_connectors(group="").broken) == {}


def test_the_readme_has_the_table_of_channels_as_it_is_now():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert written_into(page, matrix(load_connectors(group=""))) == page, "run `make channels`"


def test_every_channel_says_how_far_it_is_proven_and_what_is_not():
    for spec in load_connectors(group="").specs.values():
        assert spec.quality is not None, spec.key
        assert spec.quality.facts.unverified, f"{spec.key} claims to know everything"
        readme = (spec.folder / "README.md").read_text(encoding="utf-8")
        assert "## Known gaps" in readme, spec.key


def test_a_page_without_the_marks_is_refused():
    with pytest.raises(ValueError, match="end of channels"):
        written_into("# A page", "| table |")
