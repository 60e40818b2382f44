"""Bring the catalogues in step with the texts of the code: `make catalogues`.

New texts come in without a translation, texts that are gone leave, a text that changed keeps its
old translation beside it for whoever translates. Source files are named without lines, so that a
change of code is no change of a catalogue.
"""

import io
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.language.catalogue import FOLDER
from bot.language.languages import SOURCE, Language

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("bot", "connectors", "sla_rules")
"""Where texts are said, or made that the desk says: by `worded`, or in a platform's refusal."""

NOT_SAID: Final = (("testing/**.py", "ignore"), ("scaffold/**.py", "ignore"))
"""Within any room: what nobody in Slack reads."""

KEYWORDS: Final = {
    "tr": None,
    "marked": None,
    "tr_parts": None,
    "tr_many": (1, 2),
    "tr_many_parts": (1, 2),
    "tr_as": ((1, "c"), 2),
    "worded": None,
    "worded_as": ((1, "c"), 2),
    "Rejected": None,
    "ReplyWindowClosed": None,
}


def texts_of_the_code() -> Catalog:
    """Every text that is said, with the files that say it."""
    found = extracted(*(ROOT / room for room in ROOMS))
    for path, text in texts_of_the_channels():
        found.add(text, locations=[(path, 0)])
    return found


def extracted(*rooms: Path) -> Catalog:
    """Every text that the code in these folders says."""
    found = Catalog(project="Threadline", charset="utf-8", fuzzy=False)
    for room in rooms:
        said = extract_from_dir(
            room,
            method_map=[*NOT_SAID, ("**.py", "python")],
            keywords=KEYWORDS,
            comment_tags=("For translators:",),
        )
        for name, _line, message, comments, context in said:
            place = f"{room.name}/{name}"
            found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return found


def texts_of_the_channels() -> Iterator[tuple[str, str]]:
    """What manifests say to an agent, in English: why a channel's policy minds an answer."""
    for path in sorted((ROOT / "connectors").glob("*/manifest.toml")):
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
        for rule in manifest.get("reply_rules", ()):
            yield path.relative_to(ROOT).as_posix(), rule["text"]


def written(found: Catalog) -> bytes:
    """The catalogue as its file holds it: no dates, no lines, in the order of the texts."""
    out = io.BytesIO()
    write_po(
        out,
        found,
        width=100,
        omit_header=True,
        include_lineno=False,
        ignore_obsolete=True,
        sort_output=True,
    )
    header = (
        'msgid ""',
        'msgstr ""',
        f'"Language: {found.locale}\\n"',
        f'"Plural-Forms: {found.plural_forms}\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        "",
        "",
    )
    return "\n".join(header).encode() + out.getvalue()


def in_step(language: Language, *, texts: Catalog, folder: Path = FOLDER) -> Catalog:
    """The catalogue of `language` with exactly these texts."""
    path = folder / f"{language}.po"
    known = Catalog(locale=str(language))
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=str(language))
    known.update(texts, no_fuzzy_matching=True, update_header_comment=False)
    return known


def main() -> int:
    """Write the files; 0."""
    texts = texts_of_the_code()
    for language in Language:
        if language is not SOURCE:
            (FOLDER / f"{language}.po").write_bytes(written(in_step(language, texts=texts)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
