"""Catalogues of a few texts, written by the tests that speak them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog

from bot.language import Language
from bot.language.collect import ROOT, extracted, written

Text = str | tuple[str, str]
"""An English text, or its two forms where it counts."""


def write_catalogue(
    folder: Path, language: Language, texts: Mapping[Text, Text], *, meaning: str | None = None
) -> Path:
    """The file of one language, with `texts` by their English."""
    found = Catalog(locale=str(language), charset="utf-8", fuzzy=False)
    for english, said in texts.items():
        found.add(english, said, context=meaning)
    path = folder / f"{language}.po"
    path.write_bytes(written(found))
    return path


def write_marked(folder: Path, languages: Iterable[Language], texts: Iterable[str]) -> None:
    """Catalogues in which every text is the English with the language in front: `[de] Claim`."""
    for language in languages:
        said: dict[Text, Text] = {text: f"[{language}] {text}" for text in texts}
        write_catalogue(folder, language, said)


def write_all_marked(folder: Path, languages: Iterable[Language]) -> None:
    """The same for every text that is drawn for Slack."""
    texts = extracted(ROOT / "bot" / "slack")
    for language in languages:
        found = Catalog(locale=str(language), charset="utf-8", fuzzy=False)
        for message in texts:
            if isinstance(message.id, str):
                said: str | tuple[str, ...] = f"[{language}] {message.id}"
            else:
                said = tuple(f"[{language}] {form}" for form in message.id)
            if message.id:
                found.add(message.id, said, context=message.context)
        (folder / f"{language}.po").write_bytes(written(found))
