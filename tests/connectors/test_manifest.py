"""A connector's data files: what contradicts itself is refused with a sentence."""

import tomllib
from pathlib import Path

import pytest

from connectors.manifest import ManifestError, read_manifest
from connectors.policy_words import word_set
from connectors.quality import read_quality
from connectors.registry import load_connectors
from tests.architecture.sources import ROOT

MANIFEST = """
key = "acme"
title = "Acme"
channel = "acme"
transport = "api"
summary = "A connector that a test wrote."
sdk_api = 1
"""
RULE = """
[[reply_rules]]
id = "acme.link"
level = "block"
check = "link"
text = "Acme allows no links."
source = "invented"
"""
QUALITY = 'level = "bronze"\nchecked = 2026-03-10\n[facts]\nunverified = ["Everything."]\n'
LANGUAGES = {"en", "it", "de", "fr", "es", "pl", "nl", "pt"}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("poll_floor_seconds = 60\npoll_default_seconds = 30\n", "below poll_floor_seconds"),
        (RULE + RULE, r"used twice: acme\.link"),
        ('docs = "http://acme.example"\n', "docs"),
        ('languages = ["english"]\n', "languages"),
        ('order_numbers = ["[0-9]+"]\n', "order_numbers"),
        ("[quota]\ncalls_per_day = 100\nreply_share = 1.0\n", "reply_share"),
        ("[capabilities]\nteleports = true\n", "teleports"),
        ('[limits.attachments]\ntypes = ["png"]\ncount = 1\nbytes_each = 1\n', "types"),
        (RULE.replace('check = "link"', 'check = "link"\nwords = ["swearing"]'), "words"),
    ],
)
def test_a_manifest_that_cannot_be_meant_is_refused(tmp_path: Path, more: str, why: str) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(MANIFEST + more)

    with pytest.raises(ManifestError, match=why):
        read_manifest(path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (QUALITY.replace("bronze", "platinum"), "level"),
        (QUALITY.replace("bronze", "gold"), "live_run"),
        ('live_run = "Anna, yesterday"\n' + QUALITY, "live_run"),
        (QUALITY + 'guessed = ["more"]\n', "guessed"),
        ("", "facts"),
    ],
)
def test_a_quality_that_says_more_than_is_known_is_refused(
    tmp_path: Path, text: str, why: str
) -> None:
    path = tmp_path / "quality.toml"
    path.write_text(text)

    with pytest.raises(ManifestError, match=why):
        read_quality(path)


@pytest.mark.parametrize("key", sorted(load_connectors().specs))
def test_every_connector_says_how_far_it_is_proven(key: str) -> None:
    quality = load_connectors().specs[key].quality

    assert quality is not None
    assert quality.facts.documented or quality.facts.seen or quality.facts.unverified


@pytest.mark.parametrize("name", ["off_platform", "other_payment", "marketing", "review_bias"])
def test_shared_wordings_are_there_in_every_language(name: str) -> None:
    tables = tomllib.loads((ROOT / "connectors" / "policy_words.toml").read_text(encoding="utf-8"))

    assert set(tables[name]) - {"any"} == LANGUAGES
    assert set(word_set(name)) == {
        phrase for phrases in tables[name].values() for phrase in phrases
    }
