"""Bring the catalogues in step with the texts of the code: `make catalogues`.

New texts come in without a translation, texts that are gone leave, a text that changed keeps its
old translation beside it for whoever translates. Source files are named without lines, so that a
change of code is no change of a catalogue.
"""

import io
import sys
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.language.catalogue import FOLDER
from bot.language.languages import SOURCE, Language

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("bot",)
"""Where texts are said."""

KEYWORDS: Final = {
    "tr": None,
    "marked": None,
    "tr_parts": None,
    "tr_many": (1, 2),
    "tr_as": ((1, "c"), 2),
}


def texts_of_the_code() -> Catalog:
    """Every text that is said, with the files that say it."""
    found = Catalog(project="Threadline", charset="utf-8", fuzzy=False)
    for room in ROOMS:
        extracted = extract_from_dir(
            ROOT / room,
            method_map=[("**.py", "python")],
            keywords=KEYWORDS,
            comment_tags=("For translators:",),
        )
        for name, _line, message, comments, context in extracted:
            found.add(
                message, locations=[(f"{room}/{name}", 0)], auto_comments=comments, context=context
            )
    return found


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


def in_step(language: Language) -> Catalog:
    """The catalogue of `language` with exactly the texts of the code."""
    path = FOLDER / f"{language}.po"
    known = Catalog(locale=str(language))
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=str(language))
    known.update(texts_of_the_code(), no_fuzzy_matching=True, update_header_comment=False)
    return known


def main() -> int:
    """Write the files; 0."""
    for language in Language:
        if language is not SOURCE:
            (FOLDER / f"{language}.po").write_bytes(written(in_step(language)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
