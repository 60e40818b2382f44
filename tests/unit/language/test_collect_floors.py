"""Texts that agents read and that are made below the desk get into the catalogues, too."""

from pathlib import Path

from bot.language.collect import ROOT, extracted, texts_of_the_code
from connectors.manifest import read_manifest
from connectors.reply_guard import check_reply

CODE = """
from connectors.errors import Rejected
from sla_rules.worded import marked, worded, worded_as

_KEPT = marked("moved to {margin} before it")
worded("{left} left", left=1)
worded_as("a step", "closed")
raise Rejected("the answer is empty")
"""


def test_sentences_of_the_rules_and_refusals_of_a_channel_are_found(tmp_path: Path) -> None:
    (tmp_path / "words.py").write_text(CODE, encoding="utf-8")

    found = {(message.id, message.context) for message in extracted(tmp_path) if message.id}

    assert found == {
        ("moved to {margin} before it", None),
        ("{left} left", None),
        ("closed", "a step"),
        ("the answer is empty", None),
    }


def test_what_a_channels_policy_says_to_an_agent_is_among_the_texts() -> None:
    texts = texts_of_the_code()
    manifest = read_manifest(ROOT / "connectors" / "ebay" / "manifest.toml")

    found = check_reply("Write to shop@lamps.example or call +39 06 555 0123 " * 200, manifest)

    said = [getattr(one.text, "template", one.text) for one in found]
    assert "eBay forbids e-mail addresses in messages." in said
    assert [text for text in said if text not in texts and text != "{reason}."] == []
